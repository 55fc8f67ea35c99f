"""A tenant's own choices for columns: made, taken back, listed, and kept as a history of decisions.

A change raises the fence of the tenant's stream in its own transaction, so that a batch in flight which read the older
choice can commit nothing any more; what the rows that are loaded are owed by the change is recorded there too
(hub/policies/rewrites.py), and made good by whoever comes next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from hub.errors import HubError
from hub.kvkk import audit
from hub.policies import rewrites
from hub.policies.place import Place
from kvkk_policies.override import Override
from kvkk_policies.policy import ColumnPolicy
from kvkk_policies.tightening import Tightening, tightening

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor

Decided = Literal["set", "removed", "withdrawn"]


@dataclass(frozen=True)
class Choice:
    """An override in force."""

    provider: str
    stream: str
    column: str
    action: str
    params: Mapping[str, Any]
    legal_basis: str
    retention: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Decision:
    """One entry of the history. `withdrawn`: the policy file no longer allowed it, and the hub removed it."""

    provider: str
    stream: str
    column: str
    decision: Decided
    action: str
    params: Mapping[str, Any]
    legal_basis: str
    retention: str
    decided_by: str
    decided_at: datetime
    decision_id: UUID


def choose(
    database: Database,
    tenant_id: str,
    where: Place,
    override: Override,
    *,
    decided_by: str,
    actor: Actor | None = None,
    seen: Mapping[str, Any] | None = None,
) -> Tightening:
    """Record a choice and what it owes. HubError `override_*` when the policy does not allow it.

    `seen` is what the caller read before (`fields_of`): HubError `version_differs` if somebody changed it since.
    `actor` is who signed in; without one, whoever `decided_by` names acts on the hub's machine.
    """
    now = where.under(override)
    with database.tenant(tenant_id, "app") as connection:
        was = _begin(connection, tenant_id, where)
        if seen is not None and dict(seen) != fields_of(was):
            raise HubError("version_differs")
        connection.execute(
            "INSERT INTO hub.policy_overrides (tenant_id, provider, stream, column_name, action, params, legal_basis,"
            " retention, decided_by, decided_at)"
            " VALUES (%(tenant)s, %(provider)s, %(stream)s, %(column)s, %(action)s, %(params)s, %(basis)s,"
            " %(retention)s, %(by)s, clock_timestamp())"
            " ON CONFLICT (tenant_id, provider, stream, column_name) DO UPDATE SET action = excluded.action,"
            " params = excluded.params, legal_basis = excluded.legal_basis, retention = excluded.retention,"
            " decided_by = excluded.decided_by, decided_at = excluded.decided_at",
            _entry(tenant_id, where, override, decided_by),
        )
        before = where_was(where, was)
        return _decide(connection, tenant_id, where, override, "set", decided_by, was=before, now=now, actor=actor)


def take_back(
    database: Database,
    tenant_id: str,
    where: Place,
    *,
    decided_by: str,
    actor: Actor | None = None,
    seen: Mapping[str, Any] | None = None,
) -> Tightening:
    """Remove a choice: the policy file's action is in force again. HubError `override_missing`; the rest as above."""
    with database.tenant(tenant_id, "app") as connection:
        was = _begin(connection, tenant_id, where)
        if was is None:
            raise HubError("override_missing", stream=where.stream, column=where.column)
        if seen is not None and dict(seen) != fields_of(was):
            raise HubError("version_differs")
        return withdraw(connection, tenant_id, where, was, "removed", decided_by, now=where.base, actor=actor)


def withdraw(
    connection: Connection,
    tenant_id: str,
    where: Place,
    override: Override,
    decision: Decided,
    decided_by: str,
    *,
    now: ColumnPolicy,
    policy_version: int | None = None,
    actor: Actor | None = None,
) -> Tightening:
    """Remove an override within the caller's transaction, which holds the stream (`rewrites.hold`)."""
    connection.execute(
        "DELETE FROM hub.policy_overrides WHERE tenant_id = %s AND provider = %s AND stream = %s AND column_name = %s",
        (tenant_id, where.provider.name, where.stream, where.column),
    )
    was = where_was(where, override)
    return _decide(
        connection,
        tenant_id,
        where,
        override,
        decision,
        decided_by,
        was=was,
        now=now,
        policy_version=policy_version,
        actor=actor,
    )


def where_was(where: Place, override: Override | None) -> ColumnPolicy | Override:
    """What was in force: an override counts even if today's policy would refuse it."""
    return where.base if override is None else override


