"""Once a day: what happened thirty days ago is told no more, and goes with its deliveries."""

from dagster import (
    DefaultScheduleStatus,
    JobDefinition,
    OpExecutionContext,
    ScheduleDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource


def expire_webhooks_job() -> JobDefinition:
    """The job `expire_webhooks`: each tenant by itself."""

    @op(description="Takes away events and deliveries that are kept no longer. Counts only.")
    def sweep_events(context: OpExecutionContext, hub: HubResource) -> None:
        from dagster import Failure

        from hub.subscriptions.retention import over, sweep

        database = hub.engine.database
        failed: list[str] = []
        for tenant_id in over(database):
            try:
                context.log.info("%s: %d events", tenant_id, sweep(database, tenant_id))
            except Exception as error:  # whatever it is, the other tenants' events are over all the same
                context.log.error("%s: %s", tenant_id, type(error).__name__)  # noqa: TRY400 - a trace may show a row
                failed.append(tenant_id)
        if failed:
            raise Failure(f"{len(failed)} tenants: {', '.join(failed[:20])}")

    @job(name="expire_webhooks", description="Removes events and deliveries of webhooks after thirty days.")
    def expire_webhooks() -> None:
        sweep_events()

    return expire_webhooks


def expire_webhooks_schedule(expire_webhooks: JobDefinition) -> ScheduleDefinition:
    """Every night, soon after the day in Istanbul ends."""
    return ScheduleDefinition(
        name="expire_webhooks_nightly",
        job=expire_webhooks,
        cron_schedule="35 0 * * *",
        execution_timezone="Europe/Istanbul",
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts the job that removes old events of webhooks.",
    )
