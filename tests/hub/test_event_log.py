"""Trimming Dagster's own Postgres storage: what a person sees stays, what nobody needs goes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dagster import (
    AssetCheckEvaluation,
    AssetCheckKey,
    AssetCheckSpec,
    AssetKey,
    AssetMaterialization,
    BackfillPolicy,
    DagsterEventType,
    DagsterInstance,
    DagsterRunStatus,
    Definitions,
    DynamicPartitionsDefinition,
    MaterializeResult,
    OpExecutionContext,
    RunsFilter,
    asset,
    define_asset_job,
    job,
    op,
)
from dagster._core.definitions.data_version import DATA_VERSION_TAG
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG
from sqlalchemy import text

from assets.events import log_evaluation
from hub.orchestration import event_log
from hub.orchestration.event_log import trim
from hub.settings import Settings
from tests.support.dagster_home import dagster_instance

QUIET, BUSY, ILL = "tquietaaaaaa", "tbusyaaaaaaa", "tillaaaaaaaa"
TENANTS = DynamicPartitionsDefinition(name="trimmed_tenants")
LANDED = AssetKey(["trimmed", "landed"])
MART = AssetKey(["trimmed", "mart"])
SYNCED = AssetCheckKey(LANDED, "synced")
BATCH = AssetCheckKey(LANDED, "batch")
OLD = timedelta(days=60)


@pytest.fixture(scope="module")
def instance(installation: Settings) -> Iterator[DagsterInstance]:
    with dagster_instance(installation) as opened:
        opened.add_dynamic_partitions("trimmed_tenants", [QUIET, BUSY, ILL])
        yield opened


def batch(instance: DagsterInstance, *tenants: str, failing: tuple[str, ...] = ()) -> str:
    """A run as the hub's are: events logged by hand for some tenants, and one mart."""

    @op
    def sync(context: OpExecutionContext) -> None:
        for tenant_id in tenants:
            context.log_event(AssetMaterialization(LANDED, partition=tenant_id, tags={DATA_VERSION_TAG: "1"}))
        for tenant_id in (*tenants, *failing):
            check = AssetCheckEvaluation(
                asset_key=LANDED, check_name="synced", passed=tenant_id not in failing, partition=tenant_id
            )
            log_evaluation(context, check)
        log_evaluation(context, AssetCheckEvaluation(asset_key=LANDED, check_name="batch", passed=not failing))
        context.log_event(AssetMaterialization(MART))

    @job
    def trimmed_batch() -> None:
        sync()

    return trimmed_batch.execute_in_process(instance=instance).run_id


def crash(instance: DagsterInstance) -> str:
    """A range run that raises, as one whose database was away does: the run is failed, and no tenant is."""

    @asset(
        key=LANDED,
        partitions_def=TENANTS,
        backfill_policy=BackfillPolicy.single_run(),
        check_specs=[AssetCheckSpec("batch", asset=LANDED)],
    )
    def landed() -> MaterializeResult:
        raise ConnectionError

    definitions = Definitions([landed], jobs=[define_asset_job("trimmed_crash", selection=[LANDED])])
    done = definitions.resolve_job_def("trimmed_crash").execute_in_process(
        instance=instance,
        raise_on_error=False,
        tags={ASSET_PARTITION_RANGE_START_TAG: ILL, ASSET_PARTITION_RANGE_END_TAG: ILL},
    )
    assert not done.success
    return done.run_id


def age(instance: DagsterInstance, *run_ids: str) -> None:
    """Put runs and what they logged two months back."""
    changes = (
        "UPDATE event_logs SET timestamp = timestamp - :old",
        "UPDATE asset_check_executions SET evaluation_event_timestamp = evaluation_event_timestamp - :old",
        "UPDATE runs SET create_timestamp = create_timestamp - :old, update_timestamp = update_timestamp - :old",
    )
    storage: Any = instance.event_log_storage
    with storage.index_transaction() as connection:
        for change in changes:
            connection.execute(text(f"{change} WHERE run_id = ANY(:runs)"), {"old": OLD, "runs": list(run_ids)})


def count(instance: DagsterInstance, table: str) -> int:
    storage: Any = instance.event_log_storage
    with storage.index_connection() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def shown(instance: DagsterInstance) -> dict[str, Any]:
    """Everything by which Dagster tells a person how assets, tenants and checks are."""
    storage = instance.event_log_storage
    infos = storage.get_asset_check_partition_info([SYNCED])
    latest = storage.get_latest_storage_id_by_partition(LANDED, DagsterEventType.ASSET_MATERIALIZATION)
    summaries = storage.get_asset_check_summary_records([SYNCED, BATCH])
    return {
        "materialized": storage.get_materialized_partitions(LANDED),
        "latest": {
            str(key): (record and record.storage_id)
            for key in (LANDED, MART)
            for record in [instance.fetch_materializations(key, limit=1).records[0]]
        },
        "latest_by_tenant": latest,
        "tags": [storage.get_event_tags_for_asset(LANDED, filter_event_id=event_id) for event_id in latest.values()],
        "attempts": storage.get_latest_asset_partition_materialization_attempts_without_materializations(LANDED),
        "checks": {
            info.partition_key: (info.latest_execution_status, info.latest_check_event_storage_id) for info in infos
        },
        "evaluations": kept(instance, [info.latest_check_event_storage_id for info in infos]),
        "summaries": {
            key.name: (
                summary.last_check_execution_record and summary.last_check_execution_record.id,
                summary.last_completed_check_execution_record and summary.last_completed_check_execution_record.id,
            )
            for key, summary in summaries.items()
        },
        "records": [(record.asset_entry.last_run_id) for record in instance.get_asset_records([LANDED, MART])],
    }


