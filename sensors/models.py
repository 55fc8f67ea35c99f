"""Starts the models' run when landing has changed: many batches that end together share one run of checks and dbt."""

from __future__ import annotations

from collections.abc import Iterator

from dagster import DefaultSensorStatus, RunRequest, RunsFilter, SensorDefinition, SensorEvaluationContext, SkipReason
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from schedules.syncs import UNDER_WAY

SECONDS_BETWEEN_LOOKS = 30


def models_sensor(job: UnresolvedAssetJobDefinition) -> SensorDefinition:
    """Asks whether any tenant's landing is newer than its marts; after a run under way it asks again."""

    def models_due(context: SensorEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        from hub.sync.due import tenants_awaiting_models

        waiting = tenants_awaiting_models(context.resources.hub.engine.database)
        if waiting == 0:
            yield SkipReason("every mart is up to date")
            return
        if context.instance.get_run_records(RunsFilter(job_name=job.name, statuses=UNDER_WAY), limit=1):
            yield SkipReason(f"{waiting} tenants wait for the run under way")
            return
        yield RunRequest()

    return SensorDefinition(
        name="models_due",
        job=job,
        evaluation_fn=models_due,
        required_resource_keys={"hub"},
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=DefaultSensorStatus.RUNNING,
        description="Starts quality checks and dbt for the tenants whose landing changed.",
    )
