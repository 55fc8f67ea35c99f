"""The store of the marts: dbt makes them anew from landing, so erasing there is building them again.

What is searched are pseudonyms, in every column that can hold one: the models carry them and nothing clearer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from psycopg import sql

from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.traces import traces_of

if TYPE_CHECKING:
    from datetime import datetime

    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub
    from hub.kvkk.stores.landing import LandingStore

Rebuild = Callable[[str], Any]
"""Builds the marts of a tenant (its id) from landing as it stands, and returns when they stand."""

_CATEGORY = "MUSTERI"


class MartStore:
    """Every table in `marts`, read as the transformer."""

    name = "marts"

    def __init__(self, hub: Hub, rebuild: Rebuild, landing: LandingStore) -> None:
        self._hub = hub
        self._landing = landing
        self._rebuild = rebuild

    def tables(self) -> frozenset[str]:
        """Every mart that stands."""
        return frozenset(f"marts.{table}" for table in self._columns())

    def find(self, person: Person) -> list[Held]:
        """Rows that hold one of the person's pseudonyms."""
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        return self._holding(person.tenant_id, traces.pseudonyms)

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Build the tenant's marts anew; `before` was heeded in landing, and so were the days of shared identifiers."""
        del before
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        shared = [each.pseudonym for each in traces.days]
        held = self._holding(person.tenant_id, traces.pseudonyms)
        carried = {each.dataset: each.records for each in self._holding(person.tenant_id, shared)}
        if held or carried:
            self._rebuild(person.tenant_id)
        # Rows of other days come back with the shared identifier: what is fewer was the person's.
        still = {each.dataset: each.records for each in self._holding(person.tenant_id, shared)}
        lost = Counter({each.dataset: each.records for each in held}) + (Counter(carried) - Counter(still))
        return [Destroyed(dataset, _CATEGORY, records, "delete") for dataset, records in sorted(lost.items())]

    def verify(self, person: Person, *, before: datetime) -> int:
        """Rows that hold one of the person's pseudonyms. While landing has a new relation, they are of that."""
        del before
        left = sum(each.records for each in self.find(person))
        return left if left and not self._landing.find(person) else 0

    def _holding(self, tenant_id: str, pseudonyms: Sequence[str]) -> list[Held]:
        held: list[Held] = []
        if not pseudonyms:
            return held
        with self._hub.database.crossing("transformer") as connection:
            for table, columns in self._columns().items():
                matches = sql.SQL(" OR ").join(
                    sql.SQL("{} = ANY(%(sought)s)").format(sql.Identifier(name)) for name in columns
                )
                row = connection.execute(
                    sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %(tenant)s AND ({})").format(
                        sql.Identifier("marts", table), matches
                    ),
                    {"tenant": tenant_id, "sought": list(pseudonyms)},
                ).fetchone()
                held += [Held(f"marts.{table}", _CATEGORY, int(row[0]))] if row and row[0] else []
        return held

    def _columns(self) -> dict[str, list[str]]:
        """Text columns by mart."""
        found: dict[str, list[str]] = {}
        with self._hub.database.crossing("transformer") as connection:
            for table, column in connection.execute(
                "SELECT c.relname, a.attname FROM pg_catalog.pg_class c"
                " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                " WHERE n.nspname = 'marts' AND c.relkind = 'r' AND a.atttypid = 'text'::regtype"
                " ORDER BY c.relname, a.attnum"
            ):
                found.setdefault(table, []).append(column)
        return found
