"""Whom an export is about: the subjects it covers, and the pseudonyms by which their data is found.

A pseudonym that the person shares with somebody else finds nothing by itself: a family's phone in another person's row
does not make that row theirs. What only a reviewer can decide is counted here and left out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from hub.kvkk.person import find_person

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.person import Person


class Held(NamedTuple):
    """One identifier of the person in the index. `alone`: nobody else has it."""

    kind: str
    pseudonym: str
    strength: str
    first_seen_at: datetime
    sources: tuple[str, ...]
    alone: bool


class OwnDays(NamedTuple):
    """Days (Istanbul, `until` excluded) in which an identifier that several people have was the person's alone."""

    kind: str
    pseudonym: str
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Scope:
    """The person's subjects (32 hex digits each) and identifiers.

    `anchors` are pseudonyms under which rows are the person's; `found_by` are those by which free texts, consents and
    the like are. `days` bring rows under an identifier that several people have, such as a pool vehicle's plate.
    `waiting` are subjects that share an identifier with the person and have not been decided on.
    """

    tenant_id: str
    subjects: frozenset[str]
    identifiers: tuple[Held, ...]
    anchors: frozenset[str]
    found_by: frozenset[tuple[str, str]]
    waiting: frozenset[str]
    days: tuple[OwnDays, ...] = ()

    @property
    def pseudonyms(self) -> frozenset[str]:
        """Pseudonyms of all the person's identifiers, and of those that were named."""
        return frozenset(each.pseudonym for each in self.identifiers) | {each for _, each in self.found_by}

    @property
    def records_of(self) -> list[str]:
        """Pseudonyms under which consents and the like are the person's."""
        return sorted(pseudonym for _, pseudonym in self.found_by)


def find_scope(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    identifiers: Collection[tuple[str, str]],
    *,
    included: Collection[str] = (),
    excluded: Collection[str] = (),
) -> Scope:
    """The scope of the person whom these identifiers (kind, pseudonym) name.

    `included` and `excluded` are subjects that a reviewer has decided on.
    """
    person = find_person(database, keyring, tenant_id, identifiers)
    subjects = (person.subjects.keys() | set(included)) - set(excluded)
    with database.tenant(tenant_id, "vault") as connection:
        held = _held(connection, tenant_id, subjects)
        taken = _taken(connection, tenant_id, set(identifiers), subjects)
        shared = _shared(connection, tenant_id)
    anchors = _anchors(keyring.tenant(tenant_id), held, subjects)
    found_by = {
        (each.kind, each.pseudonym)
        for each in held
        if each.pseudonym in anchors or (each.alone and each.pseudonym not in shared)
    }
    found_by |= {pair for pair in identifiers if pair not in taken and pair[1] not in shared}
    return Scope(
        tenant_id,
        frozenset(subjects),
        tuple(held),
        anchors,
        frozenset(found_by),
        person.uncertain - subjects - set(excluded),
        _days(person),
    )


def _days(person: Person) -> tuple[OwnDays, ...]:
    """Days in which a shared identifier was the person's alone."""
    return tuple(sorted((OwnDays(*each) for each in person.periods), key=str))


def _anchors(tenant: TenantKeys, held: Collection[Held], subjects: Collection[str]) -> frozenset[str]:
    return frozenset(each.pseudonym for each in held if tenant.subject_id(each.kind, each.pseudonym) in subjects)


def _held(connection: Connection, tenant_id: str, subjects: Collection[str]) -> list[Held]:
    rows = connection.execute(
        "SELECT i.kind, i.pseudonym, max(i.strength) FILTER (WHERE i.strength = 'strong'), min(i.first_seen_at),"
        " array_agg(DISTINCT i.source), NOT EXISTS (SELECT FROM vault.identifiers o WHERE o.tenant_id = %(tenant)s"
        " AND o.kind = i.kind AND o.pseudonym = i.pseudonym AND o.subject_id <> ALL(%(subjects)s::uuid[]))"
        " FROM vault.identifiers i WHERE i.tenant_id = %(tenant)s AND i.subject_id = ANY(%(subjects)s::uuid[])"
        " GROUP BY i.kind, i.pseudonym ORDER BY i.kind, i.pseudonym",
        {"tenant": tenant_id, "subjects": sorted(subjects)},
    )
    return [
        Held(kind, pseudonym, strong or "weak", seen, tuple(sorted(sources)), alone)
        for kind, pseudonym, strong, seen, sources, alone in rows
    ]


def _taken(
    connection: Connection, tenant_id: str, identifiers: set[tuple[str, str]], subjects: Collection[str]
) -> set[tuple[str, str]]:
    """Those of the named identifiers that somebody else has too."""
    if not identifiers:
        return set()
    kinds, pseudonyms = zip(*sorted(identifiers), strict=True)
    rows = connection.execute(
        "SELECT DISTINCT kind, pseudonym FROM vault.identifiers WHERE tenant_id = %s AND (kind, pseudonym) IN"
        " (SELECT * FROM unnest(%s::text[], %s::text[])) AND subject_id <> ALL(%s::uuid[])",
        (tenant_id, list(kinds), list(pseudonyms), sorted(subjects)),
    )
    return {(row[0], row[1]) for row in rows}


def _shared(connection: Connection, tenant_id: str) -> set[str]:
    rows = connection.execute("SELECT pseudonym FROM vault.shared_identifiers WHERE tenant_id = %s", (tenant_id,))
    return {row[0] for row in rows}
