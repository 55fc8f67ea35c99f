"""The tenant is Dagster's only partition dimension; the tenants' table is the truth and partitions follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster import DynamicPartitionsDefinition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster import DagsterInstance

    from hub.db.database import Database

PARTITIONS_NAME = "tenants"
TENANTS = DynamicPartitionsDefinition(name=PARTITIONS_NAME)


def tenants_in_order(database: Database) -> list[str]:
    """Every tenant's id in order of creation, suspended ones too: a partition keeps its history."""
    with database.crossing("scheduler") as connection:
        return [
            row[0] for row in connection.execute("SELECT tenant_id FROM hub.tenants ORDER BY created_at, tenant_id")
        ]


def reconcile_partitions(instance: DagsterInstance, database: Database) -> int:
    """Add a partition for each tenant that has none; returns how many. Safe to run at any time, from any process."""
    known = set(instance.get_dynamic_partitions(PARTITIONS_NAME))
    missing = [tenant_id for tenant_id in tenants_in_order(database) if tenant_id not in known]
    if missing:
        instance.add_dynamic_partitions(PARTITIONS_NAME, missing)
    return len(missing)


def contiguous_ranges(ordered: Sequence[str], wanted: Sequence[str], shard_size: int) -> list[tuple[str, str]]:
    """First and last partition of each shard that holds a wanted tenant; `wanted` is in the order of urgency.

    The shard with the most urgent tenant comes first: runs of one provider are made one after the other.

    A Dagster run can name one contiguous range of partitions in order of creation. Shards are fixed slices of that
    order, trimmed to the wanted tenants at both ends; what is not due inside costs nothing.
    """
    urgency = {key: place for place, key in enumerate(wanted)}
    ranges: list[tuple[int, str, str]] = []
    for start in range(0, len(ordered), shard_size):
        inside = [key for key in ordered[start : start + shard_size] if key in urgency]
        if inside:
            ranges.append((min(urgency[key] for key in inside), inside[0], inside[-1]))
    return [(first, last) for _urgency, first, last in sorted(ranges)]
