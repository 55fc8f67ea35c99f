"""Who a person is to a tenant: every subject and identifier that belongs together, and those that only may.

Identifiers and subjects are many-to-many. A strong identifier (an identity number, a verified contact) or a link made
by a reviewer makes two subjects one person; a weak or shared one (switchboard, family phone, pool vehicle) only
suggests it, and what is reached by it alone waits for a reviewer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys

Reached = Literal["strong", "link", "weak"]
"""How a subject was reached; see `Person`."""


class Identified(NamedTuple):
    """One identifier of the subject index. `kind` is one of kvkk_policies.vocabulary.IDENTIFIER_KINDS."""

    kind: str
    pseudonym: str
    strength: str


@dataclass(frozen=True)
class Person:
    """What the index knows of one person of a tenant.

    `subjects` maps the person's subject ids (32 hex digits) to how each was reached; `uncertain` are subjects that
    share a weak or shared identifier with them and nothing stronger. `identifiers` are those of `subjects`.
    """

    tenant_id: str
    subjects: dict[str, Reached]
    uncertain: frozenset[str]
    identifiers: frozenset[Identified]

    @property
    def pseudonyms(self) -> frozenset[str]:
        """Pseudonyms of the person's identifiers."""
        return frozenset(each.pseudonym for each in self.identifiers)


def find_person(
    database: Database, keyring: Keyring, tenant_id: str, identifiers: Collection[tuple[str, str]]
) -> Person:
    """The person whom these identifiers (kind, pseudonym) name; whoever asks has verified that they are theirs.

    A subject that has a named identifier strongly is the person, and so is the one that stands for the identifier
    itself (rows in which nothing stronger stands), and the only other one that has it weakly. Where several others have
    it, or it is noted as shared, all of these are uncertain. From there strong identifiers and links lead on.
    """
    tenant = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "vault") as connection:
        return _Search(connection, tenant).find(identifiers)


class _Search:
    def __init__(self, connection: Connection, tenant: TenantKeys) -> None:
        self._connection = connection
        self._tenant = tenant
        self._tenant_id = tenant.tenant_id

    def find(self, identifiers: Collection[tuple[str, str]]) -> Person:
        subjects: dict[str, Reached] = {}
        uncertain: set[str] = set()
        seen: set[tuple[str, str]] = set()
        front = set(identifiers)
        named = True
        while front:
            seen |= front
            reached = self._holders(front)
            added: dict[str, Reached] = {}
            for (kind, pseudonym), holders in reached.items():
                own = self._tenant.subject_id(kind, pseudonym)
                # What a weak identifier leads to is the person's only where one was named, and nobody else has it.
                alone = named and len(holders.keys() - {own}) <= 1 and not self._shared(kind, pseudonym)
                for subject, strength in holders.items():
                    if subject in subjects:
                        continue
                    if (
                        strength == "strong"
                        or alone
                        or (named and subject == own and not self._shared(kind, pseudonym))
                    ):
                        added[subject] = "strong"
                    else:
                        uncertain.add(subject)
            subjects.update(added)
            linked = self._linked(set(subjects)) - subjects.keys()
            subjects.update(dict.fromkeys(linked, "link"))
            owned = self._owned(set(added) | linked)
            front = {(each.kind, each.pseudonym) for each in owned if each.strength == "strong"} - seen
            weak = {(each.kind, each.pseudonym) for each in owned if each.strength != "strong"} - seen
            for holders in self._holders(weak).values():
                uncertain |= holders.keys() - subjects.keys()
            seen |= weak
            named = False
        return Person(
            self._tenant_id, subjects, frozenset(uncertain - subjects.keys()), frozenset(self._owned(set(subjects)))
        )

    def _holders(self, identifiers: set[tuple[str, str]]) -> dict[tuple[str, str], dict[str, str]]:
        if not identifiers:
            return {}
        kinds, pseudonyms = zip(*sorted(identifiers), strict=True)
        found: dict[tuple[str, str], dict[str, str]] = {}
        for kind, pseudonym, subject, strength in self._connection.execute(
            "SELECT i.kind, i.pseudonym, replace(i.subject_id::text, '-', ''), i.strength FROM vault.identifiers i"
            " JOIN unnest(%s::text[], %s::text[]) AS w (kind, pseudonym) USING (kind, pseudonym)"
            " WHERE i.tenant_id = %s",
            (list(kinds), list(pseudonyms), self._tenant_id),
        ):
            found.setdefault((kind, pseudonym), {})[subject] = strength
        return found

    def _shared(self, kind: str, pseudonym: str) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM vault.shared_identifiers WHERE tenant_id = %s AND kind = %s AND pseudonym = %s",
            (self._tenant_id, kind, pseudonym),
        ).fetchone()
        return row is not None

    def _linked(self, subjects: set[str]) -> set[str]:
        """Everything that links lead to, over any number of steps."""
        rows = self._connection.execute(
            "WITH RECURSIVE reached AS (SELECT unnest(%(subjects)s::uuid[]) AS subject_id"
            " UNION SELECT CASE WHEN l.subject_id = r.subject_id THEN l.other_subject_id ELSE l.subject_id END"
            " FROM reached r JOIN vault.links l ON r.subject_id IN (l.subject_id, l.other_subject_id)"
            " WHERE l.tenant_id = %(tenant)s AND l.undone_at IS NULL)"
            " SELECT replace(subject_id::text, '-', '') FROM reached",
            {"subjects": sorted(subjects), "tenant": self._tenant_id},
        )
        return {row[0] for row in rows} - subjects

    def _owned(self, subjects: set[str]) -> set[Identified]:
        rows = self._connection.execute(
            "SELECT kind, pseudonym, max(strength) FILTER (WHERE strength = 'strong'), count(*) FROM vault.identifiers"
            " WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[]) GROUP BY kind, pseudonym",
            (self._tenant_id, sorted(subjects)),
        )
        return {Identified(kind, pseudonym, strong or "weak") for kind, pseudonym, strong, _ in rows}
