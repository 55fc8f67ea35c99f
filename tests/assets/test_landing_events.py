"""What a batch logs of its tenants is in Dagster's log at once and nowhere else."""

from __future__ import annotations

from dagster import AssetExecutionContext, AssetKey, DagsterInstance, asset, materialize

from assets.landing import report
from connectors.registry import PROVIDERS
from hub.sync.outcome import StreamOutcome, TenantResult


def test_a_tenants_events_are_logged_while_the_step_runs_and_not_kept_by_it() -> None:
    provider = PROVIDERS["iyzico"]
    kept: list[bool] = []

    @asset
    def step(context: AssetExecutionContext) -> None:
        for number in range(3):
            outcome = StreamOutcome("t1", "transactions", rows_seen=5, rows_changed=5)
            report(context, provider, TenantResult(f"t{number}", {}, [outcome]))
            kept.append(context.op_execution_context.has_events())
            key = AssetKey(["landing", "iyzico", "transactions"])
            assert context.instance.get_materialized_partitions(key) == {f"t{each}" for each in range(number + 1)}

    with DagsterInstance.ephemeral() as instance:
        result = materialize([step], instance=instance)

    assert result.success
    assert kept == [False, False, False]
    logged = [event for event in result.all_events if event.is_step_materialization]
    assert {event.partition for event in logged} <= {None}
