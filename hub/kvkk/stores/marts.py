"""The store of the marts: dbt makes them anew from landing, so erasing there is building them again.

What is searched are pseudonyms, in every column that can hold one: the models carry them and nothing clearer.
"""

from __future__ import annotations

from collections.abc import Callable
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
        held: list[Held] = []
        with self._hub.database.crossing("transformer") as connection:
            for table, columns in self._columns().items():
                matches = sql.SQL(" OR ").join(
                    sql.SQL("{} = ANY(%(sought)s)").format(sql.Identifier(name)) for name in columns
                )
                row = connection.execute(
                    sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %(tenant)s AND ({})").format(
                        sql.Identifier("marts", table), matches
                    ),
                    {"tenant": person.tenant_id, "sought": traces.pseudonyms},
                ).fetchone()
                held += [Held(f"marts.{table}", _CATEGORY, int(row[0]))] if row and row[0] else []
        return held

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Build the tenant's marts anew; `before` was heeded in landing."""
        del before
        held = self.find(person)
        if held:
            self._rebuild(person.tenant_id)
        return [Destroyed(each.dataset, each.category, each.records, "delete") for each in held]

    def verify(self, person: Person, *, before: datetime) -> int:
        """Rows that hold one of the person's pseudonyms. While landing has a new relation, they are of that."""
        del before
        left = sum(each.records for each in self.find(person))
        return left if left and not self._landing.find(person) else 0

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
