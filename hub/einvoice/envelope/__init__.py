"""Envelopes (zarf) of direct exchange with GİB: built and read so that the documents in them stay byte for byte."""
