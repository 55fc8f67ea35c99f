"""What İYS said of whom, remembered for at most a day. A refusal holds at once, from wherever it was heard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from connectors.iys.register import PermissionType, RecipientType, Standing
    from hub.db.database import Connection

FRESH = timedelta(hours=24)
"""kvkk.md, section 9: how long an answer may be gone by."""
NOTHING = "YOK"
"""What stands for "no record"."""

Status = Literal["ONAY", "RET", "YOK"]


class Who(NamedTuple):
    """An address as the hub may keep it: a pseudonym."""

    recipient: str
    type: PermissionType
    recipient_type: RecipientType


@dataclass(frozen=True)
class State:
    """What İYS said of an address, and when it was asked."""

    status: Status
    consent_date: datetime | None
    asked_at: datetime

    def fresh(self, now: datetime) -> bool:
        """Whether it may still be gone by. An answer from the future (a clock that jumped) may not."""
        return self.asked_at <= now < self.asked_at + FRESH

    def permitted_after(self, moment: datetime) -> bool:
        """Whether İYS told of a permission that is later than a refusal of this moment."""
        return self.status == "ONAY" and self.consent_date is not None and self.consent_date > moment


def read(connection: Connection, tenant_id: str, recipients: Collection[str]) -> dict[Who, State]:
    """Everything remembered of these pseudonyms, fresh or not, in one query."""
    if not recipients:
        return {}
    rows = connection.execute(
        "SELECT recipient, type, recipient_type, status, consent_date, asked_at FROM hub.iys_states"
        " WHERE tenant_id = %s AND recipient = ANY(%s)",
        (tenant_id, sorted(set(recipients))),
    ).fetchall()
    return {Who(*row[:3]): State(*row[3:]) for row in rows}


def remember(connection: Connection, tenant_id: str, answers: Mapping[Who, Standing], *, asked_at: datetime) -> None:
    """Keep answers. An answer that was overtaken by a later one, or by a refusal heard since, changes nothing.

    One that is dated later than now (a clock had jumped) overtakes none.
    """
    if not answers:
        return
    ordered = sorted(answers)
    columns: dict[str, list[Any]] = {
        "recipients": [who.recipient for who in ordered],
        "kinds": [who.recipient.rpartition("_")[0] for who in ordered],
        "types": [who.type for who in ordered],
        "recipient_types": [who.recipient_type for who in ordered],
        "statuses": [answers[who].status or NOTHING for who in ordered],
        "sources": [answers[who].source for who in ordered],
        "dates": [answers[who].consent_date for who in ordered],
    }
    connection.execute(
        "INSERT INTO hub.iys_states AS s (tenant_id, recipient, recipient_kind, type, recipient_type, status, source,"
        " consent_date, asked_at, changed_at) SELECT %(tenant)s, recipient, kind, type, recipient_type, status, source,"
        " consent_date, %(asked)s, now() FROM unnest(%(recipients)s::text[], %(kinds)s::text[], %(types)s::text[],"
        " %(recipient_types)s::text[], %(statuses)s::text[], %(sources)s::text[], %(dates)s::timestamptz[])"
        " AS a (recipient, kind, type, recipient_type, status, source, consent_date)"
        " ON CONFLICT (tenant_id, recipient, type, recipient_type) DO UPDATE SET status = excluded.status,"
        " source = excluded.source, consent_date = excluded.consent_date, asked_at = excluded.asked_at,"
        " changed_at = CASE WHEN s.status = excluded.status THEN s.changed_at ELSE now() END"
        " WHERE s.asked_at <= excluded.asked_at OR s.asked_at > now()",
        {"tenant": tenant_id, "asked": asked_at, **columns},
    )


def note_refusals(
    connection: Connection, tenant_id: str, refusals: Mapping[Who, tuple[str, datetime]], *, heard_at: datetime
) -> None:
    """Keep refusals (source and date) that were heard without asking, unless İYS told of a later permission."""
    from connectors.iys.register import Standing

    known = read(connection, tenant_id, {who.recipient for who in refusals})
    answers = {
        who: Standing("RET", source, date)
        for who, (source, date) in refusals.items()
        if who not in known or not known[who].permitted_after(date)
    }
    remember(connection, tenant_id, answers, asked_at=heard_at)


def forget(connection: Connection, tenant_id: str, permissions: Mapping[Who, datetime]) -> None:
    """Let these be asked for anew, for İYS has a permission of that date: only its own answer loosens anything.

    A later refusal stays.
    """
    if not permissions:
        return
    ordered = sorted(permissions)
    connection.execute(
        "DELETE FROM hub.iys_states s USING unnest(%(recipients)s::text[], %(types)s::text[],"
        " %(recipient_types)s::text[], %(dates)s::timestamptz[]) AS a (recipient, type, recipient_type, date)"
        " WHERE s.tenant_id = %(tenant)s AND s.recipient = a.recipient AND s.type = a.type"
        " AND s.recipient_type = a.recipient_type AND (s.status <> 'RET' OR s.consent_date IS NULL"
        " OR s.consent_date <= a.date)",
        {
            "tenant": tenant_id,
            "recipients": [who.recipient for who in ordered],
            "types": [who.type for who in ordered],
            "recipient_types": [who.recipient_type for who in ordered],
            "dates": [permissions[who] for who in ordered],
        },
    )
