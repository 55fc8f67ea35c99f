"""How each stream is read from either interface."""
