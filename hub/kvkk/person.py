"""Who a person is to a tenant: every subject and identifier that belongs together, and those that only may.

Identifiers and subjects are many-to-many. A strong identifier (an identity number, a verified contact) or a link made
by a reviewer makes two subjects one person; a weak or shared one (switchboard, family phone, pool vehicle) only
suggests it, and what is reached by it alone waits for a reviewer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys

Reached = Literal["strong", "link", "weak"]
"""How a subject was reached; see `Person`."""

Pair = tuple[str, str]
"""Kind and pseudonym of an identifier."""

PROOF_OF_TWO = "tckn"
"""Nobody has two: a contact that subjects with different ones have strongly is a family's or an office's."""


class Identified(NamedTuple):
    """One identifier of the subject index. `kind` is one of kvkk_policies.vocabulary.IDENTIFIER_KINDS."""

    kind: str
    pseudonym: str
    strength: str


class Period(NamedTuple):
    """A shared identifier that was one subject's alone for a time: Istanbul days, `until` excluded, None: no end."""

    kind: str
    pseudonym: str
    since: date | None
    until: date | None

    def covers(self, day: date) -> bool:
        """Whether the identifier was theirs on that day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Person:
    """What the index knows of one person of a tenant.

    `subjects` maps the person's subject ids (32 hex digits) to how each was reached; `uncertain` are subjects that
    share an identifier with them and nothing that proves it the same person. `identifiers` are those of `subjects`.
    `periods` are days in which a shared identifier was theirs alone: rows of those days that carry it are theirs.
    """

    tenant_id: str
    subjects: dict[str, Reached]
    uncertain: frozenset[str]
    identifiers: frozenset[Identified]
    periods: frozenset[Period] = field(default=frozenset())

    @property
    def pseudonyms(self) -> frozenset[str]:
        """Pseudonyms of the person's identifiers."""
        return frozenset(each.pseudonym for each in self.identifiers)


def find_person(database: Database, keyring: Keyring, tenant_id: str, identifiers: Collection[Pair]) -> Person:
    """The person whom these identifiers (kind, pseudonym) name; whoever asks has verified that they are theirs.

    - A named identifier leads to every subject that has it strongly, to the subject that stands for the identifier
      itself (rows in which nothing stronger stands), and to the only other one that has it weakly.
    - From a subject of the person, its strong identifiers lead on to all who have them strongly and to the subjects
      that stand for them; links lead on to whoever a reviewer has linked.
    - An identifier that is noted as shared, or that subjects with different identity numbers have, leads nowhere.
    - Whoever has an identifier of the person, or a named one, and is not reached so, is uncertain.
    """
    tenant = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "vault") as connection:
        return _Search(connection, tenant).find(identifiers)


Holders = dict[str, str]
"""Strength by subject."""


