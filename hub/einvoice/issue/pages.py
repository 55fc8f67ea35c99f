"""A tenant's issued documents part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.einvoice.issue.archive import COLUMNS, Document

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from hub.db.database import Database


def page(
    database: Database,
    tenant_id: str,
    *,
    states: Collection[str] | None,
    kind: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Document]:
    """At most `limit` documents, newest first, behind the one issued at `after`."""
    moment, document_id = after or (None, None)
    given = {
        "tenant": tenant_id,
        "states": None if states is None else list(states),
        "kind": kind,
        "moment": moment,
        "document": document_id,
        "limit": limit,
    }
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM hub.documents WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own names
            " AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))"
            " AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
            " AND (%(moment)s::timestamptz IS NULL OR (issued_at, document_id) < (%(moment)s, %(document)s::uuid))"
            " ORDER BY issued_at DESC, document_id DESC LIMIT %(limit)s",
            given,
        ).fetchall()
    return [Document(*row) for row in rows]
