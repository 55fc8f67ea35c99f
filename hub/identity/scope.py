"""The id under which the platform's own people, keys and mails stand in the tables of tenants."""

from __future__ import annotations

PLATFORM_SCOPE = "tplatform222"
"""The platform's own people and keys stand in the same tables as tenants' under this id, which is no tenant's: it is
in no directory, has no data, and row-level security keeps it apart as it keeps tenants apart. What is done in it is
entered in the platform's audit log (hub/kvkk/audit.py)."""
