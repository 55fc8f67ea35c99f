"""Grants of invoices: series, seals, documents."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

INVOICES: dict[str, tuple[Grant, ...]] = {
    # No DELETE: a series that was used stays, and so does every document until its statutory time is over.
    "hub.invoice_series": (Grant("app", select=ALL, insert=ALL, update=("next_number", "last_issue_date", "owner")),),
    "hub.invoice_seals": (Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),),
    "hub.documents": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=("state", "reason", "facts", "action_id", "key_cipher", "buyer", "buyer_kind"),
        ),
        Grant("eraser", select=("tenant_id", "document_id", "kept_until"), delete=True),
        Grant("janitor", select=("tenant_id", "document_id", "kept_until")),
        Grant("platform", select=("tenant_id", "document_id", "kind", "state", "issued_at")),
    ),
}
"""Grants by table."""
