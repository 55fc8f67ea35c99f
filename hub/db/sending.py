"""Brings all that a pipeline has to say over to the server, however much it is.

psycopg stops sending when its last command is handed to libpq, although libpq may still hold a part that did not fit
into the socket. It then waits for an answer, and the server for the rest of the question: for ever.
"""

from __future__ import annotations

import selectors
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.db.database import Connection

_GIVES_UP_AFTER = 30.0
"""Seconds in which the server takes nothing."""


def send_all(connection: Connection, *, gives_up_after: float = _GIVES_UP_AFTER) -> None:
    """As libpq wants it (PostgreSQL 17, 32.4, PQflush). OperationalError when the server takes nothing any more."""
    server = connection.pgconn
    while server.flush():
        with selectors.DefaultSelector() as selector:
            selector.register(server.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
            ready = selector.select(gives_up_after)
        if not ready:
            from psycopg import OperationalError

            connection.close()  # whoever ends the pipeline would wait in the same place
            raise OperationalError("the server takes no more of a statement")
        if ready[0][1] & selectors.EVENT_READ:
            server.consume_input()
