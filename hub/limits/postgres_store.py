"""Buckets in Postgres: correct across processes with nothing else installed, at one statement a chunk of calls.

The table is unlogged: losing it in a crash fills every bucket, which costs a minute of somebody's limit, while a log
record for every few calls of everybody would cost every day. A refusal writes nothing but what no bucket of this quota
can be behind, and that once, so a flood of calls that are refused makes no dead rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.identity.caller import PLATFORM_SCOPE
from hub.limits.store import Quota, StoreDownError, Taken

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database

SWEEP_EVERY = 500
MOST_AT_A_SWEEP = 2_000

_BEHIND = "least(greatest(b.full_at - excluded.taken_at, 0), %(size)s::bigint)"
_FREE = f"((%(size)s::bigint - {_BEHIND}) / %(interval)s::bigint)"
# The row is locked before its numbers are read, so takers of one bucket follow each other. The last SELECT sees the row
# as it was when the statement began; it only says when to come again.
_TAKE = f"""
WITH moment AS MATERIALIZED (
    SELECT coalesce(%(now)s::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) AS now
), taken AS (
    INSERT INTO hub.rate_buckets AS b (tenant_id, name, full_at, taken_at, granted)
    SELECT %(tenant)s, %(name)s, now + %(first)s::bigint * %(interval)s::bigint, now, %(first)s::bigint FROM moment
    ON CONFLICT (tenant_id, name) DO UPDATE SET
        full_at = excluded.taken_at + {_BEHIND} + least(%(most)s, {_FREE}) * %(interval)s::bigint,
        taken_at = excluded.taken_at,
        granted = least(%(most)s, {_FREE})
    WHERE {_FREE} >= %(least)s::bigint
    RETURNING b.granted, b.full_at - b.taken_at AS behind
)
SELECT granted, behind, false FROM taken
UNION ALL
SELECT 0, least(greatest(b.full_at - moment.now, 0), %(size)s::bigint), b.full_at - moment.now > %(size)s::bigint
FROM hub.rate_buckets b, moment
WHERE b.tenant_id = %(tenant)s AND b.name = %(name)s AND NOT EXISTS (SELECT FROM taken)
"""  # noqa: S608 - our own words
# What a slower rate or another clock left behind: kept as it is, the bucket would be found empty until it is reached.
_CAP = """
UPDATE hub.rate_buckets b SET full_at = moment.now + %(size)s::bigint
FROM (SELECT coalesce(%(now)s::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) AS now) moment
WHERE b.tenant_id = %(tenant)s AND b.name = %(name)s AND b.full_at - moment.now > %(size)s::bigint
"""
# A network has a bucket a network, so these rows would only grow. A bucket that is full again is the same as no row.
_SWEEP = """
DELETE FROM hub.rate_buckets WHERE tenant_id = %(tenant)s AND name IN (
    SELECT b.name FROM hub.rate_buckets b WHERE b.tenant_id = %(tenant)s
        AND b.full_at < coalesce(%(now)s::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""


class PostgresStore:
    """Buckets in `hub.rate_buckets`. `clock` gives microseconds in tests; otherwise the database's own clock counts."""

    def __init__(self, database: Database, *, clock: Callable[[], int] | None = None) -> None:
        self._database = database
        self._clock = clock
        self._until_sweep = SWEEP_EVERY

    def take(self, tenant_id: str, name: str, quota: Quota, *, least: int, most: int) -> Taken:
        """See `Store`."""
        import psycopg

        now = self._clock() if self._clock else None
        given = {
            "tenant": tenant_id,
            "name": name,
            "interval": quota.interval,
            "size": quota.size,
            "least": least,
            "most": most,
            "first": min(most, quota.burst),
            "now": now,
        }
        try:
            with self._database.tenant(tenant_id, "app") as connection:
                row = connection.execute(_TAKE, given).fetchone()
                if row and row[2]:
                    connection.execute(_CAP, given)
            if tenant_id == PLATFORM_SCOPE:
                self._sweep_now_and_then(now)
        except (HubError, psycopg.Error):
            raise StoreDownError from None
        # Without a row, somebody else made the bucket meanwhile and emptied it.
        return Taken(*row[:2]) if row else Taken(0, quota.size)

    def _sweep_now_and_then(self, now: int | None) -> None:
        self._until_sweep -= 1
        if self._until_sweep > 0:
            return
        self._until_sweep = SWEEP_EVERY
        with self._database.tenant(PLATFORM_SCOPE, "app") as connection:
            connection.execute(_SWEEP, {"tenant": PLATFORM_SCOPE, "now": now, "most": MOST_AT_A_SWEEP})
