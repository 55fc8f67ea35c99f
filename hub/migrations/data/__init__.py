"""Alembic tree of the data cluster."""
