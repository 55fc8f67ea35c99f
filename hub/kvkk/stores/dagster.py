"""The store of Dagster's own database: it holds ids and counts only, and an erasure looks whether that is so.

There is nothing to erase in it by design. If a pseudonym of the person is found all the same, the erasure says so and
is not verified: somebody must find out how it came there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.traces import traces_of

if TYPE_CHECKING:
    from datetime import datetime

    from dagster import DagsterInstance

    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub

_COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    " AND data_type IN ('text', 'character varying') ORDER BY table_name, ordinal_position"
)


class DagsterStore:
    """Runs, events, ticks and whatever else Dagster writes down. `instance` opens it; None where there is none."""

    name = "dagster"

    def __init__(self, hub: Hub, instance: Callable[[], DagsterInstance] | None) -> None:
        self._hub = hub
        self._instance = instance

    def tables(self) -> frozenset[str]:
        """None in the hub's database."""
        return frozenset()

    def find(self, person: Person) -> list[Held]:
        """Nothing, by design. The search through a log of many gigabytes is left to `verify`."""
        del person
        return []

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Nothing: see `verify`."""
        del person, before
        return []

    def verify(self, person: Person, *, before: datetime) -> int:
        """Rows with one of the person's pseudonyms anywhere in them, which should not be there."""
        del before
        sought = traces_of(self._hub.database, self._hub.keyring, person).pseudonyms
        if self._instance is None or not sought:
            return 0
        from sqlalchemy import text

        found = 0
        with (
            self._instance() as instance,
            cast("Any", instance.event_log_storage).index_transaction() as connection,
        ):
            columns: dict[str, list[str]] = {}
            for table, column in connection.execute(text(_COLUMNS)):
                columns.setdefault(table, []).append(column)
            for table, names in columns.items():
                matches = " OR ".join(f'"{name}" ~ :sought' for name in names)
                query = text(f'SELECT count(*) FROM "{table}" WHERE {matches}')  # noqa: S608 - names of Dagster's own
                found += int(connection.execute(query, {"sought": "|".join(sought)}).scalar() or 0)
        return found
