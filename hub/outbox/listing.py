"""What may be shown of actions: ids, states, codes, counts and money, and of a payload nothing but its summary."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hub.errors import HubError

if TYPE_CHECKING:
    from hub.db.database import Connection, Database


@dataclass(frozen=True)
class Listed:
    """An action without its payload. `recipient` is a pseudonym."""

    action_id: UUID
    kind: str
    state: str
    reason: str | None
    priority: int
    not_before: datetime
    attempts: int
    recipient: str | None
    template: str | None
    commercial: bool
    about: str | None
    batch_id: UUID | None
    summary: Mapping[str, Any]
    facts: Mapping[str, Any]
    units: int
    amount: Decimal
    currency: str
    failure_status: int | None
    failure_provider_code: str | None
    created_by: str
    created_at: datetime
    accepted_at: datetime | None
    delivered_at: datetime | None
    settled_at: datetime | None
    decide_by: datetime | None
    next_look_at: datetime | None


@dataclass(frozen=True)
class Attempt:
    """One attempt. `outcome` is None while it is under way."""

    attempt: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    code: str | None
    status: int | None
    provider_code: str | None


COLUMNS = (
    "action_id, kind, state, reason, priority, not_before, attempts, recipient, template, commercial, about, batch_id,"
    " summary, facts, units, amount, currency, failure_status, failure_provider_code, created_by, created_at,"
    " accepted_at, delivered_at, settled_at, decide_by, next_look_at"
)
OPEN_STATES = ("pending", "leased", "accepted", "unknown", "dead")


def listed(
    database: Database,
    tenant_id: str,
    *,
    states: Collection[str] = OPEN_STATES,
    kind: str | None = None,
    batch_id: UUID | None = None,
    most: int = 100,
) -> list[Listed]:
    """Newest first."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM hub.actions WHERE tenant_id = %(tenant)s AND state = ANY(%(states)s)"  # noqa: S608 - our own names
            " AND (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(batch)s::uuid IS NULL OR batch_id = %(batch)s)"
            " ORDER BY created_at DESC, action_id LIMIT %(most)s",
            {"tenant": tenant_id, "states": list(states), "kind": kind, "batch": batch_id, "most": most},
        ).fetchall()
    return [Listed(*row) for row in rows]


def get(database: Database, tenant_id: str, action_id: UUID) -> tuple[Listed, list[Attempt]]:
    """One action and its attempts; HubError `action_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        found = read(connection, tenant_id, action_id)
        rows = connection.execute(
            "SELECT attempt, started_at, finished_at, outcome, code, status, provider_code FROM hub.action_attempts"
            " WHERE tenant_id = %s AND action_id = %s ORDER BY attempt",
            (tenant_id, action_id),
        ).fetchall()
    return found, [Attempt(*row) for row in rows]


def read(connection: Connection, tenant_id: str, action_id: UUID) -> Listed:
    """One action, in the caller's transaction; HubError `action_unknown`."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM hub.actions WHERE tenant_id = %s AND action_id = %s",  # noqa: S608 - our own names
        (tenant_id, action_id),
    ).fetchone()
    if row is None:
        raise HubError("action_unknown", action=str(action_id))
    return Listed(*row)


def counts(database: Database, tenant_id: str) -> Sequence[tuple[str, str, int]]:
    """How many actions of each kind stand in each state."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT kind, state, count(*) FROM hub.actions WHERE tenant_id = %s GROUP BY 1, 2 ORDER BY 1, 2",
            (tenant_id,),
        ).fetchall()
    return [(kind, state, int(count)) for kind, state, count in rows]
