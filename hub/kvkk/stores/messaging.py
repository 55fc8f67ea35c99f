"""The store of messages: who wanted none, what İYS said of whom, and what was brought to İYS.

A refusal must hold after an erasure too, should the same number come back with a new relation; and that a permission
was brought to İYS in time must be proved for as long as claims may be made. So both stay under a mark of the
suppression key, as consents do: it answers whoever asks about one number, and names nobody. What İYS said goes, and
what it has not heard yet it never will: the number is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.suppression import erased_mark
from hub.kvkk.traces import traces_of

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection
    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub

_OPT_OUTS, _STATES, _PUSHES = "hub.opt_outs", "hub.iys_states", "hub.iys_pushes"
_CATEGORIES = {_OPT_OUTS: "ILETISIM", _STATES: "PAZARLAMA", _PUSHES: "PAZARLAMA"}
_RECORDED = {_OPT_OUTS: "created_at", _STATES: "changed_at", _PUSHES: "created_at"}
_THEIRS = "unnest(%(pseudonyms)s::text[], %(marks)s::text[]) AS m (pseudonym, mark)"


class MessagingStore:
    """Opt-outs and permissions brought to İYS, kept as proof of nobody, and İYS's states."""

    name = "messaging"

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def tables(self) -> frozenset[str]:
        """Three tables, in which recipients are pseudonyms."""
        return frozenset(_CATEGORIES)

    def find(self, person: Person) -> list[Held]:
        """Rows about the person's phone numbers and addresses that nobody else has."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            given = self._given(person)
            counts = {table: _count(connection, table, given) for table in _CATEGORIES}
        return [Held(table, _CATEGORIES[table], count) for table, count in counts.items() if count]

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Put marks in the place of the person, and delete what İYS said."""
        given = {**self._given(person), "before": before}
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            # A mark of an earlier erasure may stand there already; the later word of refusal is the one that counts.
            opt_outs = connection.execute(
                "WITH gone AS (DELETE FROM hub.opt_outs o USING"  # noqa: S608 - our own text
                f" {_THEIRS} WHERE o.tenant_id = %(tenant)s AND o.recipient = m.pseudonym"
                " AND o.created_at < %(before)s RETURNING o.*, m.mark)"
                " INSERT INTO hub.opt_outs AS o (tenant_id, recipient, recipient_kind, channel, scope, source,"
                " recorded_at) SELECT %(tenant)s, mark, recipient_kind, channel, scope, source, recorded_at FROM gone"
                " ON CONFLICT (tenant_id, recipient, channel) DO UPDATE SET recorded_at ="
                " greatest(o.recorded_at, excluded.recorded_at)".encode(),
                given,
            ).rowcount
            states = connection.execute(
                "DELETE FROM hub.iys_states WHERE tenant_id = %(tenant)s AND recipient = ANY(%(pseudonyms)s)"
                " AND changed_at < %(before)s",
                given,
            ).rowcount
            pushes = connection.execute(
                "UPDATE hub.iys_pushes AS p SET recipient = m.mark, state = CASE WHEN p.settled_at IS NULL"  # noqa: S608 - our own text
                " THEN 'refused' ELSE p.state END, code = CASE WHEN p.settled_at IS NULL THEN 'erased' ELSE p.code END,"
                f" settled_at = coalesce(p.settled_at, now()) FROM {_THEIRS} WHERE p.tenant_id = %(tenant)s"
                " AND p.recipient = m.pseudonym AND p.created_at < %(before)s".encode(),
                given,
            ).rowcount
        done = [
            Destroyed(_OPT_OUTS, _CATEGORIES[_OPT_OUTS], opt_outs, "overwrite"),
            Destroyed(_STATES, _CATEGORIES[_STATES], states, "delete"),
            Destroyed(_PUSHES, _CATEGORIES[_PUSHES], pushes, "overwrite"),
        ]
        return [each for each in done if each.records]

    def verify(self, person: Person, *, before: datetime) -> int:
        """Rows that name the person, save those of a new relation."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            given = {**self._given(person), "before": before}
            return sum(_count(connection, table, given) for table in _CATEGORIES)

    def _given(self, person: Person) -> dict[str, Any]:
        keys = self._hub.keyring.tenant(person.tenant_id)
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        pairs = sorted(traces.anchors | traces.named)
        return {
            "tenant": person.tenant_id,
            "pseudonyms": [pseudonym for _, pseudonym in pairs],
            "marks": [erased_mark(keys, kind, pseudonym) for kind, pseudonym in pairs],
            "before": None,
        }


def _count(connection: Connection, table: str, given: dict[str, Any]) -> int:
    row = connection.execute(
        (
            f"SELECT count(*) FROM {table} WHERE tenant_id = %(tenant)s AND recipient = ANY(%(pseudonyms)s)"  # noqa: S608 - our own names
            f" AND (%(before)s::timestamptz IS NULL OR {_RECORDED[table]} < %(before)s)"
        ).encode(),
        given,
    ).fetchone()
    return int(row[0]) if row else 0
