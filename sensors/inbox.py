"""Starts a run that handles what providers told us, when there is something; a run under way is not doubled."""

from dagster import (
    JobDefinition,
    OpExecutionContext,
    SensorDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource
from sensors.waiting import Look, waiting_sensor

SECONDS_BETWEEN_LOOKS = 15
JOB = "inbox"


def inbox_job() -> JobDefinition:
    """The job `inbox`: counts in its log, and nothing that an event says."""

    @op(description="Handles the events that wait, a turn for each tenant, until none is due or its time is up.")
    def handle_events(context: OpExecutionContext, hub: HubResource) -> None:
        from hub.inbox.opening import open_handling

        counts = open_handling(hub.engine.database, hub.engine.keyring).drain()
        context.log.info("%s", ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "nothing")

    @job(name=JOB, description="Lets what providers told us take effect: states of messages, hints, incoming messages.")
    def inbox() -> None:
        handle_events()

    return inbox


def inbox_sensor(inbox: JobDefinition) -> SensorDefinition:
    """Asks whose events wait, and no more."""

    def look(hub: HubResource) -> Look:
        from hub.inbox.queue import waiting

        tenants = len(waiting(hub.engine.database))
        return (
            Look(busy=f"events of {tenants} tenants wait for the run under way") if tenants else Look("no event is due")
        )

    return waiting_sensor(
        "inbox_waiting", inbox, look, seconds=SECONDS_BETWEEN_LOOKS, description="Starts a run when an event is due."
    )
