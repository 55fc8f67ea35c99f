"""Looks every quarter of an hour whether a breach's 72 hours press; a run starts where somebody must know."""

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


def breach_escalations_job() -> JobDefinition:
    """The job `breach_escalations`: notes each hour once and queues its mail."""

    @op(description="Tells of breaches at 24, 48, 60 and 72 hours. Counts only.")
    def escalate_breaches(context: OpExecutionContext, hub: HubResource) -> None:
        from hub.kvkk.breach.escalation import escalate

        escalated = escalate(hub.engine.database, hub.engine.keyring)
        context.log.info("%d breaches escalated, %d mails queued, %d failed", *escalated)
        if escalated.failed:
            raise RuntimeError(f"{escalated.failed} breaches could not be escalated")

    @job(name="breach_escalations", description="Presses while the Board must still be told (Board decision 2019/10).")
    def breach_escalations() -> None:
        escalate_breaches()

    return breach_escalations


def breach_escalations_schedule(breach_escalations: JobDefinition) -> ScheduleDefinition:
    """Every quarter of an hour: of 72 hours, no weekend is spared."""

    def escalations_due(context: ScheduleEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        from hub.kvkk.breach.escalation import pending

        waiting = len(pending(context.resources.hub.engine.database))
        yield RunRequest() if waiting else SkipReason("no breach presses that was not escalated")

    return ScheduleDefinition(
        name="breach_escalations_by_quarter_hour",
        job=breach_escalations,
        cron_schedule="*/15 * * * *",
        execution_timezone="Europe/Istanbul",
        execution_fn=escalations_due,
        required_resource_keys={"hub"},
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts the escalation of breaches that the Board has not been told of.",
    )
