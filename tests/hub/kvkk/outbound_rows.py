"""Rows of actions and invoices as old as a test wants them, with nothing in them that could be opened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from hub.db.database import Database


def action(database: Database, tenant_id: str, state: str, at: datetime, **columns: Any) -> UUID:
    """An action that came to stand there at that moment, with an attempt."""
    action_id = uuid4()
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "action_id": action_id,
        "kind": "netgsm.sms",
        "provider": "netgsm",
        "idempotency_key": f"key-{action_id}",
        "request_mark": b"mark",
        "state": state,
        "payload_cipher": b"sealed",
        "private_cipher": b"sealed",
        "provider_mark": b"mark",
        "created_by": "test",
        "accepted_at": at if state in {"accepted", "delivered"} else None,
        "settled_at": at if state in {"delivered", "failed", "dead"} else None,
        **columns,
    }
    with database.tenant(tenant_id, "app") as connection:
        _insert(connection, "hub.actions", values)
        attempt = {"tenant_id": tenant_id, "action_id": action_id, "attempt": 1, "lease": uuid4()}
        _insert(connection, "hub.action_attempts", attempt)
    return action_id


def document(database: Database, tenant_id: str, *, kept_until: date, **columns: Any) -> UUID:
    """An issued invoice."""
    document_id = uuid4()
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "document_id": document_id,
        "ettn": uuid4(),
        "idempotency_key": str(document_id),
        "request_mark": b"mark",
        "number": str(document_id)[:16],
        "series": "ARS",
        "year": 2026,
        "counter": int(document_id.int % 1_000_000_000),
        "kind": "earchive",
        "profile": "EARSIVFATURA",
        "type": "SATIS",
        "issue_date": date(2026, 1, 1),
        "currency": "TRY",
        "payable": 1,
        "sealed_here": False,
        "sha256": b"hash",
        "bytes": 1,
        "key_cipher": b"sealed",
        "content": b"sealed",
        "issued_by": "test",
        "kept_until": kept_until,
        **columns,
    }
    with database.tenant(tenant_id, "app") as connection:
        _insert(connection, "hub.documents", values)
    return document_id


def _insert(connection: Any, table: str, values: dict[str, Any]) -> None:
    connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})",  # noqa: S608 - our own words
        list(values.values()),
    )
