"""Keeping an issued invoice: its row in the archive and the order to deliver it, in the transaction that numbers it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from hub.einvoice.arithmetic.totals import sums
from hub.einvoice.issue import archive, series
from hub.outbox.enqueue import NewAction, enqueue

if TYPE_CHECKING:
    from hub.db.database import Connection
    from hub.einvoice.issue.issuing import Ready


def keep(
    connection: Connection, found: Ready, held: series.Series, document: bytes, *, sealed_here: bool, issued_by: str
) -> UUID:
    """Store a document under the held series' next number and queue its delivery. The document's id."""
    document_id, tenant_id = uuid4(), found.keys.tenant_id
    _insert(connection, found, held, document_id, document, sealed_here=sealed_here, issued_by=issued_by)
    delivery = _delivery(found, series.number(held.series, held.year, held.next_number), document_id)
    queued = enqueue(connection, found.keys, delivery, created_by=issued_by)
    connection.execute(
        "UPDATE hub.documents SET action_id = %s WHERE tenant_id = %s AND document_id = %s",
        (queued.action_id, tenant_id, document_id),
    )
    return document_id


def _delivery(found: Ready, number: str, document_id: UUID) -> NewAction:
    way = found.way
    payload: dict[str, Any] = {
        "document_id": str(document_id),
        "ettn": str(found.ettn),
        "kind": way.kind,
        "number": number,
    }
    if way.alias is not None:
        payload["alias"] = way.alias
    if way.kind == "earchive":
        payload["delivery"] = "paper" if found.asked.paper else "electronic"
    return NewAction(
        kind=f"{found.profile.integrator}.{way.kind}",
        idempotency_key=f"document:{document_id}",
        payload=payload,
        about=f"document:{document_id}",
        priority=3,
    )


def _insert(
    connection: Connection,
    found: Ready,
    held: series.Series,
    document_id: UUID,
    document: bytes,
    *,
    sealed_here: bool,
    issued_by: str,
) -> None:
    keys, invoice, way = found.keys, found.invoice, found.way
    wrapped, ciphertext = archive.sealed(keys, document_id, document)
    kind = "tckn" if invoice.customer.scheme == "TCKN" else "vkn"
    connection.execute(
        "INSERT INTO hub.documents (tenant_id, document_id, ettn, idempotency_key, request_mark, number, series, year,"
        " counter, kind, profile, type, issue_date, buyer_kind, buyer, currency, payable, sealed_here, sha256, bytes,"
        " key_cipher, content, issued_by, kept_until, facts)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            keys.tenant_id,
            document_id,
            found.ettn,
            found.asked.idempotency_key,
            found.mark,
            series.number(held.series, held.year, held.next_number),
            held.series,
            held.year,
            held.next_number,
            way.kind,
            invoice.profile,
            invoice.type,
            invoice.issue_date,
            kind,
            keys.pseudonymiser().one(kind, invoice.customer.identity),
            invoice.currency,
            sums(invoice).payable,
            sealed_here,
            hashlib.sha256(document).digest(),
            len(document),
            wrapped,
            ciphertext,
            issued_by,
            archive.kept_until(invoice.issue_date),
            json.dumps({"looked_up_at": way.looked_up_at.isoformat()} if way.looked_up_at else {}),
        ),
    )
