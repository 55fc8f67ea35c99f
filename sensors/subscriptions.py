"""Starts a run that tells subscribers what happened; one under way lingers and takes what comes meanwhile."""

from datetime import timedelta

from dagster import (
    JobDefinition,
    OpExecutionContext,
    SensorDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource
from sensors.outbox import shown
from sensors.waiting import Look, waiting_sensor

SECONDS_BETWEEN_LOOKS = 10
"""A look is one query over a small index; starting a run takes as long again."""
JOB = "webhooks"


def webhooks_job() -> JobDefinition:
    """The job `webhooks`: counts by state in its metadata, and nothing of what was sent or where."""

    @op(description="Tells subscribers what happened, and writes down whether they have it.")
    def drain_webhooks(context: OpExecutionContext, hub: HubResource) -> None:
        import asyncio

        from hub.subscriptions.drain import Pace, drain
        from hub.subscriptions.reach import reach_of
        from hub.subscriptions.telling import Outgoing

        pace = Pace(lingers=timedelta(seconds=hub.settings.outbox_linger_seconds))
        outgoing = Outgoing(hub.engine.database, hub.engine.keyring, reach_of(hub.settings))
        counts = asyncio.run(drain(outgoing, pace=pace))
        context.log.info("%s", shown(counts))
        context.add_output_metadata(dict(sorted(counts.items())))

    @job(name=JOB, description="Sends webhooks to tenants' own programs, signed, until they are taken in.")
    def webhooks() -> None:
        drain_webhooks()

    return webhooks


def webhooks_sensor(webhooks: JobDefinition) -> SensorDefinition:
    """Asks whether a delivery is due."""

    def look(hub: HubResource) -> Look:
        from hub.subscriptions.queue import waiting

        due = waiting(hub.engine.database)
        return Look(busy="the run under way takes what is due") if due else Look("no webhook is due")

    return waiting_sensor(
        "webhooks_waiting",
        webhooks,
        look,
        seconds=SECONDS_BETWEEN_LOOKS,
        description="Starts a run when a webhook is due.",
    )
