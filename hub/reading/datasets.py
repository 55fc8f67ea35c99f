"""What can be read: the tables of `landing` and `marts` as the database has them, with columns, types and key."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hub.db.database import Connection, Database

SCHEMAS = ("landing", "marts")
_TENANT = "tenant_id"
_KNOWN_SECONDS = 30.0


@dataclass(frozen=True)
class Column:
    """A column as Postgres describes it; `type` is what a value is cast to ("numeric", "timestamp with time zone")."""

    name: str
    type: str
    description: str | None


@dataclass(frozen=True)
class Dataset:
    """One table without its `tenant_id`. `key` names a row within the tenant and orders the pages."""

    schema: str
    name: str
    description: str | None
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"

    def column(self, name: str, *, named_in: str = "column") -> Column:
        """InvalidInput `column_unknown` for the parameter that names it."""
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns)
        raise InvalidInput([Problem(named_in, "column_unknown", {"dataset": self.full_name, "known": known})])


def datasets(database: Database, tenant_id: str) -> Mapping[str, Dataset]:
    """Every table by `schema.name`."""
    with database.tenant(tenant_id, "reader") as connection:
        return _read(connection)


def dataset(database: Database, tenant_id: str, full_name: str) -> Dataset:
    """HubError `dataset_unknown`."""
    found = datasets(database, tenant_id).get(full_name)
    if found is None:
        raise HubError("dataset_unknown")
    return found


class Catalogue:
    """The same, known for a while: only `hub migrate` changes it. Threads may share it."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[float, Mapping[str, Dataset]] | None = None

    def all(self, tenant_id: str) -> Mapping[str, Dataset]:
        """Every table by `schema.name`, as it stood at most half a minute ago. Any tenant's id will do."""
        with self._lock:
            now = self._clock()
            if self._known is None or now - self._known[0] >= _KNOWN_SECONDS:
                self._known = now, datasets(self._database, tenant_id)
            return self._known[1]

    def one(self, tenant_id: str, full_name: str) -> Dataset:
        """HubError `dataset_unknown`."""
        found = self.all(tenant_id).get(full_name)
        if found is None:
            raise HubError("dataset_unknown")
        return found


def _read(connection: Connection) -> dict[str, Dataset]:
    rows = connection.execute(
        "SELECT n.nspname, c.relname, obj_description(c.oid, 'pg_class'), a.attname,"
        "       format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum),"
        "       array_position(i.indkey::int[], a.attnum::int)"
        " FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary"
        " WHERE n.nspname = ANY(%s) AND c.relkind = 'r' ORDER BY n.nspname, c.relname, a.attnum",
        (list(SCHEMAS),),
    ).fetchall()
    columns: dict[tuple[str, str, str | None], list[Column]] = {}
    keys: dict[tuple[str, str, str | None], list[tuple[int, str]]] = {}
    for schema, table, description, name, type_, about, place in rows:
        if name == _TENANT:
            continue
        columns.setdefault((schema, table, description), []).append(Column(name, type_, about))
        if place is not None:
            keys.setdefault((schema, table, description), []).append((place, name))
    return {
        f"{schema}.{table}": Dataset(
            schema,
            table,
            description,
            tuple(found),
            tuple(name for _place, name in sorted(keys.get((schema, table, description), []))),
        )
        for (schema, table, description), found in columns.items()
    }
