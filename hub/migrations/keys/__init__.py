"""Alembic tree of the keys cluster."""
