"""Whom a request concerns: found through the subject index, and decided by a reviewer where the index only suggests it.

An identifier that the applicant merely claims proves nothing: what it leads to waits for a reviewer, like what is
reached through a weak or shared one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from hub.errors import HubError
from hub.kvkk.person import find_person
from hub.kvkk.requests import record

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.kvkk.person import Person, Reached
    from hub.kvkk.requests.opening import Pseudonym
    from hub.kvkk.requests.vocabulary import Decision


@dataclass(frozen=True)
class Concerned:
    """One subject of a request. Subject ids are derived from pseudonyms and say nothing of the person."""

    subject_id: str
    reached_by: Reached
    decision: Decision
    decided_by: str | None


def found(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    *,
    verified: Collection[Pseudonym],
    claimed: Collection[Pseudonym],
) -> dict[str, Reached]:
    """Every subject that verified identifiers reach, and as `weak` all that only claimed or uncertain ones do."""
    person = find_person(database, keyring, tenant_id, verified) if verified else None
    subjects: dict[str, Reached] = dict(person.subjects) if person else {}
    doubtful: set[str] = set(person.uncertain) if person else set()
    if claimed:
        other: Person = find_person(database, keyring, tenant_id, claimed)
        doubtful |= other.subjects.keys() | other.uncertain
    subjects.update(dict.fromkeys(doubtful - subjects.keys(), "weak"))
    return subjects


def settle(connection: Connection, tenant_id: str, request_id: UUID, subjects: dict[str, Reached]) -> int:
    """Make the request's list agree with what was found; what a person decided stays. How many wait for a reviewer."""
    connection.execute(
        "DELETE FROM hub.request_subjects WHERE tenant_id = %s AND request_id = %s AND decided_by IS NULL",
        (tenant_id, request_id),
    )
    connection.execute(
        "INSERT INTO hub.request_subjects (tenant_id, request_id, subject_id, reached_by, decision)"
        " SELECT %s, %s, subject_id::uuid, reached_by, CASE reached_by WHEN 'weak' THEN 'review' ELSE 'included' END"
        " FROM unnest(%s::text[], %s::text[]) AS found (subject_id, reached_by)"
        " ON CONFLICT (tenant_id, request_id, subject_id) DO NOTHING",
        (tenant_id, request_id, list(subjects), list(subjects.values())),
    )
    return waiting(connection, tenant_id, request_id)


def waiting(connection: Connection, tenant_id: str, request_id: UUID) -> int:
    """Subjects of the request that no reviewer has decided about."""
    row = connection.execute(
        "SELECT count(*) FROM hub.request_subjects WHERE tenant_id = %s AND request_id = %s AND decision = 'review'",
        (tenant_id, request_id),
    ).fetchone()
    return int(row[0]) if row else 0


def concerned(connection: Connection, tenant_id: str, request_id: UUID) -> list[Concerned]:
    """The request's subjects, those that wait for a reviewer first."""
    rows = connection.execute(
        "SELECT replace(subject_id::text, '-', ''), reached_by, decision, decided_by FROM hub.request_subjects"
        " WHERE tenant_id = %s AND request_id = %s ORDER BY decision <> 'review', decision, subject_id",
        (tenant_id, request_id),
    ).fetchall()
    return [Concerned(*row) for row in rows]


def decide(
    database: Database,
    tenant_id: str,
    request_id: UUID,
    subject_id: str,
    decision: Literal["included", "excluded"],
    *,
    reason: str,
    actor: Actor,
    now: datetime | None = None,
) -> Concerned:
    """A reviewer's word on one subject that waits for it. `reason` is a code, kept with the decision.

    HubError `request_subject_unknown`, `request_subject_not_in_review`, `request_work_running`.
    """
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        request = record.read(connection, tenant_id, request_id, locked=True)
        if request.work_state in {"pending", "running", "done"}:
            raise HubError("request_work_running", state=request.work_state)
        known = {each.subject_id: each for each in concerned(connection, tenant_id, request_id)}
        subject = known.get(subject_id.replace("-", "").lower())
        if subject is None:
            raise HubError("request_subject_unknown")
        if subject.decision != "review" and subject.decided_by is None:
            raise HubError("request_subject_not_in_review")
        connection.execute(
            "UPDATE hub.request_subjects SET decision = %s, decided_by = %s, decided_at = %s, reason = %s"
            " WHERE tenant_id = %s AND request_id = %s AND subject_id = %s",
            (decision, actor.name, moment, reason, tenant_id, request_id, UUID(subject.subject_id)),
        )
        details = {"subject": subject.subject_id, "decision": decision, "reason": reason}
        record.move(connection, tenant_id, request, "review", actor=actor, now=moment, details=details)
        return Concerned(subject.subject_id, subject.reached_by, decision, actor.name)
