"""The tax office's code lists, as the installed rules carry them, so that list and rule cannot drift apart."""
