"""Steps of a request between receipt and answer that a person takes: assign, ask, start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.errors import HubError
from hub.kvkk.requests import identity, packages, record, subjects
from hub.kvkk.requests.sealed import seal
from hub.kvkk.requests.work import HANDLERS

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from connectors.secret import Secret
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.kvkk.requests.record import Request


def assign(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    request_id: UUID,
    handler: str,
    *,
    actor: Actor,
    email: Secret | None = None,
    now: datetime | None = None,
) -> Request:
    """Make a request somebody's: from then on they start, answer or refuse it. Warnings go to `email`, kept sealed."""
    sealed = (
        seal(keyring.tenant(tenant_id), request_id, "handler_contact", {"email": email.reveal()}) if email else None
    )
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        request = record.read(connection, tenant_id, request_id, locked=True)
        return record.move(
            connection,
            tenant_id,
            request,
            "assign",
            actor=actor,
            now=moment,
            details={"with_email": sealed is not None},
            handler=handler,
            handler_contact_cipher=sealed,
        )


def ask(
    database: Database, tenant_id: str, request_id: UUID, missing: str, *, actor: Actor, now: datetime | None = None
) -> Request:
    """Note that the applicant was asked for what is missing, as a code. The thirty days run on meanwhile."""
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        request = record.read(connection, tenant_id, request_id, locked=True)
        return record.move(connection, tenant_id, request, "ask", actor=actor, now=moment, details={"missing": missing})


def start(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    request_id: UUID,
    *,
    actor: Actor,
    now: datetime | None = None,
) -> Request:
    """Begin the work, or again after it failed or its package is gone. The hub's own part is left to a Dagster run.

    The subject index is asked once more. HubError `request_identity_open`, `request_review_open`,
    `request_work_running`, `request_before_erasure`, and what `transitions.after` says.
    """
    with database.tenant(tenant_id, "app") as connection:
        request = record.read(connection, tenant_id, request_id)
    if request.identity_confirmed_at is not None and request.work_state in {"none", "failed"}:
        identity.find_again(database, keyring, tenant_id, request_id)
    with record.deciding(database, tenant_id, request_id, "start", actor=actor) as connection:
        moment = record.clock(connection, now)
        request = record.read(connection, tenant_id, request_id, locked=True)
        if request.identity_confirmed_at is None:
            raise HubError("request_identity_open")
        again = request.work_state == "failed" or packages.is_gone(connection, tenant_id, request)
        if request.state == "in_progress" and not again:
            raise HubError("request_work_running", state=request.work_state)
        in_review = subjects.waiting(connection, tenant_id, request_id)
        if in_review:
            raise HubError("request_review_open", count=in_review)
        if request.type == "erase" and not again:
            packages.require_none_waiting(connection, tenant_id, request_id)
        changes: dict[str, Any] = {"work_state": "pending" if request.type in HANDLERS else "none", "work_code": None}
        if request.handler is None:
            changes["handler"] = actor.name
        return record.move(
            connection,
            tenant_id,
            request,
            "start",
            actor=actor,
            now=moment,
            details={"work": changes["work_state"], "again": again},
            **changes,
        )
