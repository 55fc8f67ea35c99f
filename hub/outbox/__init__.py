"""The outbox: what the hub does to the world, each action once or left for a person, never twice by itself."""
