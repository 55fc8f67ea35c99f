"""Identifiers that several people have: a switchboard, a family's phone, a pool vehicle.

One that is noted as shared leads to nobody any more. Where it was one person's alone for a time (who drove the vehicle
when), a period says so, and rows of those days are that person's. Every word is in the audit log before it takes
effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.person import Pair, find_person
from hub.kvkk.reasons import require_code

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

_SHARED = "kind, pseudonym, reason, noted_by, noted_at"
_HELD = "period_id, kind, pseudonym, replace(subject_id::text, '-', ''), held_from, held_until, reason, noted_by"


@dataclass(frozen=True)
class Shared:
    """An identifier that several people have, by its pseudonym."""

    kind: str
    pseudonym: str
    reason: str
    noted_by: str
    noted_at: datetime


@dataclass(frozen=True)
class Held:
    """Days (Istanbul, `until` excluded) in which a shared identifier was one subject's alone."""

    period_id: UUID
    kind: str
    pseudonym: str
    subject_id: str
    since: date | None
    until: date | None
    reason: str
    noted_by: str


def share(database: Database, tenant_id: str, pair: Pair, *, reason: str, actor: Actor) -> Shared:
    """Note that several people have an identifier: from now on it leads to nobody. The reason is a code."""
    require_code(reason)
    _enter(database, tenant_id, actor, "identifier_shared", _named(pair), {"why": reason})
    with database.tenant(tenant_id, "vault") as connection:
        row = connection.execute(
            "INSERT INTO vault.shared_identifiers (tenant_id, kind, pseudonym, reason, noted_by)"  # noqa: S608 - our own names
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (tenant_id, kind, pseudonym)"
            " DO UPDATE SET reason = excluded.reason, noted_by = excluded.noted_by, noted_at = now()"
            f" RETURNING {_SHARED}",
            (tenant_id, *pair, reason, actor.name),
        ).fetchone()
    if row is None:  # the statement inserts or updates
        raise RuntimeError("no row was written")
    return Shared(*row)


def unshare(database: Database, tenant_id: str, pair: Pair, *, actor: Actor) -> None:
    """Take it back, and the periods with it: the identifier leads as ever. HubError `identifier_not_shared`."""
    with database.tenant(tenant_id, "vault") as connection:
        if not _is_shared(connection, tenant_id, pair):
            raise HubError("identifier_not_shared")
        _enter(database, tenant_id, actor, "identifier_unshared", _named(pair), {})
        connection.execute(
            "DELETE FROM vault.shared_identifiers WHERE tenant_id = %s AND kind = %s AND pseudonym = %s",
            (tenant_id, *pair),
        )
        connection.execute(
            "UPDATE vault.identifier_periods SET undone_by = %s, undone_at = now()"
            " WHERE tenant_id = %s AND kind = %s AND pseudonym = %s AND undone_at IS NULL",
            (actor.name, tenant_id, *pair),
        )


def assign(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    pair: Pair,
    holder: Pair,
    *,
    since: date | None,
    until: date | None,
    reason: str,
    actor: Actor,
) -> Held:
    """Say whose alone a shared identifier was from `since` to before `until` (Istanbul days).

    HubError `identifier_not_shared`, `subject_unknown`, `period_reversed`, `period_taken` where another person has it
    on one of those days, `reason_malformed`.
    """
    require_code(reason)
    if since is not None and until is not None and since >= until:
        raise HubError("period_reversed")
    person = find_person(database, keyring, tenant_id, [holder])
    if not person.subjects:
        raise HubError("subject_unknown")
    subject = min(person.subjects)
    with database.tenant(tenant_id, "vault") as connection:
        # The shared identifier's row is the lock under which its days are given away.
        if not _is_shared(connection, tenant_id, pair):
            raise HubError("identifier_not_shared")
        taken = connection.execute(
            "SELECT 1 FROM vault.identifier_periods WHERE tenant_id = %s AND kind = %s AND pseudonym = %s"
            " AND undone_at IS NULL AND daterange(held_from, held_until) && daterange(%s::date, %s::date)",
            (tenant_id, *pair, since, until),
        ).fetchone()
        if taken is not None:
            raise HubError("period_taken")
        details = {"subject": subject, "since": _day(since), "until": _day(until), "why": reason}
        _enter(database, tenant_id, actor, "identifier_assigned", _named(pair), details)
        row = connection.execute(
            "INSERT INTO vault.identifier_periods (tenant_id, kind, pseudonym, subject_id, held_from, held_until,"  # noqa: S608 - our own names
            f" reason, noted_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING {_HELD}",
            (tenant_id, *pair, UUID(subject), since, until, reason, actor.name),
        ).fetchone()
    if row is None:  # the statement inserts
        raise RuntimeError("no row was written")
    return Held(*row)


