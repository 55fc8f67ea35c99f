"""What the rows that are loaded are owed by changed policies: recorded with the change, struck off when made good.

A debt says what was in force (the old action); what is in force now is looked up when it is paid. It concerns the rows
loaded before it: later ones came under a fence that was raised with it. A rewritten row gets a new time of loading too,
one and the same for all rows of a debt: so it is not rewritten twice, and later debts for other columns still find it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.contract import Provider
from kvkk_policies.tightening import Applied, Treatment

if TYPE_CHECKING:
    from hub.db.database import Connection, Database


@dataclass(frozen=True)
class Debt:
    """One column of one tenant whose loaded rows must change."""

    rewrite_id: UUID
    provider: str
    stream: str
    column: str
    was: Applied
    policy_version: int | None
    """Set when a policy file's version brought it: rows of that version are right already."""
    since: datetime
    as_of: datetime | None
    """The time of loading that its rewritten rows get; None while nobody has begun."""


@dataclass(frozen=True)
class Outstanding:
    """A debt as the platform may see it."""

    tenant_id: str
    provider: str
    stream: str
    column: str
    since: datetime


def hold(connection: Connection, tenant_id: str) -> None:
    """Keep other decisions and rewrites of this tenant out until the transaction ends.

    A rewrite moves the time of loading of its rows. A decision that came in between would take them for rows loaded
    after it, and leave them as they are.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub.policy.' || %s, 0))", (tenant_id,))


def raise_fence(connection: Connection, tenant_id: str, provider: Provider, stream: str) -> None:
    """Let no batch in flight commit rows of the stream any more; it is due again as after a crash.

    The row is made if there is none: a first claim that is under way would otherwise not be waited for.
    """
    connection.execute(
        "INSERT INTO hub.sync_state AS s (tenant_id, provider, stream, fence) VALUES (%s, %s, %s, 1)"
        " ON CONFLICT (tenant_id, provider, stream) DO UPDATE SET fence = s.fence + 1",
        (tenant_id, provider.name, provider.stream(stream).parent or stream),
    )


def require_version(connection: Connection, tenant_id: str, provider: Provider, stream: str, version: int) -> None:
    """Let no batch that works by an older policy file commit rows of the stream from now on."""
    connection.execute(
        "UPDATE hub.sync_state SET policy_version = greatest(coalesce(policy_version, 0), %s)"
        " WHERE tenant_id = %s AND provider = %s AND stream = %s",
        (version, tenant_id, provider.name, provider.stream(stream).parent or stream),
    )


def owe(
    connection: Connection,
    tenant_id: str,
    provider: str,
    stream: str,
    column: str,
    *,
    was: Treatment,
    policy_version: int | None,
) -> None:
    """Record a debt, in the transaction that brings the change and after it raised the fence.

    A migration that was cut short records what a policy file's version brought once more: that debt stands already.
    """
    from psycopg.types.json import Jsonb

    connection.execute(
        "INSERT INTO hub.policy_rewrites (tenant_id, provider, stream, column_name, was_action, was_params,"
        " policy_version) SELECT %(tenant)s, %(provider)s, %(stream)s, %(column)s, %(action)s, %(params)s,"
        " %(version)s::integer WHERE NOT EXISTS (SELECT FROM hub.policy_rewrites WHERE tenant_id = %(tenant)s"
        " AND provider = %(provider)s AND stream = %(stream)s AND column_name = %(column)s"
        " AND policy_version = %(version)s::integer)",
        {
            "tenant": tenant_id,
            "provider": provider,
            "stream": stream,
            "column": column,
            "action": was.action,
            "params": Jsonb(dict(was.params)),
            "version": policy_version,
        },
    )


def owed(connection: Connection, tenant_id: str) -> list[Debt]:
    """A tenant's debts, oldest first."""
    rows = connection.execute(
        "SELECT rewrite_id, provider, stream, column_name, was_action, was_params, policy_version, owed_since,"
        " rewritten_as_of FROM hub.policy_rewrites WHERE tenant_id = %s ORDER BY owed_since, rewrite_id",
        (tenant_id,),
    )
    return [
        Debt(rewrite_id, provider, stream, column, Applied(action, _mapping(params)), version, since, as_of)
        for rewrite_id, provider, stream, column, action, params, version, since, as_of in rows
    ]


def begin(connection: Connection, tenant_id: str, debt: Debt) -> datetime:
    """The time of loading that the debt's rows get: settled once, however often its payment begins."""
    row = connection.execute(
        "UPDATE hub.policy_rewrites SET rewritten_as_of = coalesce(rewritten_as_of, clock_timestamp())"
        " WHERE tenant_id = %s AND rewrite_id = %s RETURNING rewritten_as_of",
        (tenant_id, debt.rewrite_id),
    ).fetchone()
    if row is None:
        raise RuntimeError("a debt is struck off by whoever holds the tenant, and by nobody else")
    return row[0]


def strike_off(connection: Connection, tenant_id: str, debts: Sequence[Debt]) -> None:
    """Forget debts that have been made good, all at once: a later one finds its rows by what an earlier one did."""
    connection.execute(
        "DELETE FROM hub.policy_rewrites WHERE tenant_id = %s AND rewrite_id = ANY(%s)",
        (tenant_id, [debt.rewrite_id for debt in debts]),
    )


def outstanding(database: Database) -> list[Outstanding]:
    """Every tenant's debts."""
    with database.crossing("platform") as connection:
        rows = connection.execute(
            "SELECT tenant_id, provider, stream, column_name, owed_since FROM hub.policy_rewrites"
            " ORDER BY owed_since, tenant_id"
        ).fetchall()
    return [Outstanding(*row) for row in rows]


def _mapping(params: Any) -> Mapping[str, Any]:
    return params or {}
