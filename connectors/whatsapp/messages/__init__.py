"""What can be said on WhatsApp: each module checks one kind of payload and words it as Meta wants it."""
