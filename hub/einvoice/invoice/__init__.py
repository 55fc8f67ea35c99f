"""The typed invoice: what it is made of, how it is read, and what makes it right."""
