"""Grants of the inbox: events, the addresses that are called, conversations."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

INBOX: dict[str, tuple[Grant, ...]] = {
    "hub.inbox_events": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=("state", "attempts", "next_try_at", "reason", "handled_at"),
            delete=True,
        ),
        Grant("dispatcher", select=("tenant_id", "state", "next_try_at")),
        Grant("platform", select=("tenant_id", "provider", "state", "received_at")),
    ),
    # Who an address belongs to never changes: another one is made, and this one ends.
    "hub.webhook_endpoints": (
        Grant("app", select=ALL, insert=ALL, update=("valid_until",), delete=True),
        Grant("resolver", select=("tenant_id", "provider", "secret_hash", "valid_until")),
    ),
    "hub.conversations": (Grant("app", select=ALL, insert=ALL, update=("last_incoming_at",), delete=True),),
}
"""Grants by table."""
