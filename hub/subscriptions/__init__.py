"""Webhooks out: tenants' own programs are told what happened, signed, until they have taken it in."""
