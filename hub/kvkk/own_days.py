"""In which days a shared identifier (a pool vehicle's plate, a number that changed hands) counts as a person's.

A period that was noted for the person says it. Without one, a reviewer may have said that the subject which stands for
the identifier is the person: then the days that were noted for somebody else are still not theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.kvkk.person import Period

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys
    from hub.kvkk.person import Pair, Person


def own_days(connection: Connection, keys: TenantKeys, person: Person) -> frozenset[Period]:
    """The person's days. An identifier in one of them is nowhere else theirs, whoever its own subject is taken for."""
    noted = {(each.kind, each.pseudonym) for each in person.periods}
    alone = {(each.kind, each.pseudonym) for each in person.identifiers} - noted
    included = {pair for pair in alone if keys.subject_id(*pair) in person.subjects}
    others = _periods(connection, person.tenant_id, included)
    return person.periods | {gap for pair, taken in others.items() for gap in gaps(pair, taken)}


def gaps(pair: Pair, taken: Collection[Period]) -> list[Period]:
    """The days between periods that do not overlap, with what is before the first and after the last of them."""
    found: list[Period] = []
    free: date | None = None
    for number, period in enumerate(sorted(taken, key=lambda each: (each.since is not None, each.since))):
        if period.since is not None and (number == 0 or free != period.since):
            found.append(Period(*pair, free, period.since))
        if period.until is None:
            return found
        free = period.until
    return [*found, Period(*pair, free, None)]


def _periods(connection: Connection, tenant_id: str, pairs: Collection[Pair]) -> dict[Pair, list[Period]]:
    if not pairs:
        return {}
    kinds, pseudonyms = zip(*sorted(pairs), strict=True)
    found: dict[Pair, list[Period]] = {}
    for row in connection.execute(
        "SELECT kind, pseudonym, held_from, held_until FROM vault.identifier_periods"
        " JOIN unnest(%s::text[], %s::text[]) AS w (kind, pseudonym) USING (kind, pseudonym)"
        " WHERE tenant_id = %s AND undone_at IS NULL",
        (list(kinds), list(pseudonyms), tenant_id),
    ):
        period = Period(*row)
        found.setdefault((period.kind, period.pseudonym), []).append(period)
    return found
