"""Grants of messages to people: templates, opt-outs, and what İYS says."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

MESSAGING: dict[str, tuple[Grant, ...]] = {
    # A text that was sent by stays as it was: it is retired, never changed.
    "hub.message_templates": (Grant("app", select=ALL, insert=ALL, update=("retired_at",)),),
    "hub.opt_outs": (Grant("app", select=ALL, insert=ALL, update=("scope", "source", "recorded_at"), delete=True),),
    "hub.iys_states": (Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),),
    "hub.iys_pushes": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "recipient",
                "recipient_kind",
                "state",
                "submission",
                "position",
                "submitted_at",
                "settled_at",
                "alarmed_at",
                "code",
            ),
            delete=True,
        ),
    ),
    "hub.iys_runs": (
        Grant("app", select=ALL, insert=ALL, update=ALL),
        Grant("scheduler", select=("tenant_id", "next_at")),
        Grant("platform", select=("tenant_id", "ran_at", "pulled_at", "reconciled_at", "failure_code")),
    ),
}
"""Grants by table."""
