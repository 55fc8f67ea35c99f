"""What leads to a person, and to nobody else: by this an erasure knows their rows from those of others.

A row belongs to whoever its strongest identifier names, and a subject's id follows from that identifier (the anchor).
Beside it, an identifier, a name or an IBAN that no other subject of the tenant has is the person's wherever it stands;
one that somebody else has too (a family's phone, the name of a namesake) says nothing by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    them and nothing stronger.
    """

    tenant_id: str
    anchors: frozenset[Pair]
    named: frozenset[Pair]
    subjects: frozenset[str]

    @property
    def pseudonyms(self) -> list[str]:
        """All of them, sorted."""
        return sorted({pseudonym for _, pseudonym in self.anchors | self.named})


def traces_of(database: Database, keyring: Keyring, person: Person) -> Traces:
    """Read from the subject index, so before the index forgets the person."""
    keys = keyring.tenant(person.tenant_id)
    identifiers = {(each.kind, each.pseudonym) for each in person.identifiers}
    anchors = {pair for pair in identifiers if keys.subject_id(*pair) in person.subjects}
    with database.tenant(person.tenant_id, "vault") as connection:
        named = identifiers - _others_identifiers(connection, person, identifiers)
        values = _values(connection, person) - identifiers
        named |= values - _others_values(connection, person, keys, values)
    alone = {keys.subject_id(*pair) for pair in named}
    return Traces(person.tenant_id, frozenset(anchors), frozenset(named), frozenset(person.subjects) | alone)


def _others_identifiers(connection: Connection, person: Person, pairs: set[Pair]) -> set[Pair]:
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
            "tenant": person.tenant_id,
            "subjects": sorted(person.subjects),
        },
    )
    return {(kind, pseudonym) for kind, pseudonym in rows}


def _values(connection: Connection, person: Person) -> set[Pair]:
    rows = connection.execute(
        "SELECT DISTINCT kind, pseudonym FROM vault.originals WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[])",
        (person.tenant_id, sorted(person.subjects)),
    )
    return {(kind, pseudonym) for kind, pseudonym in rows}


def _others_values(connection: Connection, person: Person, keys: TenantKeys, pairs: set[Pair]) -> set[Pair]:
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
            "tenant": person.tenant_id,
            "subjects": sorted(person.subjects),
        },
    )
    return {(kind, pseudonym) for kind, pseudonym, subject in rows if subject != keys.subject_id(kind, pseudonym)}
