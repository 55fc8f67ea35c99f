"""Starts a run that sends what waits in the mail queue; without a mail server it says so and starts none."""

from collections.abc import Iterator

from dagster import (
    DefaultSensorStatus,
    JobDefinition,
    OpExecutionContext,
    RunRequest,
    RunsFilter,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource
from schedules.syncs import UNDER_WAY

SECONDS_BETWEEN_LOOKS = 60
JOB = "mails"


def mails_job() -> JobDefinition:
    """The job `mails`: counts in its log, and nothing that a mail says."""

    @op(description="Sends the mails that are due, over one conversation with the mail server.")
    def send_mails(context: OpExecutionContext, hub: HubResource) -> None:
        from hub.kvkk.breach.mailing import deliver
        from hub.mail.server import mail_server

        server = mail_server(hub.settings)
        if server is None:
            context.log.warning("no mail server is configured")
            return
        counts = deliver(hub.engine.database, hub.engine.keyring, server)
        context.log.info("%s", ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "nothing")

    @job(name=JOB, description="Sends warnings, escalations and one-time links, each once.")
    def mails() -> None:
        send_mails()

    return mails


def mails_sensor(mails: JobDefinition) -> SensorDefinition:
    """Asks whether a mail is due; a run under way is not doubled."""

    def mails_waiting(context: SensorEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        from hub.mail.drain import due
        from hub.mail.server import mail_server

        waiting = len(due(context.resources.hub.engine.database))
        if not waiting:
            yield SkipReason("no mail is due")
        elif mail_server(context.resources.hub.settings) is None:
            yield SkipReason(f"{waiting} mails wait and no mail server is configured (HUB_SMTP_HOST)")
        elif context.instance.get_run_records(RunsFilter(job_name=JOB, statuses=UNDER_WAY), limit=1):
            yield SkipReason(f"{waiting} mails wait for the run under way")
        else:
            yield RunRequest()

    return SensorDefinition(
        name="mails_waiting",
        job=mails,
        evaluation_fn=mails_waiting,
        required_resource_keys={"hub"},
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=DefaultSensorStatus.RUNNING,
        description="Starts a run when a mail is due.",
    )
