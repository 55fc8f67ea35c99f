"""What waits for a reviewer: who may be the applicant and is not proved to be, by pseudonyms, days and counts alone.

For each identifier that reaches others than the person, the reviewer sees why it proves nothing, whom it reaches, and
on which days rows carry it: where a shared identifier was one person's alone for some days, those days stand apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from hub.kvkk import shared_identifiers
from hub.kvkk.landed_days import rows_by_day
from hub.kvkk.person import find_person

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Sequence

    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.person import Pair, Person
    from hub.kvkk.shared_identifiers import Held
    from kvkk_policies.policy import ProviderPolicy

Whose = Literal["this_person", "another", "nobody"]


@dataclass(frozen=True)
class Days:
    """Rows of one table that carry the identifier, from the first to the last day (Istanbul) of a stretch.

    `whose` says whether a period gives these days to somebody. Days are None where the table's rows have none.
    """

    table: str
    first: date | None
    last: date | None
    rows: int
    whose: Whose


@dataclass(frozen=True)
class Doubt:
    """An identifier that reaches subjects who may be the person. `reason` is the code it was noted as shared with."""

    kind: str
    pseudonym: str
    reason: str | None
    subjects: tuple[str, ...]
    mentions: int
    """Free texts that speak of it."""
    days: tuple[Days, ...]


@dataclass(frozen=True)
class Waiting:
    """A request of which some subjects have not been decided on."""

    request_id: UUID
    subjects: tuple[str, ...]
    doubts: tuple[Doubt, ...]


class Reviews:
    """Looks doubts up."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        providers: Mapping[str, Provider],
        policies: Mapping[str, ProviderPolicy],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._providers = providers
        self._policies = policies

    def doubts(self, person: Person, named: Collection[Pair], subjects: Collection[str] | None = None) -> list[Doubt]:
        """Why subjects (the person's uncertain ones unless given) may be the person.

        `named` are the identifiers that the person named, whether proved or not.
        """
        common = {(each.kind, each.pseudonym) for each in (*person.identifiers, *person.periods)} | set(named)
        reached = self._reached(person.tenant_id, person.uncertain if subjects is None else subjects, common)
        reasons = {
            (each.kind, each.pseudonym): each.reason
            for each in shared_identifiers.shared(self._database, person.tenant_id)
        }
        periods = shared_identifiers.periods(self._database, person.tenant_id)
        return [
            Doubt(
                *pair,
                reasons.get(pair),
                theirs,
                self._mentions(person.tenant_id, pair),
                self._days(person, pair, [each for each in periods if (each.kind, each.pseudonym) == pair]),
            )
            for pair, theirs in sorted(reached.items())
        ]

    def waiting(self, tenant_id: str) -> list[Waiting]:
        """The tenant's requests that wait for a reviewer, the one that is due first ahead."""
        with self._database.tenant(tenant_id, "app") as connection:
            rows = connection.execute(
                "SELECT r.request_id, array_agg(replace(s.subject_id::text, '-', '') ORDER BY s.subject_id)"
                " FROM hub.requests r JOIN hub.request_subjects s USING (tenant_id, request_id)"
                " WHERE r.tenant_id = %s AND s.decision = 'review' AND r.state NOT IN ('answered', 'closed')"
                " GROUP BY r.request_id, r.due_at ORDER BY r.due_at, r.request_id",
                (tenant_id,),
            ).fetchall()
            named = {
                request_id: [
                    ((row[0], row[1]), row[2])
                    for row in connection.execute(
                        "SELECT kind, pseudonym, verified FROM hub.request_identifiers"
                        " WHERE tenant_id = %s AND request_id = %s",
                        (tenant_id, request_id),
                    )
                ]
                for request_id, _ in rows
            }
        found: list[Waiting] = []
        for request_id, subjects in rows:
            proved = [pair for pair, verified in named[request_id] if verified]
            person = find_person(self._database, self._keyring, tenant_id, proved)
            doubts = self.doubts(person, [pair for pair, _ in named[request_id]], subjects)
            found.append(Waiting(request_id, tuple(subjects), tuple(doubts)))
        return found

    def _reached(
        self, tenant_id: str, uncertain: Collection[str], common: Collection[Pair]
    ) -> dict[Pair, tuple[str, ...]]:
        ordered = sorted(common)
        with self._database.tenant(tenant_id, "vault") as connection:
            rows = connection.execute(
                "SELECT i.kind, i.pseudonym, array_agg(replace(i.subject_id::text, '-', '') ORDER BY i.subject_id)"
                " FROM vault.identifiers i JOIN unnest(%s::text[], %s::text[]) AS w (kind, pseudonym)"
                " USING (kind, pseudonym)"
                " WHERE i.tenant_id = %s AND i.subject_id = ANY(%s::uuid[]) GROUP BY i.kind, i.pseudonym",
                (
                    [kind for kind, _ in ordered],
                    [pseudonym for _, pseudonym in ordered],
                    tenant_id,
                    sorted(uncertain),
                ),
            ).fetchall()
        return {(kind, pseudonym): tuple(subjects) for kind, pseudonym, subjects in rows}

    def _mentions(self, tenant_id: str, pair: Pair) -> int:
        with self._database.tenant(tenant_id, "vault") as connection:
            row = connection.execute(
                "SELECT count(*) FROM vault.mentions WHERE tenant_id = %s AND kind = %s AND pseudonym = %s",
                (tenant_id, *pair),
            ).fetchone()
        return row[0] if row else 0

    def _days(self, person: Person, pair: Pair, periods: Sequence[Held]) -> tuple[Days, ...]:
        tables = rows_by_day(self._database, self._providers, self._policies, person.tenant_id, pair)
        return tuple(
            stretch for table, days in sorted(tables.items()) for stretch in stretches(table, days, periods, person)
        )


def stretches(table: str, days: Counter[date | None], periods: Sequence[Held], person: Person) -> list[Days]:
    """Days of a table cut where a period begins or ends, oldest first; rows without a day come last."""
    found: dict[tuple[UUID | None, int], list[date]] = {}
    for day in sorted(day for day in days if day is not None):
        held = next((each for each in periods if _covers(each, day)), None)
        # Between the same two periods, days belong together.
        gap = sum(1 for each in periods if each.since is not None and each.since <= day)
        found.setdefault((held.period_id if held else None, gap), []).append(day)
    holders: dict[UUID | None, str] = {each.period_id: each.subject_id for each in periods}
    result = [
        Days(table, members[0], members[-1], sum(days[day] for day in members), _whose(holders.get(period), person))
        for (period, _), members in found.items()
    ]
    if undated := days.get(None, 0):
        result.append(Days(table, None, None, undated, "nobody"))
    return result


def _covers(held: Held, day: date) -> bool:
    return (held.since is None or held.since <= day) and (held.until is None or day < held.until)


def _whose(subject: str | None, person: Person) -> Whose:
    if subject is None:
        return "nobody"
    return "this_person" if subject in person.subjects else "another"
