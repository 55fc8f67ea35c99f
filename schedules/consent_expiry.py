"""Looks every hour for consents whose time is over: what rested on them alone must be erased, or kept for a reason."""

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


def consent_expiry_job() -> JobDefinition:
    """The job `consent_expiry`: raises and examines the checks of consents that ended."""

    @op(description="Raises the erasure check of every consent that has expired. Counts only.")
    def check_ended_consents(context: OpExecutionContext, hub: HubResource) -> None:
        from connectors.registry import PROVIDERS
        from hub.kvkk.erasure_checks import sweep

        swept = sweep(hub.engine.database, PROVIDERS)
        context.log.info("%d checks examined, %d failed", *swept)

    @job(name="consent_expiry", description="Finds what rested on a consent that ended (KVKK art. 7).")
    def consent_expiry() -> None:
        check_ended_consents()

    return consent_expiry


def consent_expiry_schedule(consent_expiry: JobDefinition) -> ScheduleDefinition:
    """Every hour at :29 in Istanbul. Loads do not wait for it: they ask for an active consent themselves."""

    def ended(context: ScheduleEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        from hub.kvkk.erasure_checks import pending

        waiting = len(pending(context.resources.hub.engine.database))
        yield RunRequest() if waiting else SkipReason("no consent ended that was not checked")

    return ScheduleDefinition(
        name="consent_expiry_hourly",
        job=consent_expiry,
        cron_schedule="29 * * * *",
        execution_timezone="Europe/Istanbul",
        execution_fn=ended,
        required_resource_keys={"hub"},
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts the check of what rested on consents that ended.",
    )
