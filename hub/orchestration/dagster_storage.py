"""Dagster's Postgres storage for batches of thousands of partitions.

As shipped it opens a connection for every event (with scram that is 8 ms of CPU, more than the event itself), asks the
catalogue for its own tables' columns at every materialization, and writes ahead of a run one event for each asset and
partition: 22,000 for two thousand tenants of a provider with eleven streams, before the first row is fetched. Here a
process keeps one connection, remembers what it saw of the tables, and a run's plan is one event an asset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dagster_postgres import PostgresEventLogStorage, PostgresRunStorage, PostgresScheduleStorage
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import create_pg_engine, pg_url_from_config

if TYPE_CHECKING:
    from dagster._serdes import ConfigurableClassData
    from sqlalchemy.engine import Connection, Engine

_UNUSED_SECONDS = 600


def _engine(url: str) -> Engine:
    """Keeps one connection and opens others when threads want them; one that died meanwhile is replaced unnoticed."""
    return create_pg_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=-1,
        pool_recycle=_UNUSED_SECONDS,
        pool_pre_ping=True,
    )


class EventLog(PostgresEventLogStorage):
    """The event log. A table or column that stood once stands: Dagster's own migrations only add."""

    def __init__(self, postgres_url: str, should_autocreate_tables: bool = True) -> None:
        super().__init__(postgres_url, should_autocreate_tables)
        self._engine = _engine(postgres_url)
        self._standing: set[str] = set()

    @property
    def supports_partition_subset_in_asset_materialization_planned_events(self) -> bool:
        """One planned event an asset. One for each tenant would turn all of them failed when a run breaks."""
        return True

    def has_table(self, table_name: str) -> bool:
        """Asked at every event with tags."""
        if table_name not in self._standing and super().has_table(table_name):
            self._standing.add(table_name)
        return table_name in self._standing

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        name = f"asset_keys.{column_name}"
        if name not in self._standing and super()._has_asset_key_col_on_connection(conn, column_name):
            self._standing.add(name)
        return name in self._standing


class RunStorage(PostgresRunStorage):
    """Runs, with a connection that stays."""

    def __init__(self, postgres_url: str, should_autocreate_tables: bool = True) -> None:
        super().__init__(postgres_url, should_autocreate_tables)
        self._engine = _engine(postgres_url)


class ScheduleStorage(PostgresScheduleStorage):
    """Schedules and sensors, with a connection that stays."""

    def __init__(self, postgres_url: str, should_autocreate_tables: bool = True) -> None:
        super().__init__(postgres_url, should_autocreate_tables)
        self._engine = _engine(postgres_url)


class Storage(DagsterPostgresStorage):
    """What dagster.yaml names."""

    def __init__(
        self,
        postgres_url: str,
        should_autocreate_tables: bool = True,
        inst_data: ConfigurableClassData | None = None,
    ) -> None:
        super().__init__(postgres_url, should_autocreate_tables, inst_data)
        self._run_storage = RunStorage(postgres_url, should_autocreate_tables=False)
        self._event_log_storage = EventLog(postgres_url, should_autocreate_tables=False)
        self._schedule_storage = ScheduleStorage(postgres_url, should_autocreate_tables=False)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Storage:
        """Dagster makes it from dagster.yaml."""
        return cls(pg_url_from_config(config_value), config_value.get("should_autocreate_tables", True), inst_data)
