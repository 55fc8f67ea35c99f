"""Proof that the persons concerned were told: for each of them when, and by what evidence; or one publication for all.

Since January 2026 the Board lifts a public announcement once this is proven, so the proof is kept for each person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from hub.errors import HubError
from hub.kvkk.breach import record
from hub.kvkk.wording import require_reference

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor
    from hub.kvkk.breach.record import Breach
    from hub.kvkk.breach.vocabulary import ToldHow


def tell_persons(
    database: Database,
    tenant_id: str,
    breach_id: UUID,
    *,
    how: ToldHow,
    evidence: str | Mapping[UUID, str],
    at: datetime | None,
    actor: Actor,
    now: datetime | None = None,
) -> int:
    """Note that persons were told; the number of those to whom that was new. What was proven before stays.

    `evidence` is a reference for everybody who waits (a publication's address), or one for each subject.
    `persons_notified_at` is set once nobody waits any more. `InvalidInput`; HubError `breach_unknown`,
    `breach_closed`, `breach_told_when_wrong`, `breach_subject_unknown`.
    """
    for reference in {evidence} if isinstance(evidence, str) else set(evidence.values()):
        require_reference("evidence_ref", reference, or_page=True)
    with database.tenant(tenant_id, "app") as connection:
        breach = record.read(connection, tenant_id, breach_id, locked=True)
        if breach.state == "closed":
            raise HubError("breach_closed", breach=str(breach_id))
        moment = record.clock(connection, now)
        told = at or moment
        if not breach.learned_at <= told <= moment:
            raise HubError("breach_told_when_wrong")
        listed = [
            row[0]
            for row in connection.execute(
                "SELECT subject_id FROM hub.breach_subjects WHERE tenant_id = %s AND breach_id = %s",
                (tenant_id, breach_id),
            )
        ]
        references = dict.fromkeys(listed, evidence) if isinstance(evidence, str) else dict(evidence)
        strangers = references.keys() - set(listed)
        if strangers:
            raise HubError("breach_subject_unknown", count=len(strangers))
        done = connection.execute(
            "UPDATE hub.breach_subjects s SET told_at = %(told)s, evidence_ref = e.reference"
            " FROM unnest(%(subjects)s::uuid[], %(references)s::text[]) AS e (subject_id, reference)"
            " WHERE s.tenant_id = %(tenant)s AND s.breach_id = %(breach)s AND s.subject_id = e.subject_id"
            " AND s.told_at IS NULL",
            {
                "told": told,
                "subjects": list(references),
                "references": list(references.values()),
                "tenant": tenant_id,
                "breach": breach_id,
            },
        ).rowcount
        _settle(breach, connection, tenant_id, told, everybody=isinstance(evidence, str))
        details = {"how": how, "told_at": told.isoformat()}
        details |= {"evidence_ref": evidence} if isinstance(evidence, str) else {}
        record.enter(connection, tenant_id, breach_id, "persons_told", actor=actor, count=done, details=details)
    return done


def _settle(breach: Breach, connection: Connection, tenant_id: str, told: datetime, *, everybody: bool) -> None:
    """Nobody waits any more: by a publication, or because each listed person was told."""
    if breach.persons_notified_at is not None:
        return
    connection.execute(
        "UPDATE hub.breaches SET persons_notified_at = %(told)s WHERE tenant_id = %(tenant)s AND breach_id = %(breach)s"
        " AND NOT EXISTS (SELECT FROM hub.breach_subjects WHERE tenant_id = %(tenant)s AND breach_id = %(breach)s"
        " AND told_at IS NULL) AND (%(everybody)s OR EXISTS (SELECT FROM hub.breach_subjects"
        " WHERE tenant_id = %(tenant)s AND breach_id = %(breach)s))",
        {"told": told, "tenant": tenant_id, "breach": breach.breach_id, "everybody": everybody},
    )
