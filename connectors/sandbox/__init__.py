"""Stand-ins for the providers: one ASGI app on loopback that answers as the spec sheets say, with invented data."""
