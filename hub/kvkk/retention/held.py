"""Whose rows age does not touch: those that name somebody who is under a legal hold, however the rows name them.

A row may hold their pseudonym, or, where a tenant keeps a column readable, the identifier itself. A shared identifier
that was theirs for some days alone keeps its rows of every day: a hold rather keeps too much for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hub.kvkk.erasure.meant import person_of
from hub.kvkk.person import find_person
from hub.kvkk.stores.landed import values_in_clear

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.holds import Hold
    from hub.kvkk.stores import Hub
    from hub.kvkk.stores.landed import LandedStream


class HeldPeople(NamedTuple):
    """Everybody under a hold on a subject: their subjects (32 hex digits), and what rows may name them by."""

    subjects: frozenset[str] = frozenset()
    pseudonyms: frozenset[str] = frozenset()


def held_people(database: Database, keyring: Keyring, tenant_id: str, held: Sequence[Hold]) -> HeldPeople:
    """Whom holds on subjects keep: with a subject everything that is the same person by a link or strong identifier."""
    targets = {hold.target for hold in held if hold.scope == "subject"}
    if not targets:
        return HeldPeople()
    subjects = set(targets)
    for target in targets:
        known = person_of(database, tenant_id, {target}).identifiers
        proofs = {(each.kind, each.pseudonym) for each in known if each.strength == "strong"}
        proofs = proofs or {(each.kind, each.pseudonym) for each in known}
        subjects |= find_person(database, keyring, tenant_id, proofs).subjects.keys() if proofs else set()
    people = person_of(database, tenant_id, subjects)
    of_days = {period.pseudonym for period in people.periods}
    return HeldPeople(frozenset(subjects), people.pseudonyms | of_days)


def held_values(
    hub: Hub, tenant_id: str, landed: LandedStream, pseudonyms: Collection[str]
) -> Mapping[str, Sequence[str]]:
    """What of these people may stand in a stream's rows, by the column that names them."""
    if not pseudonyms:
        return {}
    keys = hub.keyring.tenant(tenant_id)
    with hub.database.tenant(tenant_id, "eraser") as connection:
        clear = {column.name: values_in_clear(connection, keys, landed, column) for column in landed.naming}
    return {
        name: [*sorted(pseudonyms), *(value for value, (_, pseudonym) in found.items() if pseudonym in pseudonyms)]
        for name, found in clear.items()
    }
