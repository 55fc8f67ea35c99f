"""The sync of a batch of tenants: plan windows, fetch, gate, load, record."""
