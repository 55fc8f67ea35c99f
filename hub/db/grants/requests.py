"""Grants of the request desk: audit log, requests, exports, destruction, breaches."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

REQUESTS: dict[str, tuple[Grant, ...]] = {
    # No UPDATE and no DELETE: an entry stays as it was written.
    "hub.audit_log": (
        Grant("app", select=ALL, insert=ALL),
        # Heads only: numbers and hashes, which are signed and exported for all tenants at once.
        Grant("platform", select=("tenant_id", "seq", "hash")),
    ),
    "hub.requests": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "state",
                "outcome",
                "contact_cipher",
                "content_cipher",
                "identity_confirmed_at",
                "due_at",
                "warned_days",
                "handler",
                "handler_contact_cipher",
                "identity_method",
                "refusal_code",
                "refusal_article",
                "destruction_due",
                "answer_cipher",
                "fee",
                "answered_at",
                "closed_at",
                "work_state",
                "work_run_id",
                "work_code",
            ),
        ),
        Grant("dispatcher", select=("tenant_id", "request_id", "type", "state", "due_at", "work_state")),
        Grant("janitor", select=("tenant_id", "request_id", "state", "due_at", "warned_days", "closed_at")),
        Grant(
            "platform",
            select=("tenant_id", "request_id", "type", "state", "outcome", "received_at", "due_at", "answered_at"),
        ),
    ),
    "hub.request_events": (Grant("app", select=ALL, insert=ALL),),
    "hub.request_identifiers": (Grant("app", select=ALL, insert=ALL, update=("verified",), delete=True),),
    "hub.request_subjects": (
        Grant("app", select=ALL, insert=ALL, update=("decision", "decided_by", "decided_at", "reason"), delete=True),
    ),
    "hub.exports": (
        Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),
        Grant("janitor", select=("tenant_id", "export_id", "state", "link_expires_at", "created_at")),
        Grant("resolver", select=("tenant_id", "export_id", "link_hash")),
    ),
    "hub.mails": (
        Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),
        Grant("dispatcher", select=("tenant_id", "mail_id", "state", "next_try_at")),
    ),
    "hub.legal_holds": (
        Grant("app", select=ALL, insert=ALL, update=("released_by", "released_at")),
        Grant("janitor", select=("tenant_id", "hold_id", "held_until", "released_at")),
    ),
    # The loader asks it before rows land, so that an erased person does not come back.
    "hub.suppressions": (
        Grant("app", select=ALL, insert=ALL, update=("renewed_at",), delete=True),
        Grant("loader", select=ALL),
    ),
    # No UPDATE and no DELETE: kept at least three years (By-Law on erasure, art. 7/3).
    "hub.destructions": (Grant("app", select=ALL, insert=ALL),),
    "hub.erasures": (
        Grant("app", select=ALL, insert=ALL, update=("state", "stores_done", "destroyed", "finished_at")),
        Grant("dispatcher", select=("tenant_id", "erasure_id", "state", "started_at")),
    ),
    "hub.breaches": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "state",
                "began_at",
                "ended_at",
                "form_cipher",
                "escalated_hours",
                "board_notified_at",
                "persons_notified_at",
                "closed_at",
            ),
        ),
        Grant("janitor", select=("tenant_id", "breach_id", "state", "learned_at", "board_due_at", "escalated_hours")),
        Grant(
            "platform", select=("tenant_id", "breach_id", "state", "learned_at", "board_due_at", "board_notified_at")
        ),
    ),
    "hub.breach_events": (Grant("app", select=ALL, insert=ALL),),
    "hub.erasure_checks": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=("state", "datasets", "examined_at", "settled_at", "settled_by", "settled_reason"),
        ),
        Grant("eraser", select=ALL, delete=True),
        Grant("janitor", select=("tenant_id", "consent_id", "state")),
    ),
    "hub.breach_subjects": (Grant("app", select=ALL, insert=ALL, update=("told_at", "evidence_ref")),),
}
"""Grants by table."""
