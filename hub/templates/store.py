"""A tenant's templates by name, language and version. A version never changes: a new text is a new version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor
    from hub.templates.new_template import Kind, Language, NewTemplate

COLUMNS = "name, language, version, channel, kind, purpose, text, variables, created_by, created_at, retired_at"


@dataclass(frozen=True)
class Template:
    """One version of a template."""

    name: str
    language: Language
    version: int
    channel: str
    kind: Kind
    purpose: str | None
    text: str
    variables: Mapping[str, str]
    created_by: str
    created_at: datetime
    retired_at: datetime | None


class Nature(NamedTuple):
    """What the law asks of a template's messages."""

    commercial: bool
    purpose: str | None


def add(database: Database, tenant_id: str, new: NewTemplate, *, actor: Actor = audit.SYSTEM) -> Template:
    """Store the next version; the earlier ones stay usable by their number until they are retired."""
    from psycopg.types.json import Jsonb

    values: dict[str, Any] = {
        "tenant": tenant_id,
        "name": new.name,
        "language": new.language,
        "channel": new.channel,
        "kind": new.kind,
        "purpose": new.purpose,
        "text": new.text,
        "variables": Jsonb(dict(new.variables)),
        "by": actor.name,
    }
    with database.tenant(tenant_id, "app") as connection:
        # The tenant's row is the lock under which versions are counted.
        connection.execute("SELECT 1 FROM hub.tenants WHERE tenant_id = %s FOR NO KEY UPDATE", (tenant_id,))
        row = connection.execute(
            "INSERT INTO hub.message_templates (tenant_id, name, language, version, channel, kind, purpose, text,"  # noqa: S608 - our own names
            " variables, created_by) SELECT %(tenant)s, %(name)s, %(language)s, coalesce(max(version), 0) + 1,"
            " %(channel)s, %(kind)s, %(purpose)s, %(text)s, %(variables)s, %(by)s FROM hub.message_templates"
            " WHERE tenant_id = %(tenant)s AND name = %(name)s AND language = %(language)s"
            f" RETURNING {COLUMNS}",
            values,
        ).fetchone()
        if row is None:  # an aggregate always gives one
            raise HubError("tenant_unknown", tenant=tenant_id)
        added = Template(*row)
        details = {"version": added.version, "language": added.language, "kind": added.kind}
        audit.append(
            connection, tenant_id, audit.Entry(actor, "template.added", f"template:{new.name}", details=details)
        )
    return added


def listed(database: Database, tenant_id: str, *, everything: bool = False) -> list[Template]:
    """The newest version of each that is in use, or `everything`."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM hub.message_templates WHERE tenant_id = %s"  # noqa: S608 - our own names
            " AND (%s OR retired_at IS NULL) ORDER BY name, language, version DESC",
            (tenant_id, everything),
        ).fetchall()
    found = [Template(*row) for row in rows]
    if everything:
        return found
    newest: dict[tuple[str, str], Template] = {}
    for each in found:
        newest.setdefault((each.name, each.language), each)
    return list(newest.values())


def find(
    database: Database,
    tenant_id: str,
    name: str,
    *,
    language: str = "tr",
    version: int | None = None,
    retired: bool = False,
) -> Template:
    """A version, or the newest that is in use. HubError `template_unknown`, `template_retired`.

    With `retired`, for who only looks: the newest of all where none is in use.
    """
    with database.tenant(tenant_id, "app") as connection:
        return _find(connection, tenant_id, name, language, version, retired=retired)


def retire(
    database: Database,
    tenant_id: str,
    name: str,
    *,
    language: str = "tr",
    version: int | None = None,
    actor: Actor = audit.SYSTEM,
) -> int:
    """Let nothing more be sent by a version, or by any; how many went out of use. HubError `template_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        count = connection.execute(
            "UPDATE hub.message_templates SET retired_at = now() WHERE tenant_id = %(tenant)s AND name = %(name)s"
            " AND language = %(language)s AND (%(version)s::int IS NULL OR version = %(version)s)"
            " AND retired_at IS NULL",
            {"tenant": tenant_id, "name": name, "language": language, "version": version},
        ).rowcount
        if not count:
            raise HubError("template_unknown", template=name)
        entry = audit.Entry(actor, "template.retired", f"template:{name}", count=count, details={"language": language})
        audit.append(connection, tenant_id, entry)
    return count


def natures(connection: Connection, tenant_id: str, names: Collection[str]) -> dict[str, Nature]:
    """What each named template is, commercial if any of its versions in use is. In a transaction of the tenant's.

    One that is retired altogether stays what it was: messages made from it may wait yet.
    """
    if not names:
        return {}
    rows = connection.execute(
        "SELECT name, bool_or(kind = 'commercial'), max(purpose) FROM hub.message_templates t"
        " WHERE tenant_id = %s AND name = ANY(%s) AND (retired_at IS NULL OR NOT EXISTS ("
        "SELECT FROM hub.message_templates u WHERE u.tenant_id = t.tenant_id AND u.name = t.name"
        " AND u.retired_at IS NULL)) GROUP BY name",
        (tenant_id, sorted(set(names))),
    ).fetchall()
    return {name: Nature(commercial, purpose) for name, commercial, purpose in rows}


def _find(
    connection: Connection, tenant_id: str, name: str, language: str, version: int | None, *, retired: bool
) -> Template:
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM hub.message_templates WHERE tenant_id = %(tenant)s AND name = %(name)s"  # noqa: S608 - our own names
        " AND language = %(language)s AND (%(version)s::int IS NULL OR version = %(version)s)"
        " ORDER BY version DESC",
        {"tenant": tenant_id, "name": name, "language": language, "version": version},
    ).fetchall()
    if not rows:
        raise HubError("template_unknown", template=name)
    found = [Template(*row) for row in rows]
    in_use = next((each for each in found if each.retired_at is None), found[0] if retired else None)
    if in_use is None:
        raise HubError("template_retired", template=name)
    return in_use
