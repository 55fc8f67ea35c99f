"""Looks every hour whether an application's answer is due soon or late; a run starts where somebody must know."""

from collections.abc import Iterator

from dagster import (
    DefaultScheduleStatus,
    JobDefinition,
    OpExecutionContext,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource


def request_warnings_job() -> JobDefinition:
    """The job `request_warnings`: notes each warning once and queues its mails."""

    @op(description="Warns of applications at day 20 and 27 and when they are late. Counts only.")
    def warn_of_requests(context: OpExecutionContext, hub: HubResource) -> None:
        from hub.kvkk.requests.warnings import warn

        warned = warn(hub.engine.database, hub.engine.keyring)
        context.log.info("%d requests warned of, %d mails queued, %d failed", *warned)

    @job(name="request_warnings", description="Warns before the thirty days of KVKK art. 13/2 are over.")
    def request_warnings() -> None:
        warn_of_requests()

    return request_warnings


def request_warnings_schedule(request_warnings: JobDefinition) -> ScheduleDefinition:
    """Every hour at :37 in Istanbul."""

    def warnings_due(context: ScheduleEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        from hub.kvkk.requests.warnings import pending

        waiting = len(pending(context.resources.hub.engine.database))
        yield RunRequest() if waiting else SkipReason("no answer is due soon that was not warned of")

    return ScheduleDefinition(
        name="request_warnings_hourly",
        job=request_warnings,
        cron_schedule="37 * * * *",
        execution_timezone="Europe/Istanbul",
        execution_fn=warnings_due,
        required_resource_keys={"hub"},
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts the warnings of applications that must be answered soon.",
    )
