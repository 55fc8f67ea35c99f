"""Starts the work of data subjects' requests: one run does all that waits, and its config holds ids alone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from dagster import (
    Config,
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

if TYPE_CHECKING:
    from hub.db.database import Database

SECONDS_BETWEEN_LOOKS = 30
MOST_IN_A_RUN = 50
"""Requests of one run, the most urgent first; what is left takes the next one."""

JOB = "subject_requests"

_WAITING = """
SELECT tenant_id, request_id::text, work_state FROM hub.requests
WHERE state = 'in_progress' AND work_state IN ('pending', 'running')
ORDER BY work_state = 'running' DESC, due_at, tenant_id, request_id LIMIT %s
"""


class RequestsToHandle(Config):
    """Ids alone: `requests` holds `<tenant>/<request>`."""

    requests: list[str]


def subject_requests_job() -> JobDefinition:
    """The job `subject_requests`. A request whose work fails keeps the reason; the others are handled all the same."""

    @op(description="Does the hub's part of each request: exports and erasures. Ids and codes only.")
    def handle_requests(context: OpExecutionContext, config: RequestsToHandle, hub: HubResource) -> None:
        from hub.kvkk.requests.work import HubContext, perform

        engine = hub.engine
        given = HubContext(hub.settings, engine.database, engine.keyring, engine.vault, engine.policies)
        for each in config.requests:
            tenant_id, _, request_id = each.partition("/")
            end = perform(given, tenant_id, UUID(request_id), run_id=context.run_id)
            context.log.info("%s %s", each, end or "not pending any more")

    @job(name=JOB, description="Handles requests of data subjects (KVKK art. 11) whose work the hub does by itself.")
    def subject_requests() -> None:
        handle_requests()

    return subject_requests


def subject_requests_sensor(subject_requests: JobDefinition) -> SensorDefinition:
    """Asks for requests whose work waits. A run under way is not doubled; one that is gone gives its requests back."""

    def requests_waiting(context: SensorEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        from hub.kvkk.requests.work import give_up

        database: Database = context.resources.hub.engine.database
        waiting = read_waiting(database)
        if not waiting:
            yield SkipReason("no request waits")
            return
        if context.instance.get_run_records(RunsFilter(job_name=JOB, statuses=UNDER_WAY), limit=1):
            yield SkipReason(f"{len(waiting)} requests wait or are under way in a run")
            return
        # Only runs of this job have requests under way, and there is none: whoever had these is gone.
        lost = [each for each in waiting if each[2] == "running"]
        for tenant_id, request_id, _ in lost:
            if give_up(database, tenant_id, UUID(request_id)):
                context.log.warning("the run of request %s of %s is gone", request_id, tenant_id)
        pending = [f"{tenant_id}/{request_id}" for tenant_id, request_id, state in waiting if state == "pending"]
        if not pending:
            yield SkipReason(f"{len(lost)} requests lost their run and wait for a person")
            return
        yield RunRequest(run_config={"ops": {"handle_requests": {"config": {"requests": pending}}}})

    return SensorDefinition(
        name="subject_requests_waiting",
        job=subject_requests,
        evaluation_fn=requests_waiting,
        required_resource_keys={"hub"},
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=DefaultSensorStatus.RUNNING,
        description="Starts the work of data subjects' requests: exports and erasures.",
    )


def read_waiting(database: "Database") -> list[tuple[str, str, str]]:
    """Tenant, request and work state of what waits or is under way, as the crossing `dispatcher` may see it."""
    with database.crossing("dispatcher") as connection:
        connection.execute("SET LOCAL statement_timeout = '10s'")
        rows = connection.execute(_WAITING, (MOST_IN_A_RUN,)).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]
