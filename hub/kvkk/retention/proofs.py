"""Proofs of consents and other legal bases, once nobody can ask for them any more.

A consent that has ended is kept to show that it stood: for the life of the processing and the ten years in which claims
may be made (kvkk.md, section 5; TBK art. 146). Afterwards the proof itself is personal data without a reason. What
stays is the audit log's word that so many were destroyed, and its entries of their recording, by ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from connectors.istanbul import day_of, start_of
from hub.kvkk import audit
from hub.kvkk.erasure.run import person_of
from hub.kvkk.retention.aged import Due
from hub.kvkk.retention.rules import minus
from hub.kvkk.suppression import ERASED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from hub.db.database import Connection
    from hub.kvkk.audit import Actor
    from hub.kvkk.holds import Hold
    from hub.kvkk.stores import Hub

KEPT = "P10Y"
"""Counted from the end of the consent or basis."""

_CONSENTS, _BASES = "hub.consents", "hub.legal_bases"
_CATEGORIES = {_CONSENTS: ("KIMLIK", "ISLEM_GUV"), _BASES: ("KIMLIK",)}
"""What a proof holds of the person; the first is what it is logged under."""

_ENDED = {
    # An open check says that data still rests on the consent, and without one nobody has looked yet (a withdrawal
    # raises it by itself): its processing is not over.
    _CONSENTS: "SELECT id, data_subject FROM hub.consents c LEFT JOIN hub.erasure_checks e"
    " ON e.tenant_id = c.tenant_id AND e.consent_id = c.id WHERE c.tenant_id = %(tenant)s"
    " AND least(withdrawn_at, expires_at) < %(before)s AND coalesce(e.state NOT IN ('raised', 'open'),"
    " withdrawn_at IS NOT NULL)",
    _BASES: "SELECT id, data_subject FROM hub.legal_bases WHERE tenant_id = %(tenant)s"
    " AND least(ended_at, valid_until) < %(before)s",
}
_STANDING = (
    # Consents that stay, and whatever they or their own predecessors supersede: one matter, proved by all of them.
    "WITH RECURSIVE stays AS (SELECT id, supersedes_id FROM hub.consents WHERE tenant_id = %(tenant)s"
    " AND NOT id = ANY(%(ended)s) UNION SELECT c.id, c.supersedes_id FROM hub.consents c"
    " JOIN stays s ON c.id = s.supersedes_id WHERE c.tenant_id = %(tenant)s)"
    " SELECT id FROM unnest(%(ended)s::uuid[]) AS e (id) WHERE id NOT IN (SELECT id FROM stays)"
)


@dataclass(frozen=True)
class Proofs:
    """One tenant's proofs at a moment, with the holds in force."""

    hub: Hub
    tenant_id: str
    now: datetime
    held: Sequence[Hold]

    def due(self) -> list[Due]:
        """How many are kept no longer."""
        found: list[Due] = []
        with self.hub.database.tenant(self.tenant_id, "eraser") as connection:
            for table in _ENDED:
                found += self._counted(table, len(self._over(connection, table)))
        return found

    def destroy(self, actor: Actor) -> list[Due]:
        """Delete them, once the audit log has how many."""
        planned = self.due()
        if not planned:
            return []
        entry = audit.Entry(
            actor,
            "proofs_destroyed",
            _CONSENTS,
            purpose="destruction",
            count=sum(each.records for each in planned),
            details={each.dataset: each.records for each in planned},
        )
        audit.record(self.hub.database, self.tenant_id, entry)
        done: list[Due] = []
        with self.hub.database.tenant(self.tenant_id, "eraser") as connection:
            for table in _ENDED:
                ids = self._over(connection, table)
                if table == _CONSENTS:
                    connection.execute(
                        "DELETE FROM hub.erasure_checks WHERE tenant_id = %s AND consent_id = ANY(%s)",
                        (self.tenant_id, ids),
                    )
                count = connection.execute(
                    f"DELETE FROM {table} WHERE tenant_id = %s AND id = ANY(%s)".encode(),  # noqa: S608 - our own names
                    (self.tenant_id, ids),
                ).rowcount
                done += self._counted(table, count)
        return done

    def _counted(self, table: str, count: int) -> list[Due]:
        return [Due(table, _CATEGORIES[table][0], count, "delete")] if count else []

    def _over(self, connection: Connection, table: str) -> list[UUID]:
        targets = {hold.target for hold in self.held if hold.scope in ("dataset", "category")}
        if targets & {table, *_CATEGORIES[table]}:
            return []
        given = {"tenant": self.tenant_id, "before": start_of(minus(day_of(self.now), KEPT))}
        rows = connection.execute(_ENDED[table].encode(), given).fetchall()
        ended = [row[0] for row in rows if not self._is_held(row[1])]
        if table != _CONSENTS or not ended:
            return ended
        return [row[0] for row in connection.execute(_STANDING.encode(), {"tenant": self.tenant_id, "ended": ended})]

    def _is_held(self, data_subject: str) -> bool:
        """Whose proof an erased person's is, nobody can tell any more: any hold on somebody keeps it."""
        subjects = {hold.target for hold in self.held if hold.scope == "subject"}
        if not subjects:
            return False
        kind = data_subject.rpartition("_")[0]
        own = self.hub.keyring.tenant(self.tenant_id).subject_id(kind, data_subject)
        return kind == ERASED or own in subjects or data_subject in self._held_pseudonyms(subjects)

    def _held_pseudonyms(self, subjects: Collection[str]) -> frozenset[str]:
        return person_of(self.hub.database, self.tenant_id, set(subjects)).pseudonyms
