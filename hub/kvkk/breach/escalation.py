"""Presses while the 72 hours run: at 24, 48, 60 and 72 hours the tenant's data-protection contact is told, once each.

What was escalated is noted in the transaction that queues the mail, so that no hour is told twice and none is lost. A
tenant without a contact (`dpo_email` in its settings) still has it in the breach's timeline.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.secret import Secret
from hub.errors import HubError
from hub.i18n import parse_language
from hub.kvkk import audit
from hub.kvkk.breach import record
from hub.kvkk.breach.record import BOARD_WITHIN, Breach
from hub.mail.queue import enqueue

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys

    Enqueue = Callable[..., bool]

_log = logging.getLogger(__name__)

BOARD_HOURS = int(BOARD_WITHIN / timedelta(hours=1))
ESCALATION_HOURS = (24, 48, 60, BOARD_HOURS)
"""Hours after the breach was learned of."""

MOST_AT_ONCE = 500
_ISTANBUL = ZoneInfo("Europe/Istanbul")
_OPEN = """
SELECT tenant_id, breach_id, learned_at, escalated_hours FROM hub.breaches
WHERE state = 'open' AND learned_at <= %s ORDER BY learned_at, tenant_id, breach_id
"""


class Escalated(NamedTuple):
    """Breaches that were escalated, mails that were queued, and breaches for which that failed."""

    breaches: int
    mails: int
    failed: int = 0


class Pending(NamedTuple):
    """An open breach with an hour that was not told yet."""

    tenant_id: str
    breach_id: UUID


def hours_reached(learned_at: datetime, now: datetime) -> list[int]:
    """Which hours have come. Hours are counted, not days: no weekend or feast stops them."""
    return [hours for hours in ESCALATION_HOURS if now >= learned_at + timedelta(hours=hours)]


def pending(database: Database, now: datetime | None = None) -> list[Pending]:
    """What is to be escalated, as the crossing `janitor` may see it."""
    with database.crossing("janitor") as connection:
        moment = record.clock(connection, now)
        rows = connection.execute(_OPEN, (moment - timedelta(hours=ESCALATION_HOURS[0]),)).fetchall()
    found = [Pending(row[0], row[1]) for row in rows if set(hours_reached(row[2], moment)) - set(row[3])]
    return found[:MOST_AT_ONCE]


def escalate(
    database: Database, keyring: Keyring, now: datetime | None = None, *, enqueue: Enqueue = enqueue
) -> Escalated:
    """Escalate everything that is due, each in a transaction of its own. `enqueue` is the mails' queue."""
    breaches = mails = failed = 0
    for each in pending(database, now):
        try:
            queued = _escalate(database, keyring, each, now, enqueue)
        except HubError as error:  # one tenant's trouble keeps no other tenant from being told
            _log.warning("breach %s of %s: %s", each.breach_id, each.tenant_id, error.code)
            failed += 1
            continue
        if queued is not None:
            breaches += 1
            mails += queued
    return Escalated(breaches, mails, failed)


def _escalate(
    database: Database, keyring: Keyring, each: Pending, now: datetime | None, enqueue: Enqueue
) -> int | None:
    keys = keyring.tenant(each.tenant_id)
    with database.tenant(each.tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        breach = record.read(connection, each.tenant_id, each.breach_id, locked=True)
        fresh = sorted(set(hours_reached(breach.learned_at, moment)) - set(breach.escalated_hours))
        if not fresh or breach.state != "open":
            return None  # the Board was told meanwhile, or another process escalated it
        connection.execute(
            "UPDATE hub.breaches SET escalated_hours = %s WHERE tenant_id = %s AND breach_id = %s",
            (sorted({*breach.escalated_hours, *fresh}), each.tenant_id, each.breach_id),
        )
        queued = _mail(connection, keys, breach, fresh[-1], moment, enqueue)
        details = {"hours": fresh, "mail": queued}
        record.enter(connection, each.tenant_id, each.breach_id, "escalated", actor=audit.SYSTEM, details=details)
    return queued == "queued"


def _mail(connection: Connection, keys: TenantKeys, breach: Breach, hour: int, now: datetime, enqueue: Enqueue) -> str:
    """One mail for the latest hour reached: `queued`, `no_contact`, or `undeliverable` where its address is none."""
    row = connection.execute(
        "SELECT settings ->> 'dpo_email', language FROM hub.tenants WHERE tenant_id = %s", (keys.tenant_id,)
    ).fetchone()
    if row is None or row[0] is None:
        return "no_contact"
    fields: dict[str, Any] = {
        "breach": str(breach.breach_id),
        "due": f"{breach.board_due_at.astimezone(_ISTANBUL):%d.%m.%Y %H:%M}",
    }
    over = hour >= BOARD_HOURS
    if not over:
        fields["hours_left"] = str(int((breach.board_due_at - now) / timedelta(hours=1)))
    try:
        enqueue(
            connection,
            keys,
            template_name="breach_overdue" if over else "breach_escalation",
            language=parse_language(str(row[1])) or "tr",
            recipient=Secret(str(row[0])),
            fields=fields,
            about=f"breach:{breach.breach_id}:{hour}",
        )
    except HubError as error:
        if error.code != "mail_address_malformed":
            raise
        return "undeliverable"
    return "queued"
