"""The key hierarchy and what is sealed under it."""
