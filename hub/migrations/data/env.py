"""Alembic runs inside the transaction that hub/migrations/runner.py holds, so tables never stand without security."""

from hub.migrations.runner import run_inside

run_inside()
