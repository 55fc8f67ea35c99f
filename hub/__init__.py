"""The core: settings, database and scopes, keys, vault, sync engine, command line and Dagster definitions."""
