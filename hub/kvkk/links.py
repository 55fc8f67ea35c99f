"""Links: what a person with authority says of two subjects, that they are one person.

A link is undone by ending it: nothing is re-encrypted, each subject keeps its key. Every word is in the audit log
before it takes effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.person import Pair, find_person
from hub.kvkk.reasons import require_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

_LINK = (
    "link_id, replace(subject_id::text, '-', ''), replace(other_subject_id::text, '-', ''), reason, made_by, made_at"
)


@dataclass(frozen=True)
class Link:
    """Two subjects that are one person (32 hex digits each), and who says so."""

    link_id: UUID
    subject_id: str
    other_subject_id: str
    reason: str
    made_by: str
    made_at: datetime


def link(
    database: Database, keyring: Keyring, tenant_id: str, one: Pair, other: Pair, *, reason: str, actor: Actor
) -> list[Link]:
    """Say that the people whom two identifiers name are one. Returns the links made; none if they are one already.

    HubError `subject_unknown` for an identifier that leads to nobody, `reason_malformed`.
    """
    require_code(reason)
    first, second = (find_person(database, keyring, tenant_id, [pair]) for pair in (one, other))
    if not first.subjects or not second.subjects:
        raise HubError("subject_unknown")
    if first.subjects.keys() & second.subjects.keys():
        return []
    # One link is enough: from either side it leads to whatever hangs together there.
    subject, other_subject = min(first.subjects), min(second.subjects)
    _enter(database, tenant_id, actor, "subjects_linked", f"subject:{subject}", {"other": other_subject, "why": reason})
    with database.tenant(tenant_id, "vault") as connection:
        row = connection.execute(
            "INSERT INTO vault.links (tenant_id, subject_id, other_subject_id, reason, made_by)"  # noqa: S608 - our own names
            f" VALUES (%s, %s, %s, %s, %s) RETURNING {_LINK}",
            (tenant_id, UUID(subject), UUID(other_subject), reason, actor.name),
        ).fetchone()
    return [Link(*row)] if row else []


def links_of(database: Database, keyring: Keyring, tenant_id: str, pair: Pair) -> list[Link]:
    """Living links of the person whom an identifier names, oldest first."""
    person = find_person(database, keyring, tenant_id, [pair])
    with database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            f"SELECT {_LINK} FROM vault.links WHERE tenant_id = %(tenant)s AND undone_at IS NULL"  # noqa: S608 - our own names
            " AND (subject_id = ANY(%(subjects)s::uuid[]) OR other_subject_id = ANY(%(subjects)s::uuid[]))"
            " ORDER BY made_at, link_id",
            {"tenant": tenant_id, "subjects": sorted(person.subjects)},
        ).fetchall()
    return [Link(*row) for row in rows]


def unlink(database: Database, tenant_id: str, link_id: UUID, *, actor: Actor) -> Link:
    """End a link: the two are apart again, as before. HubError `link_unknown` for one that is ended or never was."""
    with database.tenant(tenant_id, "vault") as connection:
        row = connection.execute(
            f"SELECT {_LINK} FROM vault.links WHERE tenant_id = %s AND link_id = %s AND undone_at IS NULL FOR UPDATE",  # noqa: S608 - our own names
            (tenant_id, link_id),
        ).fetchone()
        if row is None:
            raise HubError("link_unknown")
        found = Link(*row)
        _enter(
            database,
            tenant_id,
            actor,
            "subjects_unlinked",
            f"subject:{found.subject_id}",
            {"other": found.other_subject_id, "link": str(link_id)},
        )
        connection.execute(
            "UPDATE vault.links SET undone_by = %s, undone_at = now() WHERE tenant_id = %s AND link_id = %s",
            (actor.name, tenant_id, link_id),
        )
    return found


def _enter(
    database: Database, tenant_id: str, actor: Actor, action: str, about: str, details: Mapping[str, str | None]
) -> None:
    audit.record(database, tenant_id, audit.Entry(actor, action, about, details=details))
