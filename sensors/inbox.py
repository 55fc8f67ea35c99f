"""Starts a run that handles what providers told us, when there is something; a run under way is not doubled."""

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

    def inbox_waiting(context: SensorEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        from hub.inbox.queue import waiting

        tenants = len(waiting(context.resources.hub.engine.database))
        if not tenants:
            yield SkipReason("no event is due")
        elif context.instance.get_run_records(RunsFilter(job_name=JOB, statuses=UNDER_WAY), limit=1):
            yield SkipReason(f"events of {tenants} tenants wait for the run under way")
        else:
            yield RunRequest()

    return SensorDefinition(
        name="inbox_waiting",
        job=inbox,
        evaluation_fn=inbox_waiting,
        required_resource_keys={"hub"},
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=DefaultSensorStatus.RUNNING,
        description="Starts a run when an event is due.",
    )
