"""Grants of the webhooks that go out: subscriptions, what happened, and its deliveries."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

SUBSCRIPTIONS: dict[str, tuple[Grant, ...]] = {
    "hub.subscriptions": (
        Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),
        Grant("dispatcher", select=("tenant_id", "subscription_id", "state", "rests_until", "failing_since")),
    ),
    # What happened stays as it was told.
    "hub.tenant_events": (
        Grant("app", select=ALL, insert=ALL, delete=True),
        Grant("janitor", select=("tenant_id", "occurred_at")),
    ),
    "hub.deliveries": (
        Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),
        # Leases across tenants: ids and due times, and nothing of what is told or to whom.
        Grant(
            "dispatcher",
            select=("tenant_id", "subscription_id", "event_id", "state", "next_try_at", "lease", "created_at"),
            update=("next_try_at", "lease"),
        ),
    ),
}
"""Grants by table."""
