"""A pool of connections that is whole again as soon as its server is.

psycopg's pool pauses ever longer between two idle connections that it finds dead, and between two tries to connect.
After a crash eight dead ones kept everybody waiting for half a minute, and after an outage of one minute nobody was let
in for another: to whom it said that the database was busy, though it was up. So dead ones are set aside at once, and
whoever still waits has it tried anew.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from psycopg_pool import ConnectionPool  # noqa: TID251 - part of the one way

    Connection = psycopg.Connection[tuple[Any, ...]]
    Pool = ConnectionPool[Connection]

_GIVEN_UP_AFTER = 4.0
"""Seconds for which the pool tries to connect by itself (at once, after 1, after 3); later it does so when asked."""


def open_pool(conninfo: str, *, name: str, most: int, connect_timeout: int) -> Pool:
    """A pool without a connection yet."""
    from psycopg_pool import ConnectionPool  # noqa: TID251 - part of the one way

    # Autocommit, so that a pool's own statements open no transaction; `transaction()` opens ours.
    return ConnectionPool(
        conninfo,
        kwargs={"autocommit": True, "connect_timeout": connect_timeout},
        min_size=0,
        max_size=most,
        reconnect_timeout=_GIVEN_UP_AFTER,
        num_workers=1,
        open=True,
        name=name,
    )


def taken(pool: Pool, seconds: float) -> Connection | None:
    """A connection that lives, and knows nothing of its last user; None where none could be had in time."""
    from psycopg_pool import PoolTimeout  # noqa: TID251 - part of the one way

    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        try:
            connection = pool.getconn(timeout=min(left, _GIVEN_UP_AFTER))
        except PoolTimeout:
            continue
        if _fit(connection):
            return connection
        connection.close()
        pool.putconn(connection)
    return None


def _fit(connection: Connection) -> bool:
    """Proves the connection alive and has it forget whatever its last user set, in one round trip."""
    import psycopg

    try:
        connection.execute("RESET SESSION AUTHORIZATION; RESET ALL; DISCARD TEMP")
    except psycopg.Error:
        return False
    return True
