"""A tenant's templates part by part: the newest version in use of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.templates.store import COLUMNS, Template

if TYPE_CHECKING:
    from hub.db.database import Database


def page(database: Database, tenant_id: str, *, after: tuple[str, str] | None, limit: int) -> list[Template]:
    """At most `limit` of them by name and language, behind the pair `after`."""
    name, language = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT DISTINCT ON (name, language) {COLUMNS} FROM hub.message_templates"  # noqa: S608 - our own names
            " WHERE tenant_id = %(tenant)s AND retired_at IS NULL"
            " AND (%(name)s::text IS NULL OR (name, language) > (%(name)s, %(language)s::text))"
            " ORDER BY name, language, version DESC LIMIT %(limit)s",
            {"tenant": tenant_id, "name": name, "language": language, "limit": limit},
        ).fetchall()
    return [Template(*row) for row in rows]
