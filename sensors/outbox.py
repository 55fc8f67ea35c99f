"""Starts a run that empties the outbox when something is due; one under way lingers and takes what comes meanwhile."""

from collections import Counter
from datetime import timedelta

from dagster import (
    JobDefinition,
    OpExecutionContext,
    SensorDefinition,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource
from sensors.waiting import Look, waiting_sensor

SECONDS_BETWEEN_LOOKS = 5
"""A look is one query over small indexes; starting a run takes as long again."""
JOB = "outbox"


def outbox_job() -> JobDefinition:
    """The job `outbox`: counts by state in its metadata, and nothing of what was sent."""

    @op(description="Does the actions that are due, and asks after those whose end is not known.")
    def drain_outbox(context: OpExecutionContext, hub: HubResource) -> None:
        import asyncio

        from hub.outbox.drain import Pace, drain
        from hub.outbox.open import open_outbox

        pace = Pace(lingers=timedelta(seconds=hub.settings.outbox_linger_seconds))
        counts = asyncio.run(drain(open_outbox(hub.engine.database, hub.engine.keyring), pace=pace))
        context.log.info("%s", shown(counts))
        context.add_output_metadata(dict(sorted(counts.items())))

    @job(name=JOB, description="Sends messages and invoices, refunds, orders reports: each once, or left for a person.")
    def outbox() -> None:
        drain_outbox()

    return outbox


def shown(counts: Counter[str]) -> str:
    """Counts in a line."""
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "nothing"


def outbox_sensor(outbox: JobDefinition) -> SensorDefinition:
    """Asks whether anything is due."""

    def look(hub: HubResource) -> Look:
        from hub.outbox.lease import waiting

        due = waiting(hub.engine.database)
        return Look(busy="the run under way takes what is due") if due else Look("no action is due")

    return waiting_sensor(
        "actions_waiting",
        outbox,
        look,
        seconds=SECONDS_BETWEEN_LOOKS,
        description="Starts a run when an action is due.",
    )
