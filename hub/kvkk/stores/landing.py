"""The store of the landed rows: what is a person's in them goes, facts and amounts stay.

Rows are emptied in batches, each in a transaction of its own, and a row that is empty is found no more: a run that was
killed anywhere is made good by repeating it. The person is on the suppression list by then, so that no sync brings back
behind our back what was emptied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.stores.landed import LandedStream, PersonsRows
from hub.kvkk.stores.row_texts import forget_texts
from hub.kvkk.traces import traces_of
from hub.policies.in_force import policies_in_force

if TYPE_CHECKING:
    from datetime import datetime

    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub
    from hub.kvkk.traces import Traces

Hook = Callable[[str], None]
"""Called after every committed batch, so that a proof can end the process there."""


def no_hook(stage: str) -> None:
    """What a real run uses."""
    del stage


class LandingStore:
    """Every stream's table."""

    name = "landing"

    def __init__(self, hub: Hub, hook: Hook = no_hook) -> None:
        self._hub = hub
        self._hook = hook

    def tables(self) -> frozenset[str]:
        """Every landing table, declared by the streams."""
        return frozenset(
            f"landing.{name}_{stream.name}" for name, each in self._hub.providers.items() for stream in each.streams
        )

    def find(self, person: Person) -> list[Held]:
        """Rows in which something of the person stands, by category."""
        return self._find(person, before=None)

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Empty the person's columns in rows dated before `before`, and in rows that are of no day."""
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        done: list[Destroyed] = []
        for rows in self.streams(traces, before):
            dataset = f"landing.{rows.landed.table}"
            with self._hub.database.tenant(person.tenant_id, "eraser") as connection:
                found = rows.categories(connection)
            if not found:
                continue
            self._note_old_values(person.tenant_id, rows.landed.table)
            while self._batches(person.tenant_id, rows):
                pass
            done += [Destroyed(dataset, category, count, "erase") for category, count in sorted(found.items())]
        return done

    def verify(self, person: Person, *, before: datetime) -> int:
        """Rows dated before `before` in which something of the person still stands."""
        return sum(held.records for held in self._find(person, before=before))

    def _find(self, person: Person, before: datetime | None) -> list[Held]:
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        held: list[Held] = []
        for rows in self.streams(traces, before):
            with self._hub.database.tenant(person.tenant_id, "eraser") as connection:
                found = rows.categories(connection)
            held += [Held(f"landing.{rows.landed.table}", category, n) for category, n in sorted(found.items())]
        return held

    def streams(self, traces: Traces, before: datetime | None) -> Iterator[PersonsRows]:
        """The person's rows in each stream, dated before `before` if that is given."""
        hub = self._hub
        keys = hub.keyring.tenant(traces.tenant_id)
        in_force = policies_in_force(hub.database, traces.tenant_id, hub.providers, hub.policies)
        for name, provider in hub.providers.items():
            for stream in provider.streams:
                base = hub.policies[name].streams[stream.name]
                landed = LandedStream(name, stream, in_force[name, stream.name], base)
                yield PersonsRows(landed, keys, traces, before)

    def _batches(self, tenant_id: str, rows: PersonsRows) -> int:
        """Go through the table once; the rows changed. A row that a sync rewrote meanwhile is met the next time."""
        changed, after = 0, None
        stream = rows.landed.stream
        while True:
            with self._hub.database.tenant(tenant_id, "eraser") as connection:
                found = rows.batch(connection, after)
                # First, so that a process killed in between meets the rows again.
                for columns, keys in rows.own_texts(found).items():
                    forget_texts(self._hub.database, tenant_id, rows.landed, keys, columns)
                count = rows.apply(connection, found)
                if count:
                    connection.execute(
                        "UPDATE hub.sync_state SET changed_at = clock_timestamp()"
                        " WHERE tenant_id = %s AND provider = %s AND stream = %s",
                        (tenant_id, rows.landed.provider, stream.parent or stream.name),
                    )
            if not found:
                return changed
            after = rows.key_of(found[-1])
            changed += count
            self._hook("emptied")

    def _note_old_values(self, tenant_id: str, table: str) -> None:
        """The table's file keeps the old values until the next migration writes it anew (hub/db/roles.py)."""
        with self._hub.database.tenant(tenant_id, "app") as connection:
            connection.execute(
                "UPDATE hub.generated_tables SET rewrite_due = true"
                " WHERE schema_name = 'landing' AND table_name = %s AND NOT rewrite_due",
                (table,),
            )
