"""A breach as the register keeps it, its sealed form, and the timeline to which every step adds one entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.breach.form import Form, missing
from hub.kvkk.breach.vocabulary import State

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import TenantKeys
    from hub.kvkk.audit import Actor

BOARD_WITHIN = timedelta(hours=72)
"""Board decision 2019/10: consecutive hours from learning of the breach; weekends and feasts count."""

_PURPOSE = "breach-form"
_COLUMNS = (
    "breach_id, state, learned_at, board_due_at, began_at, ended_at, escalated_hours, board_notified_at,"
    " persons_notified_at, registered_by, created_at, closed_at,"
    " (SELECT count(*) FROM hub.breach_events e WHERE e.tenant_id = breaches.tenant_id"
    " AND e.breach_id = breaches.breach_id)"
)


@dataclass(frozen=True)
class Breach:
    """One breach without its form."""

    breach_id: UUID
    state: State
    learned_at: datetime
    board_due_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    escalated_hours: tuple[int, ...]
    board_notified_at: datetime | None
    persons_notified_at: datetime | None
    registered_by: str
    created_at: datetime
    closed_at: datetime | None
    version: int
    """How much was done about it: the timeline's entries."""

    def late(self, now: datetime) -> bool:
        """Whether the Board was told, or is going to be told, after the 72 hours."""
        return (self.board_notified_at or now) > self.board_due_at

    def remaining(self, now: datetime) -> timedelta | None:
        """Time left to tell the Board, negative when it is over; None once it is told or the matter is closed."""
        return self.board_due_at - now if self.state == "open" else None

    def missing(self, form: Form, now: datetime) -> tuple[str, ...]:
        """What the Board's form lacks."""
        return missing(form, began_at=self.began_at, ended_at=self.ended_at, late=self.late(now))


@dataclass(frozen=True)
class Event:
    """One entry of a breach's timeline: codes, counts and names of fields."""

    number: int
    at: datetime
    actor: str
    event: str
    details: Mapping[str, Any]


def sealed(keys: TenantKeys, breach_id: UUID, form: Form) -> bytes:
    """The form as the ciphertext of its column."""
    return keys.seal(_PURPOSE, str(breach_id), form.model_dump_json(exclude_none=True).encode())


def read(connection: Connection, tenant_id: str, breach_id: UUID, *, locked: bool = False) -> Breach:
    """One breach in a transaction of the tenant's scope; `locked` keeps it until the end. HubError `breach_unknown`."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.breaches WHERE tenant_id = %s AND breach_id = %s"  # noqa: S608 - our own text
        f"{' FOR UPDATE' if locked else ''}",
        (tenant_id, breach_id),
    ).fetchone()
    if row is None:
        raise HubError("breach_unknown", breach=str(breach_id))
    return _breach(row)


def read_all(connection: Connection, tenant_id: str) -> list[Breach]:
    """Every breach of a tenant, the newest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.breaches WHERE tenant_id = %s ORDER BY learned_at DESC, breach_id",  # noqa: S608 - our own text
        (tenant_id,),
    ).fetchall()
    return [_breach(row) for row in rows]


def listed(
    database: Database,
    tenant_id: str,
    *,
    closed: bool = True,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Breach]:
    """A page of a tenant's breaches, the newest first; `after` are the time and id at which the last one ended."""
    before, last = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.breaches WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own text
            " AND (%(closed)s OR state <> 'closed') AND (%(before)s::timestamptz IS NULL OR learned_at < %(before)s"
            " OR (learned_at = %(before)s AND breach_id > %(last)s::uuid))"
            " ORDER BY learned_at DESC, breach_id LIMIT %(limit)s",
            {"tenant": tenant_id, "closed": closed, "before": before, "last": last, "limit": limit},
        ).fetchall()
    return [_breach(row) for row in rows]


def read_form(connection: Connection, keys: TenantKeys, breach_id: UUID) -> Form:
    """The form, opened. HubError `breach_unknown`, `ciphertext_invalid`."""
    row = connection.execute(
        "SELECT form_cipher FROM hub.breaches WHERE tenant_id = %s AND breach_id = %s", (keys.tenant_id, breach_id)
    ).fetchone()
    if row is None:
        raise HubError("breach_unknown", breach=str(breach_id))
    return Form.model_validate(json.loads(keys.open(_PURPOSE, str(breach_id), bytes(row[0]))))


def timeline(connection: Connection, tenant_id: str, breach_id: UUID) -> list[Event]:
    """Everything that was done about a breach, in its order."""
    rows = connection.execute(
        "SELECT number, at, actor, event, details FROM hub.breach_events WHERE tenant_id = %s AND breach_id = %s"
        " ORDER BY number",
        (tenant_id, breach_id),
    ).fetchall()
    return [Event(*row) for row in rows]


def enter(
    connection: Connection,
    tenant_id: str,
    breach_id: UUID,
    event: str,
    *,
    actor: Actor,
    count: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add to the timeline and to the audit log, in the caller's transaction, which holds the breach's row."""
    from psycopg.types.json import Jsonb

    given = dict(details or {}) | ({} if count is None else {"count": count})
    connection.execute(
        "INSERT INTO hub.breach_events (tenant_id, breach_id, number, actor, event, details)"
        " SELECT %(tenant)s, %(breach)s, coalesce(max(number), 0) + 1, %(actor)s, %(event)s, %(details)s"
        " FROM hub.breach_events WHERE tenant_id = %(tenant)s AND breach_id = %(breach)s",
        {"tenant": tenant_id, "breach": breach_id, "actor": actor.name, "event": event, "details": Jsonb(given)},
    )
    audit.append(
        connection,
        tenant_id,
        audit.Entry(
            actor,
            f"breach.{event}",
            f"breach:{breach_id}",
            purpose="breach",
            legal_basis="legal_obligation",
            count=count,
            details=dict(details or {}),
        ),
    )


def clock(connection: Connection, now: datetime | None) -> datetime:
    """The database's time, unless a test says another."""
    if now is not None:
        return now
    row = connection.execute("SELECT now()").fetchone()
    return cast("datetime", row[0] if row else None)


def _breach(row: tuple[Any, ...]) -> Breach:
    breach = Breach(*row)
    return replace(breach, escalated_hours=tuple(breach.escalated_hours))
