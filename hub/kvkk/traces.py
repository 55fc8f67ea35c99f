"""What leads to a person, and to nobody else: by this an erasure knows their rows from those of others.

A row belongs to whoever its strongest identifier names, and a subject's id follows from that identifier (the anchor).
Beside it, an identifier, a name or an IBAN that no other subject of the tenant has is the person's wherever it stands;
one that somebody else has too (a family's phone, the name of a namesake) says nothing by itself. A shared one that was
the person's for some days is their rows' anchor in those days, and outside of them whosever it is then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.kvkk.own_days import own_days
from hub.kvkk.person import Period

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.person import Person

Pair = tuple[str, str]
"""Kind and pseudonym."""


@dataclass(frozen=True)
class Traces:
    """`anchors` are identifiers that stand for a subject of the person's; `named` are what nobody else has.

    `subjects` are the person's, and those that stand for their own values alone: the subject of a free text that names
    them and nothing stronger. `days` say when shared identifiers were the person's alone; `shared_subjects` stand for
    those identifiers, and stay: what is sealed for them may be somebody else's.
    """

    tenant_id: str
    anchors: frozenset[Pair]
    named: frozenset[Pair]
    subjects: frozenset[str]
    days: frozenset[Period] = field(default=frozenset())
    shared_subjects: frozenset[str] = field(default=frozenset())

    @property
    def pseudonyms(self) -> list[str]:
        """All of them, sorted."""
        return sorted({pseudonym for _, pseudonym in self.anchors | self.named})


def traces_of(database: Database, keyring: Keyring, person: Person) -> Traces:
    """Read from the subject index, so before the index forgets the person."""
    keys = keyring.tenant(person.tenant_id)
    identifiers = {(each.kind, each.pseudonym) for each in person.identifiers}
    with database.tenant(person.tenant_id, "vault") as connection:
        days = own_days(connection, keys, person)
        dated = {(each.kind, each.pseudonym) for each in days}
        shared = frozenset(keys.subject_id(*pair) for pair in dated)
        subjects = person.subjects.keys() - shared
        anchors = {pair for pair in identifiers - dated if keys.subject_id(*pair) in subjects}
        named = identifiers - dated - _others_identifiers(connection, person.tenant_id, subjects, identifiers)
        values = _values(connection, person.tenant_id, subjects) - identifiers - dated
        named |= values - _others_values(connection, keys, subjects, values)
    alone = {keys.subject_id(*pair) for pair in named}
    return Traces(person.tenant_id, frozenset(anchors), frozenset(named), frozenset(subjects | alone), days, shared)


def _others_identifiers(
    connection: Connection, tenant_id: str, subjects: Collection[str], pairs: set[Pair]
) -> set[Pair]:
    """Those that another subject has, or that are noted as shared."""
    if not pairs:
        return set()
    kinds, pseudonyms = zip(*sorted(pairs), strict=True)
    rows = connection.execute(
        "WITH wanted AS (SELECT * FROM unnest(%(kinds)s::text[], %(pseudonyms)s::text[]) AS w (kind, pseudonym))"
        " SELECT kind, pseudonym FROM vault.identifiers JOIN wanted USING (kind, pseudonym)"
        " WHERE tenant_id = %(tenant)s AND NOT subject_id = ANY(%(subjects)s::uuid[])"
        " UNION SELECT kind, pseudonym FROM vault.shared_identifiers JOIN wanted USING (kind, pseudonym)"
        " WHERE tenant_id = %(tenant)s",
        {
            "kinds": list(kinds),
            "pseudonyms": list(pseudonyms),
            "tenant": tenant_id,
            "subjects": sorted(subjects),
        },
    )
    return {(kind, pseudonym) for kind, pseudonym in rows}


def _values(connection: Connection, tenant_id: str, subjects: Collection[str]) -> set[Pair]:
    rows = connection.execute(
        "SELECT DISTINCT kind, pseudonym FROM vault.originals WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[])",
        (tenant_id, sorted(subjects)),
    )
    return {(kind, pseudonym) for kind, pseudonym in rows}


def _others_values(connection: Connection, keys: TenantKeys, subjects: Collection[str], pairs: set[Pair]) -> set[Pair]:
    """Those that stand in the vault for somebody else. A subject that stands for the value itself is nobody else."""
    if not pairs:
        return set()
    kinds, pseudonyms = zip(*sorted(pairs), strict=True)
    rows = connection.execute(
        "SELECT o.kind, o.pseudonym, replace(o.subject_id::text, '-', '') FROM vault.originals o"
        " JOIN unnest(%(kinds)s::text[], %(pseudonyms)s::text[]) AS w (kind, pseudonym) USING (kind, pseudonym)"
        " WHERE o.tenant_id = %(tenant)s AND NOT o.subject_id = ANY(%(subjects)s::uuid[])",
        {
            "kinds": list(kinds),
            "pseudonyms": list(pseudonyms),
            "tenant": keys.tenant_id,
            "subjects": sorted(subjects),
        },
    )
    return {(kind, pseudonym) for kind, pseudonym, subject in rows if subject != keys.subject_id(kind, pseudonym)}
