"""The databases: who may connect, how, and to what."""
