"""Whether a message may go out to somebody now."""
