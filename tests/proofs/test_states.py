"""The four states of a partition after a batch run, on a real Dagster instance with Postgres storage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.iyzico import PROVIDER
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from hub.control import integrations
from hub.db.database import Database
from hub.orchestration.partitions import reconcile_partitions
from hub.orchestration.sync_command import launch
from hub.settings import Settings
from hub.sync.batch import Engine
from schedules.syncs import due_only_config
from tests.support.dagster_home import dagster_instance
from tests.support.merchant_engine import open_merchant_engine
from tests.support.merchants import add_merchant
from tests.support.shop import NoDetector

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult

pytestmark = pytest.mark.long(30)

STREAM = "transactions"
NAMES = ("well", "broken", "fresh", "newly_broken", "waiting")


@pytest.fixture(scope="module")
def engine(installation: Settings, database: Database) -> Engine:
    return open_merchant_engine(installation, database)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    start = datetime.now(UTC) - timedelta(days=2)
    with Sandbox(seed=11, start=start, pace=Pace(rows_per_day=4, history_days=3)) as running:
        yield running


@pytest.fixture
def instance(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    # Detection is proved elsewhere and costs seconds to load.
    monkeypatch.setattr("kvkk_policies.detect.ColumnScanner", NoDetector)
    with dagster_instance(installation) as opened:
        yield opened


@dataclass
class Street:
    """Tenants that follow each other in order of creation, and Dagster's eyes on them."""

    instance: DagsterInstance
    engine: Engine
    tenants: dict[str, str]

    def run(self) -> ExecuteInProcessResult:
        """A batch run over the whole range, as the schedule asks for it."""
        from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

        from assets.landing import landing_key
        from hub.definitions import defs

        ids = list(self.tenants.values())
        job = defs.resolve_job_def("sync_iyzico").get_subset(
            asset_selection={landing_key("iyzico", STREAM)}, asset_check_selection=set()
        )
        return job.execute_in_process(
            instance=self.instance,
            run_config=due_only_config(PROVIDER) | {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags={ASSET_PARTITION_RANGE_START_TAG: ids[0], ASSET_PARTITION_RANGE_END_TAG: ids[-1]},
        )

    def names(self, ids: Any) -> set[str]:
        return {name for name, tenant_id in self.tenants.items() if tenant_id in set(ids)}

    def materialized(self) -> set[str]:
        from assets.landing import landing_key

        return self.names(self.instance.get_materialized_partitions(landing_key("iyzico", STREAM)))

    def failed_partitions(self) -> set[str]:
        """Partitions that Dagster itself calls failed: a run or a step of theirs broke."""
        from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value

        from assets.landing import landing_key
        from hub.orchestration.partitions import TENANTS

        value = get_and_update_asset_status_cache_value(self.instance, landing_key("iyzico", STREAM), TENANTS)
        assert value is not None
        return self.names(value.deserialize_failed_partition_subsets(TENANTS).get_partition_keys())

    def checks(self, name: str = "synced") -> dict[str, str]:
        """The latest status of a check, by tenant."""
        from dagster import AssetCheckKey

        from assets.landing import landing_key

        found = self.instance.event_log_storage.get_asset_check_partition_info(
            [AssetCheckKey(landing_key("iyzico", STREAM), name)], partition_keys=list(self.tenants.values())
        )
        by_id = {tenant_id: name for name, tenant_id in self.tenants.items()}
        return {by_id[str(each.partition_key)]: each.latest_execution_status.value for each in found}

    def events(self, run_id: str) -> list[tuple[str, str]]:
        """What a run wrote of single tenants: kind and name."""
        by_id = {tenant_id: name for name, tenant_id in self.tenants.items()}
        found: list[tuple[str, str]] = []
        for entry in self.instance.all_logs(run_id):
            event = entry.dagster_event
            if event is None or event.event_type_value not in ("ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION"):
                continue
            if event.event_type_value == "ASSET_MATERIALIZATION":
                found.append(("materialized", by_id[str(event.partition)]))
            else:
                evaluation = event.asset_check_evaluation_data
                verdict = "passed" if evaluation.passed else "failed"
                found.append((f"{evaluation.check_name} {verdict}", by_id[str(evaluation.partition)]))
        return sorted(found)

    def due(self, *names: str, at: datetime) -> None:
        for name in names:
            with self.engine.database.tenant(self.tenants[name], "app") as connection:
                connection.execute("UPDATE hub.integrations SET next_due_at = %s", (at,))


@pytest.fixture
def street(instance: DagsterInstance, engine: Engine, sandbox: Sandbox) -> Iterator[Street]:
    reconcile_partitions(instance, engine.database)
    tenants = {name: add_merchant(engine.database, engine.keyring, sandbox, name) for name in NAMES}
    reconcile_partitions(instance, engine.database)
    yield Street(instance, engine, tenants)
    sandbox.world.faults.clear()


PAST, FUTURE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def test_after_a_batch_every_tenant_shows_its_own_state(
    street: Street, sandbox: Sandbox, installation: Settings
) -> None:
    synced = [street.tenants[name] for name in ("broken", "fresh")]
    first = launch(installation, "iyzico", synced, stream=STREAM, models=False)
    assert (first.succeeded, first.failed) == (True, 0)
    assert street.materialized() == {"broken", "fresh"}
    street.due("well", "broken", "newly_broken", at=PAST)
    street.due("fresh", "waiting", at=FUTURE)
    for name in ("broken", "newly_broken"):
        sandbox.world.faults.add(Fault("credentials_expired", company=name))

    run = street.run()

    assert run.success
    assert street.materialized() == {"well", "broken", "fresh"}
    assert street.failed_partitions() == set()
    assert street.checks() == {
        "well": "SUCCEEDED",
        "broken": "FAILED",
        "fresh": "SUCCEEDED",
        "newly_broken": "FAILED",
    }
    assert street.events(run.run_id) == [
        ("materialized", "well"),
        ("synced failed", "broken"),
        ("synced failed", "newly_broken"),
        ("synced passed", "well"),
    ]

    # Both heal; each says so once, and the quiet ones say nothing.
    sandbox.world.faults.clear()
    street.due("well", "broken", "newly_broken", at=PAST)
    healed = street.run()
    assert street.events(healed.run_id) == [
        ("materialized", "broken"),
        ("materialized", "newly_broken"),
        ("synced passed", "broken"),
        ("synced passed", "newly_broken"),
    ]
    assert set(street.checks().values()) == {"SUCCEEDED"}
    assert street.materialized() == {"well", "broken", "fresh", "newly_broken"}
    assert "waiting" not in street.checks()


def test_a_run_that_cannot_begin_says_so_of_those_whose_turn_it_was_and_heals(
    street: Street, installation: Settings
) -> None:
    aside = installation.master_key_file.with_suffix(".aside")
    street.due("well", "broken", at=PAST)
    street.due("fresh", "newly_broken", "waiting", at=FUTURE)
    installation.master_key_file.rename(aside)
    try:
        stopped = street.run()
    finally:
        aside.rename(installation.master_key_file)

    assert street.events(stopped.run_id) == [("synced failed", "broken"), ("synced failed", "well")]
    assert street.failed_partitions() == set()
    assert street.materialized() == set()

    street.due("well", "broken", at=PAST)
    street.run()
    assert street.materialized() == {"well", "broken"}
    assert street.checks() == {"well": "SUCCEEDED", "broken": "SUCCEEDED"}


def test_a_quiet_healthy_sync_writes_no_event_and_a_busy_one_a_materialization_each(
    street: Street, sandbox: Sandbox
) -> None:
    street.due(*NAMES, at=PAST)
    assert len(street.events(street.run().run_id)) == 2 * len(NAMES)
    street.due(*NAMES, at=PAST)
    assert street.events(street.run().run_id) == []
    sandbox.advance(hours=12)
    street.due("well", at=PAST)
    assert street.events(street.run().run_id) == [("materialized", "well")]


def test_an_undeclared_column_fails_its_check_until_it_is_gone(street: Street, sandbox: Sandbox) -> None:
    street.due("waiting", "fresh", "well", "newly_broken", at=FUTURE)
    sandbox.world.faults.add(Fault("undeclared_column", company="broken"))
    seen: list[list[tuple[str, str]]] = []
    for clear in (False, False, True, True):
        if clear:
            sandbox.world.faults.clear()
        street.due("broken", at=PAST)
        seen.append([event for event in street.events(street.run().run_id) if event[0].startswith("declared")])
    assert seen == [[("declared_columns failed", "broken")], [], [("declared_columns passed", "broken")], []]
    assert street.checks("declared_columns") == {"broken": "SUCCEEDED"}


def test_a_persons_sync_does_not_wait_for_its_turn(street: Street, installation: Settings) -> None:
    street.due(*NAMES, at=FUTURE)
    run = launch(installation, "iyzico", [street.tenants["waiting"]], stream=STREAM, models=False)
    assert (run.tenants, run.failed) == (1, 0)
    assert run.rows_changed > 0
    assert street.materialized() == {"waiting"}


def test_a_state_that_was_announced_but_not_recorded_is_announced_again(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster import Failure

    from assets import landing

    def dies(*_arguments: Any) -> None:
        raise Failure("killed", allow_retries=False)

    street.due(*NAMES[1:], at=FUTURE)
    with monkeypatch.context() as patched:
        patched.setattr(landing, "report", dies)
        with pytest.raises(Failure):
            street.run()
    assert street.materialized() == set()
    assert integrations.get(street.engine.database, street.tenants["well"], "iyzico").next_due_at is not None
    street.due("well", at=PAST)
    assert street.events(street.run().run_id) == [("materialized", "well"), ("synced passed", "well")]
