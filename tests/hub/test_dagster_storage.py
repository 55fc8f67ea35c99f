"""What our Dagster storage does otherwise than Dagster's own, on a real instance."""

from collections.abc import Iterator
from typing import Any

import pytest
from dagster import (
    AssetKey,
    AssetMaterialization,
    BackfillPolicy,
    DagsterEventType,
    DagsterInstance,
    DynamicPartitionsDefinition,
    EventRecordsFilter,
    MaterializeResult,
    OpExecutionContext,
    asset,
    job,
    materialize,
    op,
)
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG
from sqlalchemy import event, text

from hub.migrations.connections import outside_transaction
from hub.settings import Settings
from tests.support.dagster_home import dagster_instance

IDS = ["tstorageaaaa", "tstoragebbbb", "tstoragecccc"]
TENANTS = DynamicPartitionsDefinition(name="stored_tenants")
LANDED = AssetKey(["stored", "landed"])


@pytest.fixture(scope="module")
def instance(installation: Settings) -> Iterator[DagsterInstance]:
    with dagster_instance(installation) as opened:
        opened.add_dynamic_partitions("stored_tenants", IDS)
        yield opened


def storage(instance: DagsterInstance) -> Any:
    return instance.event_log_storage


@job
def logs_much() -> None:
    @op
    def log(context: OpExecutionContext) -> None:
        for tenant_id in IDS:
            context.log_event(AssetMaterialization(LANDED, partition=tenant_id))

    log()


def test_a_processs_events_share_connections(instance: DagsterInstance) -> None:
    opened: list[object] = []
    event.listen(storage(instance)._engine, "connect", lambda *_: opened.append(None))

    assert logs_much.execute_in_process(instance=instance).success

    assert instance.get_materialized_partitions(LANDED) == set(IDS)
    assert len(opened) <= 2


def test_a_connection_that_the_server_closed_is_replaced_unnoticed(
    instance: DagsterInstance, installation: Settings
) -> None:
    with storage(instance).index_connection() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with outside_transaction(installation, "data") as admin:
        assert admin.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,)).fetchone() == (True,)

    assert logs_much.execute_in_process(instance=instance).success


def test_a_run_over_a_range_plans_an_asset_once_and_breaking_calls_no_tenant_failed(
    instance: DagsterInstance,
) -> None:
    @asset(key=LANDED, partitions_def=TENANTS, backfill_policy=BackfillPolicy.single_run())
    def landed() -> MaterializeResult:
        raise ConnectionError

    done = materialize(
        [landed],
        instance=instance,
        raise_on_error=False,
        tags={ASSET_PARTITION_RANGE_START_TAG: IDS[0], ASSET_PARTITION_RANGE_END_TAG: IDS[-1]},
    )

    assert not done.success
    planned = instance.get_event_records(
        EventRecordsFilter(DagsterEventType.ASSET_MATERIALIZATION_PLANNED, asset_key=LANDED)
    )
    assert len([record for record in planned if record.run_id == done.run_id]) == 1
    attempts = storage(instance).get_latest_asset_partition_materialization_attempts_without_materializations(LANDED)
    assert attempts == {}