def in_force(connection: Connection, tenant_id: str, provider: str) -> dict[tuple[str, str], Override]:
    """A tenant's overrides by stream and column, within the caller's transaction."""
    rows = connection.execute(
        "SELECT stream, column_name, action, params, legal_basis, retention FROM hub.policy_overrides"
        " WHERE tenant_id = %s AND provider = %s ORDER BY stream, column_name",
        (tenant_id, provider),
    )
    return {
        (stream, column): Override(action=action, legal_basis=basis, retention=retention, params=params or {})
        for stream, column, action, params, basis, retention in rows
    }


def fields_of(choice: Override | Choice | None) -> dict[str, Any]:
    """What was chosen, to tell it from another choice; empty where there is none."""
    if choice is None:
        return {}
    chosen = {name: getattr(choice, name) for name in ("action", "legal_basis", "retention")}
    return chosen | {"params": dict(choice.params)}


def find(database: Database, tenant_id: str, where: Place) -> Choice | None:
    """The choice in force for one column, if there is one."""
    at = (where.provider.name, where.stream, where.column)
    return next((one for one in listed(database, tenant_id) if (one.provider, one.stream, one.column) == at), None)


def listed(database: Database, tenant_id: str) -> list[Choice]:
    """The overrides in force."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT provider, stream, column_name, action, params, legal_basis, retention, decided_by, decided_at"
            " FROM hub.policy_overrides WHERE tenant_id = %s ORDER BY provider, stream, column_name",
            (tenant_id,),
        ).fetchall()
    return [Choice(*row) for row in rows]


def history(
    database: Database, tenant_id: str, *, after: tuple[datetime, UUID] | None = None, limit: int | None = None
) -> list[Decision]:
    """The decisions that were ever recorded, newest first.

    `after` are the time and id at which an earlier page ended; without a `limit` all that follow.
    """
    before, last = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT provider, stream, column_name, decision, action, params, legal_basis, retention, decided_by,"
            " decided_at, decision_id FROM hub.policy_decisions WHERE tenant_id = %(tenant)s"
            " AND (%(before)s::timestamptz IS NULL OR decided_at < %(before)s"
            " OR (decided_at = %(before)s AND decision_id > %(last)s::uuid))"
            " ORDER BY decided_at DESC, decision_id LIMIT %(limit)s",
            {"tenant": tenant_id, "before": before, "last": last, "limit": limit},
        ).fetchall()
    return [Decision(*row) for row in rows]


def _begin(connection: Connection, tenant_id: str, where: Place) -> Override | None:
    """Hold the stream; the override in force, if any."""
    rewrites.hold(connection, tenant_id)
    rewrites.raise_fence(connection, tenant_id, where.provider, where.stream)
    return in_force(connection, tenant_id, where.provider.name).get((where.stream, where.column))


def _decide(
    connection: Connection,
    tenant_id: str,
    where: Place,
    override: Override,
    decision: Decided,
    decided_by: str,
    *,
    was: ColumnPolicy | Override,
    now: ColumnPolicy,
    policy_version: int | None = None,
    actor: Actor | None = None,
) -> Tightening:
    connection.execute(
        "INSERT INTO hub.policy_decisions (tenant_id, provider, stream, column_name, decision, action, params,"
        " legal_basis, retention, decided_by) VALUES (%(tenant)s, %(provider)s, %(stream)s, %(column)s, %(decision)s,"
        " %(action)s, %(params)s, %(basis)s, %(retention)s, %(by)s)",
        _entry(tenant_id, where, override, decided_by) | {"decision": decision},
    )
    acted = audit.Entry(
        actor or audit.operator(decided_by),
        f"policy_override.{decision}",
        f"{where.provider.name}.{where.stream}.{where.column}",
        legal_basis=override.legal_basis,
        details={"action": override.action, "retention": str(override.retention)},
    )
    audit.append(connection, tenant_id, acted)
    change = tightening(was, now)
    if change.owes:
        rewrites.owe(
            connection,
            tenant_id,
            where.provider.name,
            where.stream,
            where.column,
            was=was,
            policy_version=policy_version,
        )
    return change


def _entry(tenant_id: str, where: Place, override: Override, decided_by: str) -> dict[str, Any]:
    from psycopg.types.json import Jsonb

    return {
        "tenant": tenant_id,
        "provider": where.provider.name,
        "stream": where.stream,
        "column": where.column,
        "action": override.action,
        "params": Jsonb(dict(override.params)),
        "basis": override.legal_basis,
        "retention": override.retention,
        "by": decided_by,
    }
