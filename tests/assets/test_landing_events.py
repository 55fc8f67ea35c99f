"""What a batch logs of its tenants is in Dagster's log at once and nowhere else."""

from dagster import AssetExecutionContext, DagsterInstance, asset, materialize

from assets.landing import landing_key, report
from connectors.registry import PROVIDERS
from hub.sync.outcome import StreamOutcome, TenantResult


def test_a_tenants_events_are_logged_while_the_step_runs_and_not_kept_by_it() -> None:
    provider = PROVIDERS["iyzico"]
    landed = landing_key(provider.name, "transactions")
    kept: list[bool] = []

    @asset
    def step(context: AssetExecutionContext) -> None:
        for number in range(3):
            outcome = StreamOutcome(f"t{number}", "transactions", rows_seen=5, rows_changed=5)
            report(context, provider, TenantResult(f"t{number}", {}, [outcome]))
            kept.append(context.op_execution_context.has_events())
            assert context.instance.get_materialized_partitions(landed) == {f"t{each}" for each in range(number + 1)}

    with DagsterInstance.ephemeral() as instance:
        result = materialize([step], instance=instance)

    assert result.success
    assert kept == [False, False, False]
