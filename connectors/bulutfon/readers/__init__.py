"""How each stream's pages are asked for."""
