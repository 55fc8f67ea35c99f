"""Leaving a provider alone for a while: it said that it is asked too often, or that the account cannot be used."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hub.outbox.backoff import hold_wait
from hub.outbox.enqueue import NOTIFY
from hub.outbox.vocabulary import ACCOUNT_FAULTS, ACCOUNT_MISSING, ACCOUNT_PAUSED, TENANT_SUSPENDED

if TYPE_CHECKING:
    from hub.db.database import Connection


def hold(connection: Connection, tenant_id: str, provider: str, code: str, *, asked: float | None = None) -> datetime:
    """Lease none of the tenant's actions at the provider until the time given back; longer with each time in a row.

    What comes while it is left alone already was under way: many calls that are refused at once are one time.
    """
    row = connection.execute(
        "SELECT times, held_until <= now() FROM hub.action_holds WHERE tenant_id = %s AND provider = %s FOR UPDATE",
        (tenant_id, provider),
    ).fetchone()
    times = 1 if row is None else row[0] + int(row[1])
    held = connection.execute(
        "INSERT INTO hub.action_holds (tenant_id, provider, held_until, code, times)"
        " VALUES (%s, %s, now() + %s, %s, %s)"
        " ON CONFLICT (tenant_id, provider) DO UPDATE SET code = excluded.code, times = excluded.times,"
        " held_until = greatest(hub.action_holds.held_until, excluded.held_until) RETURNING held_until",
        (tenant_id, provider, hold_wait(times, asked=asked), code, times),
    ).fetchone()
    assert held is not None  # noqa: S101 - an upsert returns its row
    return held[0]


def over(connection: Connection, tenant_id: str, provider: str) -> None:
    """The provider takes actions again. A time that it asked for holds all the same: what it took was sent before."""
    connection.execute(
        "DELETE FROM hub.action_holds WHERE tenant_id = %s AND provider = %s AND held_until <= now()",
        (tenant_id, provider),
    )


def wait(connection: Connection, tenant_id: str, provider: str, code: str, until: datetime) -> None:
    """Lease nothing of the tenant's at the provider until then: its account cannot be used, however much waits for it.

    One row, where putting off each action by itself would be a queue's length of them every quarter of an hour.
    """
    connection.execute(
        "INSERT INTO hub.action_holds AS h (tenant_id, provider, held_until, code) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (tenant_id, provider) DO UPDATE SET held_until = excluded.held_until, code = excluded.code"
        " WHERE h.held_until < excluded.held_until",
        (tenant_id, provider, until, code),
    )


def release(connection: Connection, tenant_id: str, provider: str) -> None:
    """The account was changed: nothing that was said of it before holds, and what waited for it is due at once."""
    connection.execute("DELETE FROM hub.action_holds WHERE tenant_id = %s AND provider = %s", (tenant_id, provider))
    connection.execute(
        "UPDATE hub.actions SET not_before = now(), reason = NULL WHERE tenant_id = %s AND provider = %s"
        " AND state = 'pending' AND reason = ANY(%s)",
        (tenant_id, provider, sorted({ACCOUNT_MISSING, ACCOUNT_PAUSED, *ACCOUNT_FAULTS})),
    )
    connection.execute(NOTIFY)


def resumed(connection: Connection, tenant_id: str) -> None:
    """The tenant is suspended no more: what waited for that is due at once."""
    connection.execute("DELETE FROM hub.action_holds WHERE tenant_id = %s AND code = %s", (tenant_id, TENANT_SUSPENDED))
    connection.execute(
        "UPDATE hub.actions SET not_before = now(), reason = NULL WHERE tenant_id = %s AND state = 'pending'"
        " AND reason = %s",
        (tenant_id, TENANT_SUSPENDED),
    )
    connection.execute(NOTIFY)
