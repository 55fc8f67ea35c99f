"""Once a day: keys of the inbox that are thirty days old are destroyed, and what lay under them is removed."""

from dagster import (
    DefaultScheduleStatus,
    JobDefinition,
    OpExecutionContext,
    ScheduleDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource


def expire_inbox_job() -> JobDefinition:
    """The job `expire_inbox`: each tenant by itself, so that one tenant's failure stops no other."""

    @op(description="Destroys the daily keys that are over. Counts only.")
    def destroy_daily_keys(context: OpExecutionContext, hub: HubResource) -> None:
        from dagster import Failure

        from hub.api import idempotency
        from hub.inbox.expiry import expire
        from hub.kvkk.audit import Actor
        from hub.orchestration.partitions import tenants_in_order

        database = hub.engine.database
        actor = Actor("expire_inbox", "machine")
        failed: list[str] = []
        for tenant_id in tenants_in_order(database):
            try:
                done = expire(database, tenant_id, actor=actor)
                with database.tenant(tenant_id, "app") as connection:
                    idempotency.expire(connection, tenant_id)
            except Exception as error:  # whatever it is, the other tenants' keys are due all the same
                context.log.error("%s: %s", tenant_id, type(error).__name__)  # noqa: TRY400 - a trace may show a row
                failed.append(tenant_id)
                continue
            if done.anything:
                context.log.info(
                    "%s: %d keys, %d events, %d unhandled", tenant_id, done.keys, done.events, done.unhandled
                )
        if failed:
            raise Failure(f"{len(failed)} tenants: {', '.join(failed[:20])}")

    @job(name="expire_inbox", description="Destroys the keys under which the inbox lies, thirty days after their day.")
    def expire_inbox() -> None:
        destroy_daily_keys()

    return expire_inbox


def expire_inbox_schedule(expire_inbox: JobDefinition) -> ScheduleDefinition:
    """Every night, soon after the day in Istanbul ends."""
    return ScheduleDefinition(
        name="expire_inbox_nightly",
        job=expire_inbox,
        cron_schedule="20 0 * * *",
        execution_timezone="Europe/Istanbul",
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts the job that destroys the inbox's old keys.",
    )
