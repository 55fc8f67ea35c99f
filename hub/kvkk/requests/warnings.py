"""Warns before an answer is late, and when it is: once each, to the data-protection contact and to the handler.

The days are counted back from the due date, so that a tenant with a shorter promise is warned as long before its end.
Without a contact nothing is lost: `hub kvkk requests list` shows what is due, and the history what was warned of.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from connectors.secret import Secret
from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.clocks import ANSWER_DAYS, ANSWER_WARNING_DAYS
from hub.kvkk.requests import record
from hub.kvkk.requests.desk_settings import read_settings
from hub.kvkk.requests.sealed import read_part
from hub.kvkk.requests.transitions import MACHINE
from hub.kvkk.requests.vocabulary import ARTICLES, OPEN_STATES
from hub.mail.queue import enqueue
from hub.mail.server import is_address

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.requests.desk_settings import DeskSettings
    from hub.kvkk.requests.record import Request

_log = logging.getLogger(__name__)

WATCH = Actor("request_warnings", MACHINE)

MOST_AT_ONCE = 1_000

_SOON = """
SELECT tenant_id, request_id, due_at, warned_days FROM hub.requests
WHERE state NOT IN ('answered', 'closed') AND due_at <= %s ORDER BY due_at, tenant_id, request_id
"""


class Warned(NamedTuple):
    """Requests that were warned of, mails that were queued for it, and requests whose tenant's settings are wrong."""

    requests: int
    mails: int
    failed: int = 0


class Pending(NamedTuple):
    """An open request with a warning that is due."""

    tenant_id: str
    request_id: UUID


def days_reached(due_at: datetime, now: datetime) -> list[int]:
    """Which warnings' times have come: days of thirty, the last of them the day on which it is late."""
    return [day for day in (*ANSWER_WARNING_DAYS, ANSWER_DAYS) if now >= due_at - timedelta(days=ANSWER_DAYS - day)]


def pending(database: Database, now: datetime | None = None) -> list[Pending]:
    """Requests with a warning that was not given yet, as the crossing `janitor` may see them."""
    with database.crossing("janitor") as connection:
        connection.execute("SET LOCAL statement_timeout = '10s'")
        moment = record.clock(connection, now)
        horizon = moment + timedelta(days=ANSWER_DAYS - min(ANSWER_WARNING_DAYS))
        rows = connection.execute(_SOON, (horizon,)).fetchall()
    found = [Pending(row[0], row[1]) for row in rows if set(days_reached(row[2], moment)) - set(row[3])]
    return found[:MOST_AT_ONCE]


def warn(database: Database, keyring: Keyring, now: datetime | None = None) -> Warned:
    """Give every warning that is due, each in a transaction of its own: noted, told in the history, mailed."""
    requests = mails = failed = 0
    for each in pending(database, now):
        try:
            queued = _warn_of(database, keyring, each, now)
        except HubError as error:  # one tenant's trouble keeps no other tenant from being warned
            _log.warning("request %s of %s: %s", each.request_id, each.tenant_id, error.code)
            failed += 1
            continue
        if queued is not None:
            requests += 1
            mails += queued
    return Warned(requests, mails, failed)


def _warn_of(database: Database, keyring: Keyring, each: Pending, now: datetime | None) -> int | None:
    keys = keyring.tenant(each.tenant_id)
    with database.tenant(each.tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        request = record.read(connection, each.tenant_id, each.request_id, locked=True)
        reached = days_reached(request.due_at, moment)
        fresh = sorted(set(reached) - set(request.warned_days))
        if not fresh or request.state not in OPEN_STATES:
            return None  # answered or warned of meanwhile
        settings = read_settings(connection, each.tenant_id)
        queued, undeliverable = _mail(connection, keys, request, fresh[-1], settings, moment)
        record.move(
            connection,
            each.tenant_id,
            request,
            "warn",
            actor=WATCH,
            now=moment,
            details={"days": fresh, "mails": queued, "undeliverable": undeliverable},
            warned_days=sorted({*request.warned_days, *fresh}),
        )
    return queued


def _mail(
    connection: Connection,
    keys: TenantKeys,
    request: Request,
    day: int,
    settings: DeskSettings,
    now: datetime,
) -> tuple[int, list[str]]:
    """One mail for the latest day reached: whoever was not looked at for a week needs no two.

    How many were queued, and whose address is none (`dpo`, `handler`).
    """
    from hub.kvkk.calendar import ISTANBUL

    late = day == ANSWER_DAYS
    fields = {
        "request": str(request.request_id),
        "type": request.type,
        "article": ARTICLES[request.type],
        "due": request.due_at.astimezone(ISTANBUL).strftime("%d.%m.%Y %H:%M"),
        "state": request.state,
    }
    if not late:
        fields["days_left"] = str((request.due_at - now).days)
    handler: Any = read_part(connection, keys, request.request_id, "handler_contact")
    recipients = {"dpo": settings.dpo_email, "handler": handler["email"] if handler else None}
    undeliverable = [role for role, address in recipients.items() if address is not None and not is_address(address)]
    queued = sum(
        enqueue(
            connection,
            keys,
            template_name="request_overdue" if late else "request_warning",
            language=settings.language,
            recipient=Secret(address),
            fields=fields,
            about=f"request:{request.request_id}:{day}:{role}",
        )
        for role, address in recipients.items()
        if address is not None and role not in undeliverable
    )
    return queued, undeliverable
