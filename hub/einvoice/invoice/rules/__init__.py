"""What the tax office's rules demand, said before anything is built, with the field's path and the fix."""
