"""Starts a run that sends what waits in the mail queue; without a mail server it says so and starts none."""

from dagster import (
    JobDefinition,
    OpExecutionContext,
    SensorDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource
from sensors.waiting import Look, waiting_sensor

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
    """Asks whether a mail is due, and whether there is a server to take it."""

    def look(hub: HubResource) -> Look:
        from hub.mail.drain import due
        from hub.mail.server import mail_server

        waiting = len(due(hub.engine.database))
        if not waiting:
            return Look("no mail is due")
        if mail_server(hub.settings) is None:
            return Look(f"{waiting} mails wait and no mail server is configured (HUB_SMTP_HOST)")
        return Look(busy=f"{waiting} mails wait for the run under way")

    return waiting_sensor(
        "mails_waiting", mails, look, seconds=SECONDS_BETWEEN_LOOKS, description="Starts a run when a mail is due."
    )
