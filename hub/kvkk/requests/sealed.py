"""What a request holds of the applicant in readable form, sealed under the tenant's key and bound to its row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.audit import Actor

Part = Literal["contact", "content", "answer", "handler_contact"]

PURPOSES: dict[Part, str] = {
    "contact": "request-contact",
    "content": "request-content",
    "answer": "request-answer",
    "handler_contact": "request-handler-contact",
}
"""What each sealed column (`<part>_cipher`) is bound to, beside tenant and request."""


def seal(keys: TenantKeys, request_id: UUID, part: Part, value: object) -> bytes:
    """A JSON value as the ciphertext of its column."""
    return keys.seal(PURPOSES[part], str(request_id), json.dumps(value, ensure_ascii=False).encode())


def unseal(keys: TenantKeys, request_id: UUID, part: Part, ciphertext: bytes) -> Any:
    """The value; HubError `ciphertext_invalid` for another row's or an altered one."""
    return json.loads(keys.open(PURPOSES[part], str(request_id), ciphertext))


def read_part(connection: Connection, keys: TenantKeys, request_id: UUID, part: Part) -> Any:
    """One part in a transaction of the tenant's scope, None if it is empty; whoever calls writes the audit entry."""
    from psycopg import sql

    row = connection.execute(
        sql.SQL("SELECT {} FROM hub.requests WHERE tenant_id = %s AND request_id = %s").format(
            sql.Identifier(f"{part}_cipher")
        ),
        (keys.tenant_id, request_id),
    ).fetchone()
    if row is None:
        raise HubError("request_unknown", request=str(request_id))
    return None if row[0] is None else unseal(keys, request_id, part, bytes(row[0]))


def reveal(
    database: Database, keyring: Keyring, tenant_id: str, request_id: UUID, parts: tuple[Part, ...], *, actor: Actor
) -> dict[Part, Any]:
    """The parts in clear, for the person who handles the request; the reading is in the audit log."""
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        found: dict[Part, Any] = {part: read_part(connection, keys, request_id, part) for part in parts}
        audit.append(
            connection,
            tenant_id,
            audit.Entry(
                actor,
                "request.read",
                f"request:{request_id}",
                purpose="answer_request",
                legal_basis="legal_obligation",
                count=len(found),
                request_id=request_id,
                details={"parts": sorted(parts)},
            ),
        )
    return found