def kept(instance: DagsterInstance, event_ids: list[int]) -> set[int]:
    """Those of the events that are in the log."""
    storage: Any = instance.event_log_storage
    with storage.index_connection() as connection:
        found = connection.execute(text("SELECT id FROM event_logs WHERE id = ANY(:ids)"), {"ids": event_ids})
        return set(found.scalars())


@pytest.mark.parametrize("events_at_once", [3, 10_000])
def test_what_dagster_shows_is_the_same_after_trimming_and_the_log_is_shorter(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch, events_at_once: int
) -> None:
    monkeypatch.setattr(event_log, "EVENTS_AT_ONCE", events_at_once)
    first = batch(instance, QUIET, BUSY, failing=(ILL,))
    busy = [batch(instance, BUSY) for _ in range(3)]
    crashed = crash(instance)
    recent = batch(instance, BUSY)
    age(instance, first, *busy, crashed)
    before = shown(instance)
    tables = ("event_logs", "asset_check_executions", "runs", "asset_event_tags")
    rows = {table: count(instance, table) for table in tables}

    trimmed = trim(instance, before=datetime.now(UTC) - timedelta(days=30))

    assert shown(instance) == before
    assert before["materialized"] == {QUIET, BUSY}
    assert len(before["evaluations"]) == 3
    assert before["attempts"] == {}
    now = {table: count(instance, table) for table in tables}
    assert rows["event_logs"] - now["event_logs"] == trimmed.events > 60
    assert rows["asset_check_executions"] - now["asset_check_executions"] == trimmed.evaluations >= 6
    assert rows["asset_event_tags"] - now["asset_event_tags"] >= 3
    assert rows["runs"] - now["runs"] == trimmed.runs >= 3
    assert [instance.get_run_by_id(run_id) is None for run_id in (first, *busy, crashed, recent)] == [
        *(False, True, True, True),
        *(False, False),
    ]
    assert trim(instance, before=datetime.now(UTC) - timedelta(days=30)).events == 0


def test_a_run_under_way_keeps_all_its_events_however_old(instance: DagsterInstance) -> None:
    run_id = batch(instance, BUSY)
    storage: Any = instance.event_log_storage
    with storage.index_transaction() as connection:
        connection.execute(text("UPDATE runs SET status = 'STARTED' WHERE run_id = :run"), {"run": run_id})
    batch(instance, BUSY)
    age(instance, run_id)
    events = len(instance.all_logs(run_id))

    trim(instance, before=datetime.now(UTC) - timedelta(days=30))

    assert len(instance.all_logs(run_id)) == events > 0
    assert instance.get_runs(RunsFilter(run_ids=[run_id]))[0].status == DagsterRunStatus.STARTED
    with storage.index_transaction() as connection:
        connection.execute(text("UPDATE runs SET status = 'SUCCESS' WHERE run_id = :run"), {"run": run_id})
    assert trim(instance, before=datetime.now(UTC) - timedelta(days=30)).runs == 1


def test_nothing_young_is_touched(instance: DagsterInstance) -> None:
    run_ids = [batch(instance, BUSY) for _ in range(2)]
    events = [len(instance.all_logs(run_id)) for run_id in run_ids]

    trimmed = trim(instance, before=datetime.now(UTC) - timedelta(days=30))

    assert (trimmed.events, trimmed.runs) == (0, 0)
    assert [len(instance.all_logs(run_id)) for run_id in run_ids] == events


def test_the_nightly_job_keeps_as_many_days_as_the_settings_say(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from resources.engine import HubResource
    from schedules.event_log import trim_job

    old = batch(instance, BUSY)
    batch(instance, BUSY)
    age(instance, old)

    def nightly() -> None:
        assert trim_job().execute_in_process(instance=instance, resources={"hub": HubResource()}).success

    monkeypatch.setenv("HUB_EVENT_LOG_DAYS", "90")
    nightly()
    assert instance.get_run_by_id(old) is not None
    monkeypatch.setenv("HUB_EVENT_LOG_DAYS", "30")
    nightly()
    assert instance.get_run_by_id(old) is None
