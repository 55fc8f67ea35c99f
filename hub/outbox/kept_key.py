"""What is left of an idempotency key when its action is emptied: enough to know it again, and nothing to read.

A key may name somebody whatever its caller was told. An erasure that merely overwrote it would let the same request be
queued anew, and so be done twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, LiteralString

    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys


def kept(keys: TenantKeys, idempotency_key: str) -> str:
    """The keyed hash under which an emptied action is found: 71 characters, the same for the same tenant and key."""
    return "erased:" + keys.keyed_hash("action-idempotency-key", idempotency_key.encode()).hex()


def empty(connection: Connection, keys: TenantKeys, where: LiteralString, given: Mapping[str, Any]) -> int:
    """Take payload, recipient, the provider's names and the clear key from a tenant's actions. How many.

    `where` (with `given`) chooses among those that name a recipient still, so that no key is hashed twice.
    """
    statement = (
        "SELECT action_id, idempotency_key FROM hub.actions"  # noqa: S608 - our own texts
        " WHERE tenant_id = %(tenant)s AND recipient IS NOT NULL AND (" + where + ") ORDER BY action_id FOR UPDATE"
    )
    rows = connection.execute(statement, given).fetchall()
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE hub.actions SET payload_cipher = ''::bytea, private_cipher = NULL, recipient = NULL,"
            " provider_mark = NULL, idempotency_key = %s WHERE tenant_id = %s AND action_id = %s",
            [(kept(keys, key), keys.tenant_id, action_id) for action_id, key in rows],
        )
    return len(rows)
