"""Once a week: what policies keep no longer is destroyed, tenant by tenant (By-Law OG 30224, art. 11)."""

from dagster import (
    DefaultScheduleStatus,
    JobDefinition,
    OpExecutionContext,
    ScheduleDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource


def retention_job() -> JobDefinition:
    """The job `periodic_destruction`: each tenant by itself, so that one tenant's failure stops no other."""

    @op(description="Counts what is due for each tenant, then destroys, empties or coarsens it.")
    def destroy_what_is_over(context: OpExecutionContext, hub: HubResource) -> None:
        from datetime import UTC, datetime

        from dagster import Failure

        from connectors.registry import PROVIDERS
        from hub.kvkk.audit import Actor
        from hub.kvkk.retention.run import Retention
        from hub.kvkk.stores import Hub
        from hub.orchestration.partitions import tenants_in_order

        engine = hub.engine
        retention = Retention(Hub(engine.database, engine.keyring, PROVIDERS, engine.policies))
        actor = Actor("periodic_destruction", "machine")
        failed: list[str] = []
        for tenant_id in tenants_in_order(engine.database):
            try:
                done = retention.run(tenant_id, now=datetime.now(UTC), actor=actor)
            except Exception as error:  # whatever it is, the other tenants' data is due all the same
                context.log.error("%s: %s", tenant_id, type(error).__name__)  # noqa: TRY400 - a trace may show a row
                failed.append(tenant_id)
                continue
            records = sum(each.records for each in done.due)
            if records or done.left:
                context.log.info("%s: %d records, %d left", tenant_id, records, done.left)
            failed += [tenant_id] if done.left else []
        if failed:
            raise Failure(f"{len(failed)} tenants: {', '.join(failed[:20])}")

    @job(
        name="periodic_destruction",
        description="Retention by policy: dry run first, then destruction, with a line in each tenant's log.",
    )
    def periodic_destruction() -> None:
        destroy_what_is_over()

    return periodic_destruction


def retention_schedule(periodic_destruction: JobDefinition) -> ScheduleDefinition:
    """Every Sunday at 02:30 in Istanbul. The law's longest interval for a small controller is three months."""
    return ScheduleDefinition(
        name="periodic_destruction_weekly",
        job=periodic_destruction,
        cron_schedule="30 2 * * 0",
        execution_timezone="Europe/Istanbul",
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts periodic destruction.",
    )
