"""A tenant's actions part by part: whoever sends a hundred thousand messages reads them in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.outbox.listing import COLUMNS, Listed

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from hub.db.database import Database


@dataclass(frozen=True)
class Wanted:
    """Which actions; what is None chooses nothing. `about` is `document:<id>` and its like."""

    states: Collection[str] | None = None
    kind: str | None = None
    provider: str | None = None
    about: str | None = None
    batch_id: UUID | None = None


def page(
    database: Database, tenant_id: str, wanted: Wanted, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Listed]:
    """At most `limit` of them, newest first, behind the action that was asked for at `after`."""
    moment, action_id = after or (None, None)
    given = {
        "tenant": tenant_id,
        "states": None if wanted.states is None else list(wanted.states),
        "kind": wanted.kind,
        "provider": wanted.provider,
        "about": wanted.about,
        "batch": wanted.batch_id,
        "moment": moment,
        "action": action_id,
        "limit": limit,
    }
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM hub.actions WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own names
            " AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))"
            " AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
            " AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
            " AND (%(about)s::text IS NULL OR about = %(about)s)"
            " AND (%(batch)s::uuid IS NULL OR batch_id = %(batch)s)"
            " AND (%(moment)s::timestamptz IS NULL OR (created_at, action_id) < (%(moment)s, %(action)s::uuid))"
            " ORDER BY created_at DESC, action_id DESC LIMIT %(limit)s",
            given,
        ).fetchall()
    return [Listed(*row) for row in rows]
