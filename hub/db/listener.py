"""Hearing from Postgres that something waits, so that nobody has to look all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    from hub.db.database import Connection


class Listener:
    """Hears that something was notified; what is not heard yet makes `fileno` readable."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fileno(self) -> int:
        """For `select` and event loops."""
        return self._connection.fileno()

    def heard(self) -> bool:
        """Whether anything was notified since the last call. HubError 'database_down' once the server is gone."""
        import psycopg

        try:
            return any(True for _ in list(self._connection.notifies(timeout=0)))
        except psycopg.OperationalError as error:
            raise HubError("database_down", role="app", sqlstate=error.sqlstate or "unreached") from None
