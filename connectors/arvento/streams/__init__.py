"""What lands of Arvento, a module a subject."""
