"""Pauses the integrations of tenants whose storage is full, before anything is fetched for them.

Nothing is dropped: the sync that passed the limit landed whole, cursors stay where they are, and what came since is
fetched once there is room and the integration is resumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.control import integrations, storage
from hub.control.plans import limits_of

if TYPE_CHECKING:
    from hub.db.database import Database

STORAGE_FULL = "storage_full"


def pause_the_full(database: Database, provider: str, tenant_ids: Sequence[str]) -> set[str]:
    """The tenants, of these, whose integration was paused for want of room. One question for all of them."""
    with database.crossing("scheduler") as connection:
        rows = connection.execute(
            """
            SELECT t.tenant_id, t.plan, t.limits, s.bytes, s.stale FROM hub.tenants t
            JOIN hub.integrations i ON i.tenant_id = t.tenant_id AND i.provider = %(provider)s AND i.state = 'active'
            JOIN (SELECT c.tenant_id, sum(c.bytes)::bigint AS bytes,
                         bool_or(c.counted_at IS NULL OR c.counted_at < now() - %(old)s) AS stale
                  FROM hub.storage c WHERE c.tenant_id = ANY(%(tenants)s) GROUP BY c.tenant_id) s
                ON s.tenant_id = t.tenant_id
            WHERE t.tenant_id = ANY(%(tenants)s)
            """,
            {"provider": provider, "tenants": list(tenant_ids), "old": storage.COUNTED_ANEW_AFTER},
        ).fetchall()
    paused: set[str] = set()
    for tenant_id, plan, own, stored, stale in rows:
        if stored < limits_of(plan, own).storage_bytes and not stale:
            continue
        if storage.standing(database, tenant_id).full:
            integrations.pause(database, tenant_id, provider, reason=STORAGE_FULL)
            paused.add(tenant_id)
    return paused
