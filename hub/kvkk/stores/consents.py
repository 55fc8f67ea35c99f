"""The stores of consents, legal bases and refusals.

That a consent stood, and when, must be proved for as long as claims may be made (kvkk.md, section 5), so its record
stays: it ends now, its person gives way to a mark under the suppression key, and everything that describes the person
goes. The mark answers "was this person's consent recorded" to whoever holds the key and asks about one person; no list
of people follows from it. A refusal proves nothing and is deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.istanbul import start_of
from hub.kvkk.person import Period
from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.suppression import erased_mark
from hub.kvkk.traces import traces_of

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection
    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub, Method

_CONSENTS, _BASES, _REFUSALS = "hub.consents", "hub.legal_bases", "hub.refusals"
_CATEGORY = "KIMLIK"

_OF = {
    _CONSENTS: ("given_at", "created_at"),
    _BASES: ("valid_from", "recorded_at"),
    _REFUSALS: ("first_refused_at", "first_refused_at"),
}
"""When a record is of, and when it was recorded."""
_ENDS = {
    _CONSENTS: "UPDATE hub.consents AS r SET data_subject = m.mark, ip_address = NULL, user_agent = NULL,"
    " evidence_ref = NULL, withdrawn_at = coalesce(r.withdrawn_at, greatest(now(), r.given_at)),"
    " withdrawal_channel = coalesce(r.withdrawal_channel, 'erasure'),"
    " withdrawal_reason = coalesce(r.withdrawal_reason, 'erased')",
    _BASES: "UPDATE hub.legal_bases AS r SET data_subject = m.mark, evidence_ref = NULL,"
    " ended_at = coalesce(r.ended_at, greatest(now(), r.valid_from)), ended_by = coalesce(r.ended_by, 'erasure'),"
    " end_reason = coalesce(r.end_reason, 'erased')",
}


_THEIRS = (
    "(SELECT pseudonym, mark, coalesce(since, '-infinity') AS since, coalesce(until, 'infinity') AS until"
    " FROM unnest(%(pseudonyms)s::text[], %(marks)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[])"
    " AS m (pseudonym, mark, since, until)) AS m"
)


class ConsentStore:
    """Consents and other legal bases, kept as proof of nobody, and refusals."""

    name = "consents"

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def tables(self) -> frozenset[str]:
        """Three tables of the control plane."""
        return frozenset({_CONSENTS, _BASES, _REFUSALS})

    def find(self, person: Person) -> list[Held]:
        """Records about the person's pseudonyms, and about shared ones of the person's days."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            counts = self._counts(connection, person, before=None)
        return [Held(table, _CATEGORY, count) for table, count in sorted(counts.items()) if count]

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """End and unname consents and bases recorded before `before`; delete refusals."""
        given = self._given(person, before)
        done: list[Destroyed] = []
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            for table in (_CONSENTS, _BASES, _REFUSALS):
                start = f"{_ENDS[table]} FROM" if table in _ENDS else "DELETE FROM hub.refusals AS r USING"
                count = connection.execute(f"{start} {_THEIRS} {self._where(table)}".encode(), given).rowcount
                method: Method = "overwrite" if table in _ENDS else "delete"
                done += [Destroyed(table, _CATEGORY, count, method)] if count else []
        return done

    def verify(self, person: Person, *, before: datetime) -> int:
        """Records that name the person, save those of a new relation."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            return sum(self._counts(connection, person, before=before).values())

    def _counts(self, connection: Connection, person: Person, before: datetime | None) -> dict[str, int]:
        given = self._given(person, before)
        found: dict[str, int] = {}
        for table in _OF:
            row = connection.execute(
                f"SELECT count(*) FROM {table} AS r, {_THEIRS} {self._where(table)}".encode(),  # noqa: S608 - our own names
                given,
            ).fetchone()
            found[table] = int(row[0]) if row else 0
        return found

    def _where(self, table: str) -> str:
        of, recorded = _OF[table]
        return (
            "WHERE r.tenant_id = %(tenant)s AND r.data_subject = m.pseudonym"
            f" AND r.{of} >= m.since AND r.{of} < m.until"
            f" AND (%(before)s::timestamptz IS NULL OR r.{recorded} < %(before)s)"
        )

    def _given(self, person: Person, before: datetime | None) -> dict[str, Any]:
        keys = self._hub.keyring.tenant(person.tenant_id)
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        whole = [Period(*pair, None, None) for pair in sorted(traces.anchors | traces.named)]
        theirs = [*whole, *sorted(traces.days, key=str)]
        return {
            "tenant": person.tenant_id,
            "pseudonyms": [each.pseudonym for each in theirs],
            "marks": [erased_mark(keys, each.kind, each.pseudonym) for each in theirs],
            "since": [start_of(each.since) if each.since else None for each in theirs],
            "until": [start_of(each.until) if each.until else None for each in theirs],
            "before": before,
        }
