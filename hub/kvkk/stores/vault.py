"""The store of originals and of the subject index: keys are destroyed first, then the rows go.

It comes last in an erasure, since it is what leads to the person. Keys live in another cluster, so a process that dies
between the two leaves originals that nobody can read, and the repetition deletes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from hub.keys.shredding import living, shred
from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.stores.unreferred import remove_unreferred
from hub.kvkk.traces import traces_of
from kvkk_policies.detect.span import LABELS

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection
    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub, Method
    from hub.kvkk.traces import Traces

_CATEGORY_OF_KIND = {label.kind: label.category for label in LABELS.values()}
_INDEX = "KIMLIK"
"""What the subject index as a whole counts under."""
_UNREFERRED = "DIGER"
"""Originals that no row refers to any more, of whatever kind."""

# What a text says in clear of somebody cannot be taken out of it: the whole original goes, whoever else it speaks of.
_MENTIONING = (
    " (stream, row_key, column_name) IN (SELECT stream, row_key, column_name FROM vault.mentions"
    " WHERE tenant_id = %(tenant)s AND pseudonym = ANY(%(named)s))"
)
_WHERE: dict[LiteralString, LiteralString] = {
    "vault.originals": "(subject_id = ANY(%(subjects)s::uuid[]) OR pseudonym = ANY(%(named)s))",
    "vault.texts": f"(subject_id = ANY(%(subjects)s::uuid[]) OR {_MENTIONING})",
    "vault.mentions": "pseudonym = ANY(%(named)s)",
    "vault.links": "(subject_id = ANY(%(subjects)s::uuid[]) OR other_subject_id = ANY(%(subjects)s::uuid[]))",
    "vault.identifier_periods": "subject_id = ANY(%(subjects)s::uuid[])",
    "vault.identifiers": "(subject_id = ANY(%(subjects)s::uuid[]) OR pseudonym = ANY(%(named)s))",
    "vault.subjects": "subject_id = ANY(%(subjects)s::uuid[])",
}
"""In the order of deletion: mentions lead to texts."""


class VaultStore:
    """Subjects, identifiers, originals, texts, mentions, links, and the subjects' keys."""

    name = "vault"

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def tables(self) -> frozenset[str]:
        """Everything in `vault`. A shared identifier is by its nature nobody's; what is withheld waits for its day."""
        return frozenset(_WHERE) | {"vault.shared_identifiers", "vault.withheld", "keys.subject_keys"}

    def find(self, person: Person) -> list[Held]:
        """Rows that are sealed for the person, or that the index has of them."""
        given = _given(traces_of(self._hub.database, self._hub.keyring, person))
        held: list[Held] = []
        with self._hub.database.tenant(person.tenant_id, "vault") as connection:
            for kind, count in connection.execute(
                "SELECT kind, count(*) FROM vault.originals WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own names
                f" AND {_WHERE['vault.originals']} GROUP BY kind ORDER BY kind",
                given,
            ):
                held.append(Held("vault.originals", _CATEGORY_OF_KIND.get(kind, _INDEX), count))
            counted: tuple[tuple[LiteralString, str], ...] = (("vault.texts", "MUSTERI"), ("vault.identifiers", _INDEX))
            for table, category in counted:
                count = _count(connection, table, given)
                held += [Held(table, category, count)] if count else []
        return _summed(held)

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Destroy the keys, then delete the rows. `before` does not divide people: the index has no dates."""
        del before
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        held = self.find(person)
        shred(self._hub.database, person.tenant_id, traces.subjects)
        with self._hub.database.tenant(person.tenant_id, "vault") as connection:
            for table, where in _WHERE.items():
                connection.execute(
                    f"DELETE FROM {table} WHERE tenant_id = %(tenant)s AND {where}",  # noqa: S608 - our own names
                    _given(traces),
                )
        done = [Destroyed(each.dataset, each.category, each.records, _method(each)) for each in held]
        unreferred = remove_unreferred(self._hub, person.tenant_id, traces.shared_subjects)
        return [*done, Destroyed("vault.originals", _UNREFERRED, unreferred, "crypto_shred")] if unreferred else done

    def verify(self, person: Person, *, before: datetime) -> int:
        """Keys that are alive, and rows that lead to the person."""
        del before
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        left = living(self._hub.database, person.tenant_id, traces.subjects)
        with self._hub.database.tenant(person.tenant_id, "vault") as connection:
            return left + sum(_count(connection, table, _given(traces)) for table in _WHERE)


def _method(held: Held) -> Method:
    return "delete" if held.dataset == "vault.identifiers" else "crypto_shred"


def _given(traces: Traces) -> dict[str, object]:
    return {
        "tenant": traces.tenant_id,
        "subjects": sorted(traces.subjects),
        "named": sorted(pseudonym for _, pseudonym in traces.named),
    }


def _count(connection: Connection, table: LiteralString, given: dict[str, object]) -> int:
    row = connection.execute(
        f"SELECT count(*) FROM {table} WHERE tenant_id = %(tenant)s AND {_WHERE[table]}",  # noqa: S608 - our own names
        given,
    ).fetchone()
    return int(row[0]) if row else 0


def _summed(held: list[Held]) -> list[Held]:
    """Several kinds count under one category."""
    summed: dict[tuple[str, str], int] = {}
    for each in held:
        summed[each.dataset, each.category] = summed.get((each.dataset, each.category), 0) + each.records
    return [Held(dataset, category, records) for (dataset, category), records in summed.items()]
