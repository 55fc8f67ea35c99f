"""The Service API: JSON over REST, with one living session an account."""
