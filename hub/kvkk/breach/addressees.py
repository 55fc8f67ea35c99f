"""Who of a breach's subjects are one person, and at which address that person may be told.

A breach lists subjects, and one person can be several: told by subject, they would get the notice twice. Subjects
belong together by a reviewer's link, and by a strong identifier or an e-mail address that nobody with another identity
number has. People with different numbers who would be told at one address get one mail there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.kvkk.person import PROOF_OF_TWO

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Connection, Database


@dataclass(frozen=True)
class Addressee:
    """One person: their subjects in a breach, and pseudonyms of their e-mail addresses, the best one first."""

    subjects: tuple[UUID, ...]
    emails: tuple[str, ...]


def addressees(database: Database, tenant_id: str, subjects: Collection[UUID]) -> list[Addressee]:
    """The persons whom these subjects are, in the order of their ids. Addresses noted as several people's are none.

    Of a person's addresses that comes first which most of their subjects have, then what is strong, then the latest.
    """
    listed = sorted(subjects)
    groups = _Groups()
    with database.tenant(tenant_id, "vault") as connection:
        links = connection.execute(
            "SELECT subject_id, other_subject_id FROM vault.links WHERE tenant_id = %s AND undone_at IS NULL",
            (tenant_id,),
        ).fetchall()
        for one, other in links:
            groups.join(one, other)
        wanted = {groups.of(each) for each in listed}
        everybody = sorted({*listed, *(each for each in groups.members() if groups.of(each) in wanted)})
        for subject, number in _numbers(connection, tenant_id, everybody):
            groups.number(subject, number)
        emails = _emails(connection, tenant_id, everybody)
        for holders in (*_holders(_strong(connection, tenant_id, everybody)), *_holders(emails)):
            for each in holders[1:]:
                groups.join_unless_two(holders[0], each)
    ordered = _ordered(groups, emails)
    at: dict[str, UUID] = {}
    for group, addresses in ordered.items():
        groups.join(group, at.setdefault(addresses[0], group))
    persons: dict[UUID, list[UUID]] = {}
    for subject in listed:
        persons.setdefault(groups.of(subject), []).append(subject)
    addresses_of: dict[UUID, list[str]] = {}
    for group, addresses in ordered.items():
        addresses_of.setdefault(groups.of(group), []).extend(addresses)
    return [
        Addressee(tuple(its), tuple(dict.fromkeys(addresses_of.get(person, ())))) for person, its in persons.items()
    ]


class _Groups:
    """Disjoint sets of subjects, with the identity numbers of each."""

    def __init__(self) -> None:
        self._above: dict[UUID, UUID] = {}
        self._numbers: dict[UUID, set[str]] = {}

    def of(self, subject: UUID) -> UUID:
        """What stands for the subject's set."""
        while (above := self._above.get(subject, subject)) != subject:
            self._above[subject] = self._above.get(above, above)
            subject = above
        return subject

    def members(self) -> Iterable[UUID]:
        """Subjects that were joined to others."""
        return tuple(self._above)

    def number(self, subject: UUID, number: str) -> None:
        """Note an identity number of a subject."""
        self._numbers.setdefault(self.of(subject), set()).add(number)

    def join(self, one: UUID, other: UUID) -> None:
        """Make two sets one."""
        first, second = sorted((self.of(one), self.of(other)))
        self._above.setdefault(first, first)
        self._above[second] = first
        if first != second and second in self._numbers:
            self._numbers.setdefault(first, set()).update(self._numbers.pop(second))

    def join_unless_two(self, one: UUID, other: UUID) -> None:
        """Make two sets one, unless their identity numbers tell two people."""
        numbers = self._numbers.get(self.of(one), set[str]()) | self._numbers.get(self.of(other), set[str]())
        if len(numbers) < 2:
            self.join(one, other)


def _ordered(groups: _Groups, emails: Sequence[tuple[UUID, str]]) -> dict[UUID, list[str]]:
    """Each set's addresses, the best one first."""
    counted: dict[UUID, Counter[str]] = {}
    for subject, pseudonym in emails:
        counted.setdefault(groups.of(subject), Counter())[pseudonym] += 1
    return {group: [pseudonym for pseudonym, _ in of_group.most_common()] for group, of_group in counted.items()}


def _holders(rows: Iterable[tuple[UUID, str]]) -> Iterator[list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for subject, pseudonym in rows:
        found.setdefault(pseudonym, []).append(subject)
    return (sorted(holders) for holders in found.values() if len(holders) > 1)


def _numbers(connection: Connection, tenant_id: str, subjects: list[UUID]) -> list[tuple[UUID, str]]:
    return connection.execute(
        "SELECT subject_id, pseudonym FROM vault.identifiers WHERE tenant_id = %s AND kind = %s"
        " AND strength = 'strong' AND subject_id = ANY(%s)",
        (tenant_id, PROOF_OF_TWO, subjects),
    ).fetchall()


def _strong(connection: Connection, tenant_id: str, subjects: list[UUID]) -> list[tuple[UUID, str]]:
    return connection.execute(
        "SELECT subject_id, pseudonym FROM vault.identifiers i WHERE tenant_id = %s AND strength = 'strong'"
        " AND subject_id = ANY(%s) AND NOT EXISTS (SELECT FROM vault.shared_identifiers s"
        " WHERE s.tenant_id = i.tenant_id AND s.kind = i.kind AND s.pseudonym = i.pseudonym)",
        (tenant_id, subjects),
    ).fetchall()


def _emails(connection: Connection, tenant_id: str, subjects: list[UUID]) -> list[tuple[UUID, str]]:
    return connection.execute(
        "SELECT subject_id, pseudonym FROM vault.identifiers i WHERE tenant_id = %s AND kind = 'email'"
        " AND subject_id = ANY(%s) AND NOT EXISTS (SELECT FROM vault.shared_identifiers s"
        " WHERE s.tenant_id = i.tenant_id AND s.kind = i.kind AND s.pseudonym = i.pseudonym)"
        " ORDER BY strength = 'strong' DESC, first_seen_at DESC, pseudonym, subject_id",
        (tenant_id, subjects),
    ).fetchall()
