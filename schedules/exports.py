"""Once an hour: packages of data subjects whose time is up are deleted."""

from dagster import (
    DefaultScheduleStatus,
    JobDefinition,
    OpExecutionContext,
    ScheduleDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource


def expire_exports_job() -> JobDefinition:
    """The job `expire_exports`; how long a package can be had is the settings' to say."""

    @op(description="Deletes packages whose time is up, and what killed runs left. Counts only.")
    def sweep_packages(context: OpExecutionContext, hub: HubResource) -> None:
        from hub.kvkk.export.expiry import sweep_exports

        swept = sweep_exports(hub.engine.database)
        context.log.info("%d expired, %d abandoned, %d torn files", swept.expired, swept.abandoned, swept.files)

    @job(name="expire_exports", description="Deletes data subjects' packages (KVKK art. 11) whose time is up.")
    def expire_exports() -> None:
        sweep_packages()

    return expire_exports


def expire_exports_schedule(expire_exports: JobDefinition) -> ScheduleDefinition:
    """Every hour, at a minute when little else starts."""
    return ScheduleDefinition(
        name="expire_exports_hourly",
        job=expire_exports,
        cron_schedule="17 * * * *",
        execution_timezone="Europe/Istanbul",
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts the job that deletes packages whose time is up.",
    )