class _Search:
    def __init__(self, connection: Connection, tenant: TenantKeys) -> None:
        self._connection = connection
        self._tenant = tenant
        self._tenant_id = tenant.tenant_id

    def find(self, identifiers: Collection[Pair]) -> Person:
        subjects: dict[str, Reached] = {}
        owned: set[Identified] = set()
        seen: set[Pair] = set()
        front, named = set(identifiers), True
        while front:
            seen |= front
            reached = self._led_to(self._holders(front), named=named) - subjects.keys()
            subjects.update(dict.fromkeys(reached, "strong"))
            linked = self._linked(reached)
            subjects.update(dict.fromkeys(linked - subjects.keys(), "link"))
            owned |= self._owned(reached | linked)
            front, named = {(each.kind, each.pseudonym) for each in owned if each.strength == "strong"} - seen, False
        periods = self._periods(subjects)
        common = {(each.kind, each.pseudonym) for each in (*owned, *periods)} | set(identifiers)
        touched = {subject for holders in self._holders(common).values() for subject in holders}
        return Person(
            self._tenant_id, subjects, frozenset(touched - subjects.keys()), _merged(owned), frozenset(periods)
        )

    def _led_to(self, holders: Mapping[Pair, Holders], *, named: bool) -> set[str]:
        """The subjects that identifiers prove to be the person."""
        nobodys = self._shared(holders) | self._contested(holders)
        reached: set[str] = set()
        for pair, who in holders.items():
            if pair in nobodys:
                continue
            own = self._tenant.subject_id(*pair)
            alone = named and self._one_person(who.keys() - {own})
            reached |= {subject for subject, strength in who.items() if strength == "strong" or subject == own or alone}
        return reached

    def _one_person(self, subjects: set[str]) -> bool:
        """Whether strong identifiers and links make all of these one person; so does having nobody or one of them."""
        # From one of them: a strong identifier leads to the subject that stands for it, and nothing leads back.
        return len(subjects) < 2 or any(subjects <= self._together({start}) for start in subjects)

    def _together(self, front: set[str]) -> set[str]:
        together = set[str]()
        while front:
            together |= front
            strong = {(each.kind, each.pseudonym) for each in self._owned(front) if each.strength == "strong"}
            front = (self._led_to(self._holders(strong), named=False) | self._linked(front)) - together
        return together

    def _holders(self, identifiers: Collection[Pair]) -> dict[Pair, Holders]:
        found: dict[Pair, Holders] = {}
        for kind, pseudonym, subject, strength in self._connection.execute(
            "SELECT i.kind, i.pseudonym, replace(i.subject_id::text, '-', ''), i.strength FROM vault.identifiers i"
            " JOIN unnest(%s::text[], %s::text[]) AS w (kind, pseudonym) USING (kind, pseudonym)"
            " WHERE i.tenant_id = %s",
            (*_columns(identifiers), self._tenant_id),
        ):
            found.setdefault((kind, pseudonym), {})[subject] = strength
        return found

    def _shared(self, identifiers: Collection[Pair]) -> set[Pair]:
        rows = self._connection.execute(
            "SELECT s.kind, s.pseudonym FROM vault.shared_identifiers s"
            " JOIN unnest(%s::text[], %s::text[]) AS w (kind, pseudonym) USING (kind, pseudonym)"
            " WHERE s.tenant_id = %s",
            (*_columns(identifiers), self._tenant_id),
        )
        return {(row[0], row[1]) for row in rows}

    def _contested(self, holders: Mapping[Pair, Holders]) -> set[Pair]:
        """What subjects with different identity numbers have in common, however strongly each has it."""
        numbers: dict[str, set[str]] = {}
        for subject, pseudonym in self._connection.execute(
            "SELECT replace(subject_id::text, '-', ''), pseudonym FROM vault.identifiers"
            " WHERE tenant_id = %s AND kind = %s AND strength = 'strong' AND subject_id = ANY(%s::uuid[])",
            (self._tenant_id, PROOF_OF_TWO, sorted({subject for who in holders.values() for subject in who})),
        ):
            numbers.setdefault(subject, set()).add(pseudonym)
        return {
            pair
            for pair, who in holders.items()
            if pair[0] != PROOF_OF_TWO and len({number for subject in who for number in numbers.get(subject, ())}) > 1
        }

    def _linked(self, subjects: set[str]) -> set[str]:
        """Everything else that links lead to, over any number of steps."""
        rows = self._connection.execute(
            "WITH RECURSIVE reached AS (SELECT unnest(%(subjects)s::uuid[]) AS subject_id"
            " UNION SELECT CASE WHEN l.subject_id = r.subject_id THEN l.other_subject_id ELSE l.subject_id END"
            " FROM reached r JOIN vault.links l ON r.subject_id IN (l.subject_id, l.other_subject_id)"
            " WHERE l.tenant_id = %(tenant)s AND l.undone_at IS NULL)"
            " SELECT replace(subject_id::text, '-', '') FROM reached",
            {"subjects": sorted(subjects), "tenant": self._tenant_id},
        )
        return {row[0] for row in rows} - subjects

    def _owned(self, subjects: Iterable[str]) -> set[Identified]:
        rows = self._connection.execute(
            "SELECT DISTINCT kind, pseudonym, strength FROM vault.identifiers"
            " WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[])",
            (self._tenant_id, sorted(subjects)),
        )
        return {Identified(*row) for row in rows}

    def _periods(self, subjects: Iterable[str]) -> set[Period]:
        return periods_of(self._connection, self._tenant_id, subjects)


def periods_of(connection: Connection, tenant_id: str, subjects: Iterable[str]) -> set[Period]:
    """Days in which shared identifiers were one of these subjects' alone."""
    rows = connection.execute(
        "SELECT kind, pseudonym, held_from, held_until FROM vault.identifier_periods"
        " WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[]) AND undone_at IS NULL",
        (tenant_id, sorted(subjects)),
    )
    return {Period(*row) for row in rows}


def _merged(owned: Collection[Identified]) -> frozenset[Identified]:
    """One entry an identifier: strong where any of the person's subjects has it strongly."""
    strong = {each[:2] for each in owned if each.strength == "strong"}
    return frozenset(each for each in owned if each.strength == "strong" or each[:2] not in strong)


def _columns(identifiers: Collection[Pair]) -> tuple[list[str], list[str]]:
    ordered = sorted(identifiers)
    return [kind for kind, _ in ordered], [pseudonym for _, pseudonym in ordered]
