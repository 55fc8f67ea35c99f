"""The signed bytes, kept unchanged with their hash for as long as statutes ask (VUK 253: 5 years, TTK 82: 10 years).

Each document has a key of its own, wrapped under the tenant's. Reading one proves that it is what was signed.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import HubError
from hub.keys.envelope import KEY_BYTES, seal, unseal

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import TenantKeys

PURPOSE = "document-key"
KEPT_YEARS = 10
"""After the end of the year of issue: the longer of the two statutes."""


@dataclass(frozen=True)
class Document:
    """An issued document without its content. `buyer` is a pseudonym."""

    document_id: UUID
    ettn: UUID
    number: str
    kind: str
    profile: str
    type: str
    issue_date: date
    state: str
    reason: str | None
    facts: Mapping[str, Any]
    currency: str
    payable: Decimal
    sealed_here: bool
    sha256: str
    bytes: int
    action_id: UUID | None
    issued_by: str
    issued_at: datetime
    kept_until: date
    provider_code: str | None
    """The integrator's own short code of why its delivery failed."""


STATES = ("issued", "sent", "delivered", "refused", "void", "cancelled")

COLUMNS = (
    "document_id, ettn, number, kind, profile, type, issue_date, state, reason, facts, currency, payable, sealed_here,"
    " encode(sha256, 'hex'), bytes, action_id, issued_by, issued_at, kept_until,"
    " (SELECT a.failure_provider_code FROM hub.actions a"
    " WHERE a.tenant_id = documents.tenant_id AND a.action_id = documents.action_id)"
)


def kept_until(issued: date) -> date:
    """The first day on which a document need not be kept any more."""
    return date(issued.year + 1 + KEPT_YEARS, 1, 1)


def sealed(keys: TenantKeys, document_id: UUID, content: bytes) -> tuple[bytes, bytes]:
    """The wrapped key and the ciphertext of a document."""
    key = os.urandom(KEY_BYTES)
    return keys.seal(PURPOSE, str(document_id), key), seal(AESGCM(key), _bound(keys, document_id), content)


def content(connection: Connection, keys: TenantKeys, document_id: UUID) -> bytes:
    """The bytes as they were signed. HubError `einvoice_document_unknown`, `einvoice_document_altered`."""
    row = connection.execute(
        "SELECT key_cipher, content, sha256 FROM hub.documents WHERE tenant_id = %s AND document_id = %s",
        (keys.tenant_id, document_id),
    ).fetchone()
    if row is None:
        raise HubError("einvoice_document_unknown", document=str(document_id))
    key = keys.open(PURPOSE, str(document_id), bytes(row[0]))
    clear = unseal(AESGCM(key), _bound(keys, document_id), bytes(row[1]))
    if hashlib.sha256(clear).digest() != bytes(row[2]):
        raise HubError("einvoice_document_altered", document=str(document_id))
    return clear


def attach(connection: Connection, keys: TenantKeys, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """A payload that names a document, with its bytes: for the moment of sending alone.

    HubError `einvoice_document_cannot` for one that was declared void: its number is used, and it goes out no more.
    """
    document = find(connection, keys.tenant_id, str(payload["document_id"]))
    if document.state == "void":
        raise HubError("einvoice_document_cannot", document=document.number, state=document.state)
    clear = content(connection, keys, document.document_id)
    return {**payload, "xml_base64": base64.b64encode(clear).decode()}


def listed(database: Database, tenant_id: str, *, state: str | None = None, most: int = 100) -> list[Document]:
    """Newest first."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM hub.documents WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own names
            " AND (%(state)s::text IS NULL OR state = %(state)s) ORDER BY issued_at DESC, number DESC LIMIT %(most)s",
            {"tenant": tenant_id, "state": state, "most": most},
        ).fetchall()
    return [Document(*row) for row in rows]


def find(connection: Connection, tenant_id: str, reference: str) -> Document:
    """One document by id, ETTN or number, in the caller's transaction. HubError `einvoice_document_unknown`."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM hub.documents WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own names
        " AND (document_id::text = lower(%(it)s) OR ettn::text = lower(%(it)s) OR number = %(it)s)",
        {"tenant": tenant_id, "it": reference},
    ).fetchone()
    if row is None:
        raise HubError("einvoice_document_unknown", document=reference if len(reference) <= 36 else "-")
    return Document(*row)


@dataclass(frozen=True)
class Order:
    """An action about a document: its delivery, a cancellation."""

    kind: str
    state: str
    reason: str | None
    asked_at: datetime
    provider_code: str | None


def orders(connection: Connection, tenant_id: str, document: Document) -> list[Order]:
    """What was asked for with a document, oldest first, in the caller's transaction."""
    rows = connection.execute(
        "SELECT kind, state, reason, created_at, failure_provider_code FROM hub.actions"
        " WHERE tenant_id = %s AND about = %s ORDER BY created_at, kind",
        (tenant_id, f"document:{document.document_id}"),
    ).fetchall()
    return [Order(*row) for row in rows]


def _bound(keys: TenantKeys, document_id: UUID) -> str:
    return f"document|{keys.tenant_id}|{document_id}"
