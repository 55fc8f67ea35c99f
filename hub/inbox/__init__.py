"""The inbox: what providers tell us is stored before we say that we have it, and takes effect once."""
