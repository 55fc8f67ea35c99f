"""A tenant out of Dagster's own storage: its partition and that partition's events go, elsewhere its id gives way.

A run is a batch of tenants, so a run's events and tags name several, the first and the last of a range among them. What
is the tenant's alone is deleted; in what others share, a word that is no tenant's id takes the place of the id.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from hub.orchestration.partitions import PARTITIONS_NAME

if TYPE_CHECKING:
    from dagster import DagsterInstance

FORGOTTEN = "tforgottenaa"
"""As long as an id and shaped like one, so that whatever reads a run's range goes on reading it."""

_COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    " AND data_type IN ('text', 'character varying') ORDER BY table_name, ordinal_position"
)


def count(instance: DagsterInstance, tenant_id: str) -> int:
    """Rows in which the id stands anywhere."""
    return sum(number for _, _, number in _found(instance, tenant_id))


def remove(instance: DagsterInstance, tenant_id: str) -> None:
    """Delete the partition and its events, and take the id out of everything else. Safe to repeat."""
    instance.delete_dynamic_partition(PARTITIONS_NAME, tenant_id)
    with _connection(instance) as connection:
        _execute(
            connection,
            "DELETE FROM asset_event_tags WHERE event_id IN (SELECT id FROM event_logs WHERE partition = :tenant)",
            tenant_id,
        )
        for table, columns in _columns(connection).items():
            if "partition" in columns:
                _execute(connection, f'DELETE FROM "{table}" WHERE partition = :tenant', tenant_id)  # noqa: S608 - Dagster's names
            for column in columns:
                _execute(
                    connection,
                    f'UPDATE "{table}" SET "{column}" = replace("{column}", :tenant, \'{FORGOTTEN}\')'  # noqa: S608 - Dagster's names
                    f' WHERE strpos("{column}", :tenant) > 0',
                    tenant_id,
                )


def _found(instance: DagsterInstance, tenant_id: str) -> Iterator[tuple[str, str, int]]:
    with _connection(instance) as connection:
        for table, columns in _columns(connection).items():
            for column in columns:
                number = _execute(
                    connection,
                    f'SELECT count(*) FROM "{table}" WHERE strpos("{column}", :tenant) > 0',  # noqa: S608 - Dagster's names
                    tenant_id,
                ).scalar()
                yield table, column, int(number or 0)


def _columns(connection: Any) -> dict[str, list[str]]:
    from sqlalchemy import text

    found: dict[str, list[str]] = {}
    for table, column in connection.execute(text(_COLUMNS)):
        found.setdefault(table, []).append(column)
    return found


def _execute(connection: Any, statement: str, tenant_id: str) -> Any:
    from sqlalchemy import text

    return connection.execute(text(statement), {"tenant": tenant_id})


def _connection(instance: DagsterInstance) -> Any:
    return cast("Any", instance.event_log_storage).index_transaction()
