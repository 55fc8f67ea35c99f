"""How often a tenant, or a network that has not signed in, may ask: token buckets that all processes share."""
