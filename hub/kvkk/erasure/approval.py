"""The second pair of eyes for an erasure of many subjects, given by somebody else who signed in.

An approval is a line in the request's history. It is of the subjects that were meant when it was given, and counts for
no others. A name that was stated on the hub's machine tells nobody apart: the work must have been started by somebody
who signed in as well, or two names of one person would pass for two people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.identity.naming import is_user
from hub.kvkk.erasure import handle
from hub.kvkk.erasure import record as erasures
from hub.kvkk.erasure.meant import digest_of, whole
from hub.kvkk.requests import record

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor


@dataclass(frozen=True)
class Approval:
    """Who approved the erasure of how many subjects; `of` names the set (`digest_of`)."""

    by: str
    subjects: int
    of: str


def approve(database: Database, keyring: Keyring, tenant_id: str, request_id: UUID, *, actor: Actor) -> Approval:
    """Approve the erasure of those whom a request means now. Its work is started, or started again, after that.

    HubError `request_unknown`, `request_not_to_erase`; `erasure_self_approved` for whoever started the work or handles
    the request; `erasure_starter_unknown` where that is somebody who did not sign in.
    """
    person = handle.concerned(database, keyring, tenant_id, request_id)
    person = whole(database, person, erasures.unfinished(database, tenant_id, person.subjects))
    given = Approval(actor.name, len(person.subjects), digest_of(person.subjects))
    with record.deciding(database, tenant_id, request_id, "approve", actor=actor) as connection:
        moment = record.clock(connection, None)
        request = record.read(connection, tenant_id, request_id, locked=True)
        others = {each for each in (_starter(connection, tenant_id, request_id), request.handler) if each is not None}
        if actor.name in others:
            raise HubError("erasure_self_approved")
        if not all(map(is_user, others)):
            raise HubError("erasure_starter_unknown")
        details = {"subjects": given.subjects, "of": given.of}
        record.move(connection, tenant_id, request, "approve", actor=actor, now=moment, details=details)
    return given


def standing(database: Database, tenant_id: str, request_id: UUID) -> Approval | None:
    """The last approval by somebody else than whoever started the work; None without one."""
    with database.tenant(tenant_id, "app") as connection:
        starter = _starter(connection, tenant_id, request_id)
        row = connection.execute(
            "SELECT actor, (details ->> 'subjects')::int, details ->> 'of' FROM hub.request_events"
            " WHERE tenant_id = %s AND request_id = %s AND event = 'approve' AND actor <> %s"
            " ORDER BY number DESC LIMIT 1",
            (tenant_id, request_id, starter or ""),
        ).fetchone()
    if row is None or starter is None or not is_user(starter):
        return None
    return Approval(*row)


def _starter(connection: Connection, tenant_id: str, request_id: UUID) -> str | None:
    row = connection.execute(
        "SELECT actor FROM hub.request_events WHERE tenant_id = %s AND request_id = %s AND event = 'start'"
        " ORDER BY number DESC LIMIT 1",
        (tenant_id, request_id),
    ).fetchone()
    return row[0] if row else None
