"""One schedule a provider: asks what is due and starts a batch run for each shard of tenants that has something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from dagster import (
    DagsterRunStatus,
    DefaultScheduleStatus,
    RunRequest,
    RunsFilter,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from connectors.contract import Provider
from hub.orchestration.partitions import PARTITIONS_NAME, contiguous_ranges, reconcile_partitions

SHARD_SIZE = 2_000
"""Tenants in one run. Starting a run costs seconds of CPU, a tenant inside it milliseconds."""

UNDER_WAY = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def sync_schedule(provider: Provider, job: UnresolvedAssetJobDefinition) -> ScheduleDefinition:
    """Every minute: what is due for this provider, oldest first, as batch runs. A run under way is not doubled."""

    def due(context: ScheduleEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        from hub.sync.due import due_tenants

        database = context.resources.hub.engine.database
        reconcile_partitions(context.instance, database)
        wanted = due_tenants(database, provider.name, datetime.now(UTC))
        if not wanted:
            yield SkipReason("nothing is due")
            return
        if context.instance.get_run_records(RunsFilter(job_name=job.name, statuses=UNDER_WAY), limit=1):
            yield SkipReason(f"{len(wanted)} tenants are due; a run is under way")
            return
        ordered = list(context.instance.get_dynamic_partitions(PARTITIONS_NAME))
        for first, last in contiguous_ranges(ordered, wanted, SHARD_SIZE):
            yield RunRequest(
                run_config=due_only_config(provider),
                tags={ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last},
            )

    return ScheduleDefinition(
        name=f"{provider.name}_due",
        job=job,
        cron_schedule="* * * * *",
        execution_timezone="Europe/Istanbul",
        execution_fn=due,
        required_resource_keys={"hub"},
        default_status=DefaultScheduleStatus.RUNNING,
        description=f"Starts a batch run for the tenants whose {provider.title} sync is due.",
    )


def due_only_config(provider: Provider) -> dict[str, Any]:
    """Run config of a scheduled batch."""
    return {"ops": {f"{provider.name}_sync": {"config": {"only_due": True}}}}
