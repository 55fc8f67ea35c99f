"""What statutes keep of erased people, as people may see it: a list without values, and one record for a purpose.

The person's own key is gone and nothing leads from the person to what is kept, so a record is named by its stream and
key, as the list shows them. Whoever may reveal a value (hub/kvkk/reveal.py) may read one of these, under the same
hourly limit; every attempt is in the audit log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hub.errors import HubError
from hub.kvkk.erasure.withheld import SEALED_FOR, identity_of
from hub.kvkk.reveal import ask_leave

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.reveal import Stated


@dataclass(frozen=True)
class Withheld:
    """One value that is kept, by where it stood (`<provider>.<stream>`, the row's key, the column), and why.

    It is destroyed by the first retention run on or after `due_on`.
    """

    stream: str
    record: str
    column: str
    category: str
    article: str
    withheld_at: datetime
    due_on: date
    erasure_id: UUID


class OpenedValue(NamedTuple):
    """One value in clear. Its `repr` hides it."""

    column: str
    value: str
    erasure_id: UUID

    def __repr__(self) -> str:
        return f"OpenedValue(column={self.column!r})"


Place = tuple["date", str, str, str, "UUID"]
"""Where a value stands in the list: due on, stream, record, column, erasure."""


def listed(
    database: Database,
    tenant_id: str,
    *,
    stream: str | None = None,
    after: Place | None = None,
    limit: int | None = None,
) -> list[Withheld]:
    """What is kept, the first that is due ahead; of one stream if that is given. At most `limit` behind `after`."""
    due_on, of_stream, record, column, erasure_id = after or (None, None, None, None, None)
    with database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            "SELECT stream, row_key, column_name, category, article, withheld_at, due_on, erasure_id"
            " FROM vault.withheld WHERE tenant_id = %(tenant)s AND (%(stream)s::text IS NULL OR stream = %(stream)s)"
            " AND (%(due)s::date IS NULL OR (due_on, stream, row_key, column_name, erasure_id)"
            " > (%(due)s, %(of_stream)s, %(record)s, %(column)s, %(erasure)s::uuid))"
            " ORDER BY due_on, stream, row_key, column_name, erasure_id LIMIT %(limit)s",
            {
                "tenant": tenant_id,
                "stream": stream,
                "due": due_on,
                "of_stream": of_stream,
                "record": record,
                "column": column,
                "erasure": erasure_id,
                "limit": limit,
            },
        ).fetchall()
    return [Withheld(*row) for row in rows]


def read(
    database: Database, keyring: Keyring, tenant_id: str, stream: str, record: str, stated: Stated
) -> list[OpenedValue]:
    """What is kept of one record, by column.

    HubError `reveal_not_permitted`, `reveal_too_often`, `withheld_nothing`; `ciphertext_invalid` if what is kept was
    tampered with.
    """
    with database.tenant(tenant_id, "vault") as connection:
        known = bool(_sealed(connection, tenant_id, stream, record))
    # What somebody typed and nothing is kept of may be anything, a name too: the log keeps it for ever.
    about = f"vault.withheld/{stream}/{record}" if known else "vault.withheld"
    ask_leave(database, tenant_id, "withheld_read", about, stated, legal_basis="law")
    with database.tenant(tenant_id, "vault") as connection:
        rows = _sealed(connection, tenant_id, stream, record)
    if not rows:
        raise HubError("withheld_nothing")
    keys = keyring.tenant(tenant_id)
    return [
        OpenedValue(column, keys.open(SEALED_FOR, identity_of(stream, record, column), sealed).decode(), erasure_id)
        for column, sealed, erasure_id in rows
    ]


def _sealed(connection: Connection, tenant_id: str, stream: str, record: str) -> list[tuple[str, bytes, UUID]]:
    rows = connection.execute(
        "SELECT column_name, ciphertext, erasure_id FROM vault.withheld"
        " WHERE tenant_id = %s AND stream = %s AND row_key = %s ORDER BY column_name, withheld_at",
        (tenant_id, stream, record),
    )
    return [(column, bytes(sealed), erasure_id) for column, sealed, erasure_id in rows]
