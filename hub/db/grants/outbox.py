"""Grants of the outbox: actions, their attempts, and holds."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

_LEASE = ("state", "attempting", "lease", "leased_until", "next_look_at", "reason")

OUTBOX: dict[str, tuple[Grant, ...]] = {
    "hub.actions": (
        Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),
        # Leases across tenants: ids, state and due times, and nothing of what is to be done or for whom.
        Grant(
            "dispatcher",
            select=(
                "tenant_id",
                "action_id",
                "kind",
                "provider",
                "priority",
                "not_before",
                "expires_at",
                "decide_by",
                *_LEASE,
            ),
            update=_LEASE,
        ),
        Grant("janitor", select=("tenant_id", "action_id", "state", "settled_at", "decide_by")),
        Grant("platform", select=("tenant_id", "action_id", "kind", "provider", "state", "reason", "created_at")),
    ),
    "hub.action_attempts": (Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),),
    "hub.action_holds": (
        Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),
        Grant("dispatcher", select=("tenant_id", "provider", "held_until")),
    ),
}
"""Grants by table."""
