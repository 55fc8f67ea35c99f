"""The stores of consents, legal bases and refusals.

That a consent stood, and when, must be proved for as long as claims may be made (kvkk.md, section 5), so its record
stays: it ends now, its person gives way to a mark under the suppression key, and everything that describes the person
goes. The mark answers "was this person's consent recorded" to whoever holds the key and asks about one person; no list
of people follows from it. A refusal proves nothing and is deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.suppression import erased_mark
from hub.kvkk.traces import traces_of

if TYPE_CHECKING:
    from datetime import datetime

    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub
    from hub.kvkk.traces import Pair

_CONSENTS, _BASES, _REFUSALS = "hub.consents", "hub.legal_bases", "hub.refusals"
_CATEGORY = "KIMLIK"

_ENDS = {
    _CONSENTS: "UPDATE hub.consents AS r SET data_subject = m.mark, ip_address = NULL, user_agent = NULL,"
    " evidence_ref = NULL, withdrawn_at = coalesce(r.withdrawn_at, greatest(now(), r.given_at)),"
    " withdrawal_channel = coalesce(r.withdrawal_channel, 'erasure'),"
    " withdrawal_reason = coalesce(r.withdrawal_reason, 'erased')",
    _BASES: "UPDATE hub.legal_bases AS r SET data_subject = m.mark, evidence_ref = NULL,"
    " ended_at = coalesce(r.ended_at, greatest(now(), r.valid_from)), ended_by = coalesce(r.ended_by, 'erasure'),"
    " end_reason = coalesce(r.end_reason, 'erased')",
}


class ConsentStore:
    """Consents and other legal bases, kept as proof of nobody, and refusals."""

    name = "consents"

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def tables(self) -> frozenset[str]:
        """Three tables of the control plane."""
        return frozenset({_CONSENTS, _BASES, _REFUSALS})

    def find(self, person: Person) -> list[Held]:
        """Records about the person's pseudonyms."""
        pseudonyms = [pseudonym for _, pseudonym in self._pairs(person)]
        held: list[Held] = []
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            for table in sorted(self.tables()):
                row = connection.execute(
                    f"SELECT count(*) FROM {table} WHERE tenant_id = %s AND data_subject = ANY(%s)".encode(),  # noqa: S608 - our own names
                    (person.tenant_id, pseudonyms),
                ).fetchone()
                held += [Held(table, _CATEGORY, int(row[0]))] if row and row[0] else []
        return held

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """End and unname consents and bases recorded before `before`; delete refusals."""
        keys = self._hub.keyring.tenant(person.tenant_id)
        pairs = self._pairs(person)
        given = {
            "tenant": person.tenant_id,
            "pseudonyms": [pseudonym for _, pseudonym in pairs],
            "marks": [erased_mark(keys, *pair) for pair in pairs],
            "before": before,
        }
        done: list[Destroyed] = []
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            for table, update in _ENDS.items():
                recorded = "created_at" if table == _CONSENTS else "recorded_at"
                count = connection.execute(
                    f"{update} FROM unnest(%(pseudonyms)s::text[], %(marks)s::text[]) AS m (pseudonym, mark)"
                    " WHERE r.tenant_id = %(tenant)s AND r.data_subject = m.pseudonym"
                    f" AND r.{recorded} < %(before)s".encode(),
                    given,
                ).rowcount
                done += [Destroyed(table, _CATEGORY, count, "overwrite")] if count else []
            count = connection.execute(
                "DELETE FROM hub.refusals WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(pseudonyms)s)"
                " AND first_refused_at < %(before)s",
                given,
            ).rowcount
            done += [Destroyed(_REFUSALS, _CATEGORY, count, "delete")] if count else []
        return done

    def verify(self, person: Person, *, before: datetime) -> int:
        """Records that name the person, save those of a new relation."""
        pseudonyms = [pseudonym for _, pseudonym in self._pairs(person)]
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM hub.consents WHERE tenant_id = %(tenant)s"
                "  AND data_subject = ANY(%(pseudonyms)s) AND created_at < %(before)s)"
                " + (SELECT count(*) FROM hub.legal_bases WHERE tenant_id = %(tenant)s"
                "  AND data_subject = ANY(%(pseudonyms)s) AND recorded_at < %(before)s)"
                " + (SELECT count(*) FROM hub.refusals WHERE tenant_id = %(tenant)s"
                "  AND data_subject = ANY(%(pseudonyms)s) AND first_refused_at < %(before)s)",
                {"tenant": person.tenant_id, "pseudonyms": pseudonyms, "before": before},
            ).fetchone()
        return int(row[0]) if row else 0

    def _pairs(self, person: Person) -> list[Pair]:
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        return sorted(traces.anchors | traces.named)
