"""Backups and restores: data, keys and Dagster apart, and an erasure log that a restored database follows first."""
