"""Between the decision that a tenant sends nothing more and the attempts that were committed just before it.

A call begins a while after its attempt was committed: for up to `FRESH`, on a machine that was stopped meanwhile. And a
transaction that found the tenant active may commit its attempts after the tenant was suspended. Whoever has to know
that nothing more can go out (a tenant that is forgotten gets a receipt for it) waits for the one and then the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.outbox.vocabulary import FRESH

if TYPE_CHECKING:
    from hub.db.database import Connection, Database

_HELD_BY_ATTEMPTS = "SELECT pg_advisory_xact_lock_shared(hashtextextended('hub.outbox.' || %s, 0))"
_HELD_BY_THE_END = "SELECT pg_advisory_xact_lock(hashtextextended('hub.outbox.' || %s, 0))"
# One without an end has perhaps not begun; of a lost one nobody knows whether its process comes back.
_UNDER_WAY = """
SELECT count(*), coalesce(max(started_at) + %(fresh)s - now(), interval '0') FROM hub.action_attempts
WHERE tenant_id = %(tenant)s AND (finished_at IS NULL OR outcome = 'lost') AND started_at > now() - %(fresh)s
"""


@dataclass(frozen=True)
class UnderWay:
    """Attempts whose call may begin yet, and how long the last of them may take to."""

    attempts: int
    at_most: timedelta


def enter(connection: Connection, tenant_id: str) -> None:
    """Before a transaction looks whether the tenant may send, and then commits attempts."""
    connection.execute(_HELD_BY_ATTEMPTS, (tenant_id,))


def under_way(database: Database, tenant_id: str) -> UnderWay:
    """What may go out yet of a tenant that is suspended: waits for transactions that found it active to end."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(_HELD_BY_THE_END, (tenant_id,))
        row = connection.execute(_UNDER_WAY, {"tenant": tenant_id, "fresh": FRESH}).fetchone()
    return UnderWay(*row) if row else UnderWay(0, timedelta(0))
