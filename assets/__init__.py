"""Dagster assets and checks, made by one factory from the declared streams."""
