"""Every hour: the audit logs' heads are signed and written outside the database, so that what they cover stays."""

from dagster import (
    DefaultScheduleStatus,
    JobDefinition,
    OpExecutionContext,
    ScheduleDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource


def audit_heads_job() -> JobDefinition:
    """The job `audit_heads`."""

    @op(description="Signs the heads of all audit logs and appends them to the file outside the database.")
    def export_audit_heads(context: OpExecutionContext, hub: HubResource) -> None:
        from hub.kvkk.audit import SYSTEM
        from hub.kvkk.audit_heads import export_heads

        context.log.info("%d heads", export_heads(hub.settings, hub.engine.database, actor=SYSTEM))

    @job(name="audit_heads", description="Protects the audit logs: what an exported head covers cannot be rewritten.")
    def audit_heads() -> None:
        export_audit_heads()

    return audit_heads


def audit_heads_schedule(audit_heads: JobDefinition) -> ScheduleDefinition:
    """Every hour, beside the full one, when many syncs start."""
    return ScheduleDefinition(
        name="audit_heads_hourly",
        job=audit_heads,
        cron_schedule="43 * * * *",
        execution_timezone="Europe/Istanbul",
        default_status=DefaultScheduleStatus.RUNNING,
        description="Starts the job that signs and exports the audit logs' heads.",
    )