def unassign(database: Database, tenant_id: str, period_id: UUID, *, actor: Actor) -> Held:
    """Take a period back. HubError `period_unknown`."""
    with database.tenant(tenant_id, "vault") as connection:
        row = connection.execute(
            f"SELECT {_HELD} FROM vault.identifier_periods"  # noqa: S608 - our own names
            " WHERE tenant_id = %s AND period_id = %s AND undone_at IS NULL FOR UPDATE",
            (tenant_id, period_id),
        ).fetchone()
        if row is None:
            raise HubError("period_unknown")
        found = Held(*row)
        details = {"subject": found.subject_id, "period": str(period_id)}
        _enter(database, tenant_id, actor, "identifier_unassigned", _named((found.kind, found.pseudonym)), details)
        connection.execute(
            "UPDATE vault.identifier_periods SET undone_by = %s, undone_at = now()"
            " WHERE tenant_id = %s AND period_id = %s",
            (actor.name, tenant_id, period_id),
        )
    return found


def shared(database: Database, tenant_id: str, *, after: Pair | None = None, limit: int | None = None) -> list[Shared]:
    """Everything that is noted as shared, by kind and pseudonym; at most `limit`, behind the pair at `after`."""
    kind, pseudonym = after or (None, None)
    with database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            f"SELECT {_SHARED} FROM vault.shared_identifiers WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own names
            " AND (%(kind)s::text IS NULL OR (kind, pseudonym) > (%(kind)s, %(pseudonym)s))"
            " ORDER BY kind, pseudonym LIMIT %(limit)s",
            {"tenant": tenant_id, "kind": kind, "pseudonym": pseudonym, "limit": limit},
        ).fetchall()
    return [Shared(*row) for row in rows]


def periods(database: Database, tenant_id: str, *, of: Collection[Pair] | None = None) -> list[Held]:
    """Every living period, by identifier and time; of these identifiers alone if they are given."""
    chosen = sorted(of) if of is not None else None
    with database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            f"SELECT {_HELD} FROM vault.identifier_periods WHERE tenant_id = %(tenant)s AND undone_at IS NULL"  # noqa: S608 - our own names
            " AND (%(kinds)s::text[] IS NULL OR (kind, pseudonym) IN"
            " (SELECT * FROM unnest(%(kinds)s::text[], %(pseudonyms)s::text[])))"
            " ORDER BY kind, pseudonym, held_from NULLS FIRST",
            {
                "tenant": tenant_id,
                "kinds": None if chosen is None else [kind for kind, _ in chosen],
                "pseudonyms": None if chosen is None else [pseudonym for _, pseudonym in chosen],
            },
        ).fetchall()
    return [Held(*row) for row in rows]


def _is_shared(connection: Connection, tenant_id: str, pair: Pair) -> bool:
    return (
        connection.execute(
            "SELECT 1 FROM vault.shared_identifiers WHERE tenant_id = %s AND kind = %s AND pseudonym = %s FOR UPDATE",
            (tenant_id, *pair),
        ).fetchone()
        is not None
    )


def _named(pair: Pair) -> str:
    return f"identifier:{pair[1]}"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _enter(
    database: Database, tenant_id: str, actor: Actor, action: str, about: str, details: Mapping[str, str | None]
) -> None:
    audit.record(database, tenant_id, audit.Entry(actor, action, about, details=details))
