"""Dagster: its home, partitions, processes and log."""
