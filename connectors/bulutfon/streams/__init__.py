"""Bulutfon's streams: one file a noun, each declaring its fields once."""
