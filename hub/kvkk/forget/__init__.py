"""Forgetting a tenant: everything of it out of every store, with a receipt that proves what went."""
