"""Once a night: Dagster's own log forgets what is old and not the latest of its kind."""

from dagster import (
    DefaultScheduleStatus,
    JobDefinition,
    OpExecutionContext,
    ScheduleDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource


def trim_job() -> JobDefinition:
    """The job `trim_event_log`; it keeps as many days as the settings say."""

    @op(description="Deletes old runs and events, never the latest of an asset, check or tenant.")
    def trim_old_events(context: OpExecutionContext, hub: HubResource) -> None:
        from datetime import UTC, datetime, timedelta

        from hub.orchestration.event_log import trim

        before = datetime.now(UTC) - timedelta(days=hub.settings.event_log_days)
        trimmed = trim(context.instance, before=before)
        context.log.info("%d events, %d evaluations, %d runs", trimmed.events, trimmed.evaluations, trimmed.runs)

    @job(
        name="trim_event_log",
        description="Bounds the event log. What shows a tenant as synced or a check as passed stays, however old.",
    )
    def trim_event_log() -> None:
        trim_old_events()

    return trim_event_log


def trim_schedule(trim_event_log: JobDefinition) -> ScheduleDefinition:
    """Every night at 03:30 in Istanbul."""
    return ScheduleDefinition(
        name="trim_event_log_nightly",
        job=trim_event_log,
        cron_schedule="30 3 * * *",
        execution_timezone="Europe/Istanbul",
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts the job that bounds Dagster's event log.",
    )
