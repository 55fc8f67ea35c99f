"""One request as the desk sees it, and the only place that changes one: state, event and audit entry together."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.requests.transitions import Act, after
from hub.kvkk.requests.vocabulary import Channel, Outcome, RequestType, State, WorkState

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal
    from uuid import UUID

    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor

_COLUMNS = (
    "request_id, type, state, outcome, channel, language, received_at, due_at, identity_confirmed_at, identity_method,"
    " handler, refusal_code, refusal_article, destruction_due, fee, answered_at, closed_at, work_state, work_code,"
    " warned_days"
)

_REFUSED_ACCESSES = frozenset({"request_not_yours", "request_role_wrong", "erasure_self_approved"})


@dataclass(frozen=True)
class Request:
    """What may be listed: states, codes and times. Contact, content and answer are sealed and stand elsewhere."""

    request_id: UUID
    type: RequestType
    state: State
    outcome: Outcome | None
    channel: Channel
    language: str
    received_at: datetime
    due_at: datetime
    identity_confirmed_at: datetime | None
    identity_method: str | None
    handler: str | None
    refusal_code: str | None
    refusal_article: str | None
    destruction_due: date | None
    fee: Decimal
    answered_at: datetime | None
    closed_at: datetime | None
    work_state: WorkState
    work_code: str | None
    warned_days: list[int]


@dataclass(frozen=True)
class Wanted:
    """Which requests of a list; what says nothing takes all."""

    states: Sequence[State] = ()
    types: Sequence[RequestType] = ()
    handler: str | None = None
    due_before: datetime | None = None


@dataclass(frozen=True)
class Event:
    """One line of a request's history. `details` holds codes and counts."""

    number: int
    at: datetime
    actor: str
    event: str
    details: Mapping[str, Any]


def read(connection: Connection, tenant_id: str, request_id: UUID, *, locked: bool = False) -> Request:
    """One request; HubError `request_unknown`. `locked` keeps others from moving it until the transaction ends."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.requests WHERE tenant_id = %s AND request_id = %s"  # noqa: S608 - our own text
        + (" FOR UPDATE" if locked else ""),
        (tenant_id, request_id),
    ).fetchone()
    if row is None:
        raise HubError("request_unknown", request=str(request_id))
    return Request(*row)


def listed(connection: Connection, tenant_id: str, *, only_open: bool) -> list[Request]:
    """A tenant's requests, the most urgent first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.requests WHERE tenant_id = %s"  # noqa: S608 - our own text
        " AND (NOT %s OR state NOT IN ('answered', 'closed')) ORDER BY answered_at IS NOT NULL, due_at, request_id",
        (tenant_id, only_open),
    ).fetchall()
    return [Request(*row) for row in rows]


def page(
    database: Database,
    tenant_id: str,
    *,
    only_open: bool,
    wanted: Wanted | None = None,
    after: tuple[bool, datetime, UUID] | None = None,
    limit: int,
) -> list[Request]:
    """A part of the list, in its order; `after` says of the last one seen whether it was answered, when due, its id."""
    answered, due, last = after or (None, None, None)
    wanted = wanted or Wanted()
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.requests WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own text
            " AND (NOT %(open)s OR state NOT IN ('answered', 'closed'))"
            " AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))"
            " AND (%(types)s::text[] IS NULL OR type = ANY(%(types)s))"
            " AND (%(handler)s::text IS NULL OR handler = %(handler)s)"
            " AND (%(due_before)s::timestamptz IS NULL OR due_at < %(due_before)s) AND (%(last)s::uuid IS NULL"
            " OR (answered_at IS NOT NULL, due_at, request_id)"
            " > (%(answered)s::boolean, %(due)s::timestamptz, %(last)s::uuid))"
            " ORDER BY answered_at IS NOT NULL, due_at, request_id LIMIT %(limit)s",
            {
                "tenant": tenant_id,
                "open": only_open,
                "states": list(wanted.states) or None,
                "types": list(wanted.types) or None,
                "handler": wanted.handler,
                "due_before": wanted.due_before,
                "answered": answered,
                "due": due,
                "last": last,
                "limit": limit,
            },
        ).fetchall()
    return [Request(*row) for row in rows]


def events(connection: Connection, tenant_id: str, request_id: UUID) -> list[Event]:
    """A request's history, oldest first."""
    rows = connection.execute(
        "SELECT number, at, actor, event, details FROM hub.request_events"
        " WHERE tenant_id = %s AND request_id = %s ORDER BY number",
        (tenant_id, request_id),
    ).fetchall()
    return [Event(*row) for row in rows]


def clock(connection: Connection, now: datetime | None) -> datetime:
    """The database's time, unless a test says another."""
    if now is not None:
        return now
    row = connection.execute("SELECT now()").fetchone()
    return cast("datetime", row[0] if row else None)


def move(
    connection: Connection,
    tenant_id: str,
    request: Request,
    act: Act,
    *,
    actor: Actor,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Request:
    """Do one act to a request that this transaction has locked: checked, changed, told in its history and audited.

    `changes` are columns with their new values. HubError as `transitions.after` says.
    """
    from psycopg import sql

    target = after(act, request.state, actor=actor, handler=request.handler)
    changes["state"] = target
    assigned = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in changes
    )
    connection.execute(
        sql.SQL("UPDATE hub.requests SET {} WHERE tenant_id = %(of_tenant)s AND request_id = %(of_request)s").format(
            assigned
        ),
        changes | {"of_tenant": tenant_id, "of_request": request.request_id},
    )
    tell(connection, tenant_id, request.request_id, act, actor=actor, now=now, details=details or {})
    return read(connection, tenant_id, request.request_id)


@contextmanager
def deciding(database: Database, tenant_id: str, request_id: UUID, act: Act, *, actor: Actor) -> Generator[Connection]:
    """A transaction in which somebody does what only the request's handler may do.

    Whoever is refused as somebody else has still tried: the log has it although the transaction is rolled back.
    """
    try:
        with database.tenant(tenant_id, "app") as connection:
            yield connection
    except HubError as refusal:
        if refusal.code in _REFUSED_ACCESSES:
            about = f"request:{request_id}"
            entry = audit.Entry(actor, f"request.{act}", about, result=refusal.code, request_id=request_id)
            audit.record(database, tenant_id, entry)
        raise


def tell(
    connection: Connection,
    tenant_id: str,
    request_id: UUID,
    event: str,
    *,
    actor: Actor,
    now: datetime,
    details: Mapping[str, Any],
    count: int | None = None,
) -> None:
    """Add to a request's history and to the audit log. Whoever calls has locked the request, or has just made it."""
    from psycopg.types.json import Jsonb

    connection.execute(
        "INSERT INTO hub.request_events (tenant_id, request_id, number, at, actor, event, details)"
        " SELECT %(tenant)s, %(request)s, coalesce(max(number), 0) + 1, %(at)s, %(actor)s, %(event)s, %(details)s"
        " FROM hub.request_events WHERE tenant_id = %(tenant)s AND request_id = %(request)s",
        {
            "tenant": tenant_id,
            "request": request_id,
            "at": now,
            "actor": actor.name,
            "event": event,
            "details": Jsonb(dict(details)),
        },
    )
    audit.append(
        connection,
        tenant_id,
        audit.Entry(
            actor, f"request.{event}", f"request:{request_id}", count=count, request_id=request_id, details=details
        ),
    )
