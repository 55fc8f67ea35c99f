"""Looks every hour whether what landed is fresh: a stream that nobody syncs any more fails no sync."""

from __future__ import annotations

from collections.abc import Mapping

from dagster import (
    AssetCheckKey,
    AssetSelection,
    DefaultScheduleStatus,
    ScheduleDefinition,
    define_asset_job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from assets.landing import landing_key
from assets.sync_checks import FRESH
from connectors.contract import Provider


def freshness_job(providers: Mapping[str, Provider]) -> UnresolvedAssetJobDefinition:
    """The check `fresh` of every stream, and no other: planning a check by tenant hides what each tenant last said."""
    keys = [
        AssetCheckKey(landing_key(provider.name, stream.name), FRESH)
        for provider in providers.values()
        for stream in provider.streams
        if stream.parent is None
    ]
    return define_asset_job(
        "freshness",
        selection=AssetSelection.checks(*keys),
        description="Reads from the status table whether every active tenant's data is as fresh as declared.",
    )


def freshness_schedule(job: UnresolvedAssetJobDefinition) -> ScheduleDefinition:
    """Every hour, beside the full one, when many syncs start."""
    return ScheduleDefinition(
        name="freshness_hourly",
        job=job,
        cron_schedule="17 * * * *",
        execution_timezone="Europe/Istanbul",
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts the job that makes freshness visible in the graph.",
    )
