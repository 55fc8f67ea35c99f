"""What a tenant uses of what its plan allows. Daily numbers are counted in the transaction that uses them up.

So they need no store of their own that could be down: where the database cannot count, nothing is queued or sent. The
day is Europe/Istanbul's, by the database's clock. Rates are not counted but bounded (hub/limits).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from hub.control.plans import limits_of
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.control.plans import Limits, Plan
    from hub.db.database import Connection, Database

Counted = Literal["actions_asked", "actions_sent", "syncs_asked"]
"""What is counted a day."""

LIMIT_OF: dict[Counted, Literal["actions_per_day", "syncs_per_day"]] = {
    "actions_asked": "actions_per_day",
    "actions_sent": "actions_per_day",
    "syncs_asked": "syncs_per_day",
}


@dataclass(frozen=True)
class Usage:
    """One limit of a plan. `used` is None for a rate."""

    name: str
    used: int | None
    allowed: int


@dataclass(frozen=True)
class PlanUsage:
    """A tenant's plan with every limit of it."""

    tenant_id: str
    plan: Plan
    usage: tuple[Usage, ...]


_COUNT_UP = """
INSERT INTO hub.usage_days AS u (tenant_id, day, what, count)
VALUES (%(tenant)s, (now() AT TIME ZONE 'Europe/Istanbul')::date, %(what)s, %(more)s)
ON CONFLICT (tenant_id, day, what) DO UPDATE SET count = u.count + excluded.count
RETURNING u.count - %(more)s,
    ceil(extract(epoch FROM ((u.day + 1)::timestamp AT TIME ZONE 'Europe/Istanbul') - now()))::int,
    (SELECT t.plan FROM hub.tenants t WHERE t.tenant_id = %(tenant)s),
    (SELECT t.limits FROM hub.tenants t WHERE t.tenant_id = %(tenant)s)
"""


def use(connection: Connection, tenant_id: str, what: Counted, more: int = 1) -> None:
    """Count `more` of today's, in the caller's transaction (role app, the tenant's scope).

    HubError `plan_used_up_today` when they do not all fit; the caller's rollback takes the count back with what was
    counted; `retry_seconds` are those until Istanbul's midnight. Whoever counts the same at the same time waits for
    this transaction.
    """
    before, left, plan, own = _counted_up(connection, tenant_id, what, more)
    allowed: int = getattr(limits_of(plan, own), LIMIT_OF[what])
    if before + more > allowed:
        raise HubError("plan_used_up_today", limit=LIMIT_OF[what], allowed=allowed, plan=plan, retry_seconds=left)


def use_what_fits(connection: Connection, tenant_id: str, what: Counted, asked: int) -> int:
    """The same for as many of `asked` as fit; how many that were."""
    before, _left, plan, own = _counted_up(connection, tenant_id, what, asked)
    allowed: int = getattr(limits_of(plan, own), LIMIT_OF[what])
    fit = min(asked, max(allowed - before, 0))
    give_back(connection, tenant_id, what, asked - fit)
    return fit


def _counted_up(
    connection: Connection, tenant_id: str, what: Counted, more: int
) -> tuple[int, int, Plan, Mapping[str, Any]]:
    """What was counted before, the seconds that are left of the day, the plan, and the tenant's own numbers."""
    row = connection.execute(_COUNT_UP, {"tenant": tenant_id, "what": what, "more": more}).fetchone()
    if row is None or row[2] is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    before, left, plan, own = row
    return before, left, plan, own


def give_back(connection: Connection, tenant_id: str, what: Counted, less: int) -> None:
    """These of today's were certainly not used after all."""
    if less:
        connection.execute(
            "UPDATE hub.usage_days SET count = greatest(count - %s, 0) WHERE tenant_id = %s AND what = %s"
            " AND day = (now() AT TIME ZONE 'Europe/Istanbul')::date",
            (less, tenant_id, what),
        )


def usage_of(database: Database, tenant_id: str) -> PlanUsage:
    """Every limit of the tenant's plan with what is used of it now. HubError `tenant_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            """
            SELECT t.plan, t.limits,
                (SELECT count(*) FROM hub.integrations i WHERE i.tenant_id = %(tenant)s),
                (SELECT count(*) FROM hub.analyst_logins a WHERE a.tenant_id = %(tenant)s AND a.revoked_at IS NULL),
                (SELECT coalesce(sum(s.bytes), 0)::bigint FROM hub.storage s WHERE s.tenant_id = %(tenant)s),
                (SELECT coalesce(jsonb_object_agg(u.what, u.count), '{}') FROM hub.usage_days u
                 WHERE u.tenant_id = %(tenant)s AND u.day = (now() AT TIME ZONE 'Europe/Istanbul')::date)
            FROM hub.tenants t WHERE t.tenant_id = %(tenant)s
            """,
            {"tenant": tenant_id},
        ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    plan, own, integrations, analysts, stored, counted = row
    # The nearer of the two counts to the limit is the one that binds next.
    actions = max(counted.get("actions_asked", 0), counted.get("actions_sent", 0))
    used = {
        "integrations": integrations,
        "analysts": analysts,
        "actions_per_day": actions,
        "syncs_per_day": counted.get("syncs_asked", 0),
        "storage_bytes": stored,
    }
    limits = limits_of(cast("Plan", plan), own)
    return PlanUsage(tenant_id, plan, tuple(Usage(name, used.get(name), allowed) for name, allowed in _shown(limits)))


def _shown(limits: Limits) -> list[tuple[str, int]]:
    """Limits that are used up or bound a rate; the others bound what may be set, and use up nothing."""
    names = (
        "integrations",
        "analysts",
        "actions_per_day",
        "syncs_per_day",
        "storage_bytes",
        "api_calls_per_minute",
        "api_burst",
        "webhooks_per_minute",
    )
    return [(name, getattr(limits, name)) for name in names]
