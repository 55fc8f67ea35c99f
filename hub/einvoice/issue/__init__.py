"""Issuing: a typed invoice gets its number, seal and place in the archive in one step, and is queued for delivery."""
