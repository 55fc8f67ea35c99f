"""Message templates of a tenant: checked when they are saved, filled when a message is asked for, never at sending."""
