"""The outbox: what the hub does to the world, done once."""
