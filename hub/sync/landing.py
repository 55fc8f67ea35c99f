"""One tenant's rows into one landing table: COPY into a temporary table, then an upsert under row-level security.

Postgres refuses COPY straight into a table with row-level security for the loader's role, hence the temporary table. It
is made once a connection and empties itself at commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, LiteralString, cast

import pyarrow as pa
from psycopg import sql

from connectors.contract import Stream
from hub.db.staging import copy_arrow

if TYPE_CHECKING:
    from kvkk_policies.landing import LandingColumn

SYSTEM_COLUMNS = ("_version", "_policy_version", "_load_id")
ORDINAL = "_ordinal"
"""Position in the provider's answer: of two copies of a record in one window the later wins."""

Connection = Any


@dataclass(frozen=True)
class Loaded:
    """Rows that an upsert inserted or updated, and those of them that were new."""

    changed: int
    added: int


@dataclass(frozen=True)
class LandingTable:
    """Name and columns of one landing table, and the statements that load it."""

    provider: str
    stream: Stream
    columns: Sequence[LandingColumn]

    @property
    def name(self) -> str:
        """Unqualified: `<provider>_<stream>`."""
        return f"{self.provider}_{self.stream.name}"

    @property
    def stage(self) -> str:
        """The temporary table's name, one a connection."""
        return f"stage_{self.name}"[:63]

    @cached_property
    def copied(self) -> list[str]:
        """Columns of the temporary table, in COPY's order."""
        return [*(column.name for column in self.columns), *SYSTEM_COLUMNS, ORDINAL]

    @cached_property
    def prepare(self) -> sql.Composed:
        """Readies the transaction: the temporary table, if this connection has none yet, UTC, and memory to sort in."""
        types = {column.name: column.postgres_type for column in self.columns} | {
            "_version": "timestamptz",
            "_policy_version": "int",
            "_load_id": "text",
            ORDINAL: "bigint",
        }
        return sql.SQL(
            "SET LOCAL TimeZone = 'UTC'; SET LOCAL work_mem = '64MB';"
            " CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ({columns}) ON COMMIT DELETE ROWS"
        ).format(
            stage=sql.Identifier("pg_temp", self.stage),
            columns=sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(cast(LiteralString, types[name])))
                for name in self.copied
            ),
        )

    @cached_property
    def copy(self) -> sql.Composed:
        """COPY into the temporary table, as CSV."""
        return sql.SQL("COPY {stage} ({columns}) FROM STDIN WITH (FORMAT csv)").format(
            stage=sql.Identifier("pg_temp", self.stage), columns=_identifiers(self.copied)
        )

    @cached_property
    def upsert(self) -> sql.Composed:
        """Insert or update where the incoming version is not older and something differs; counts both.

        One parameter: the tenant.
        """
        key = list(self.stream.key)
        facts = [column.name for column in self.columns if column.name not in key]
        updated = [*facts, *SYSTEM_COLUMNS]
        compared = [*facts, "_policy_version"]
        names = [*key, *facts, *SYSTEM_COLUMNS]
        # A row that was updated carries the lock that held it while it was compared.
        return sql.SQL(
            "WITH written AS (INSERT INTO {table} AS t (tenant_id, {names}, _loaded_at)"
            " SELECT DISTINCT ON ({key}) %s, {names}, now() FROM {stage} ORDER BY {key}, _version DESC, {ordinal} DESC"
            " ON CONFLICT (tenant_id, {key}) DO UPDATE SET {updates}, _loaded_at = excluded._loaded_at"
            " WHERE excluded._version >= t._version AND ({old}) IS DISTINCT FROM ({new})"
            " RETURNING t.xmax = 0 AS added) SELECT count(*), count(*) FILTER (WHERE added) FROM written"
        ).format(
            table=sql.Identifier("landing", self.name),
            stage=sql.Identifier("pg_temp", self.stage),
            key=_identifiers(key),
            names=_identifiers(names),
            ordinal=sql.Identifier(ORDINAL),
            updates=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in updated),
            old=sql.SQL(", ").join(sql.Identifier("t", name) for name in compared),
            new=sql.SQL(", ").join(sql.Identifier("excluded", name) for name in compared),
        )

    def load(self, connection: Connection, tenant_id: str, rows: pa.Table) -> Loaded:
        """Load within the caller's tenant-scoped transaction."""
        connection.execute(self.prepare)
        copy_arrow(connection, self.copy, rows.select(self.copied))
        return Loaded(*connection.execute(self.upsert, (tenant_id,)).fetchone())


def _identifiers(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)
