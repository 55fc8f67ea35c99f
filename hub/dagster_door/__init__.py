"""Dagster's webserver has no login and shows every tenant: this door, behind the hub's sign-in, is the way to it."""
