"""Answers to what was sent: GİB's system responses, buyers' application responses, and our own."""
