"""Quality of what landed, as asset checks: logged by the models' run before dbt, and at any time when a person asks.

Two checks a landing table. `quality` has the tenants as partitions, so one tenant's bad rows show in its own partition
and nowhere else; `quality_batch` sums up the last batch. Great Expectations is imported only when there are rows to
judge, and a finding never withholds a mart.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetChecksDefinition,
    AssetCheckSpec,
    DagsterInstance,
    MetadataValue,
    OpExecutionContext,
    multi_asset_check,
)
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from assets.events import log_evaluation
from assets.landing import landing_key
from connectors.contract import Provider
from hub.orchestration.partitions import TENANTS
from resources.engine import HubResource

if TYPE_CHECKING:
    from assets.quality.batch import Changed, Judgement
    from hub.sync.batch import Engine

QUALITY = "quality"
QUALITY_BATCH = "quality_batch"


def quality_checks(providers: Mapping[str, Provider]) -> AssetChecksDefinition:
    """Both checks of every landing table; run by hand they judge all rows of all tenants, not only a batch's."""

    @multi_asset_check(
        name="landing_quality",
        specs=[
            spec
            for provider in providers.values()
            for stream in provider.streams
            for spec in _specs(provider, stream.name)
        ],
        can_subset=True,
        description="Judges every row of the chosen landing tables, whatever batch brought it.",
    )
    def landing_quality(context: AssetCheckExecutionContext, hub: HubResource) -> Iterator[Any]:
        wanted = {key.asset_key for key in context.selected_asset_check_keys}
        chosen = {
            (provider.name, stream.parent or stream.name)
            for provider in providers.values()
            for stream in provider.streams
            if landing_key(provider.name, stream.name) in wanted
        }
        everything = {state: tenants for state, tenants in _synced(hub.engine).items() if state in chosen}
        judge(context.op_execution_context, hub.engine, providers, everything, only_new=False)
        yield from ()

    return landing_quality


def judge(
    context: OpExecutionContext,
    engine: "Engine",
    providers: Mapping[str, Provider],
    changed: "Changed",
    *,
    only_new: bool = True,
) -> None:
    """Judge the batch and log a verdict for each failing or healed tenant, and one for each stream that had rows."""
    from assets.quality.batch import judge_batch

    def failed_before(provider: str, stream: str, tenants: Collection[str]) -> set[str]:
        return failing_tenants(context.instance, provider, stream, tenants)

    verdicts = judge_batch(
        engine.database, providers, engine.policies, changed, failed_before=failed_before, only_new=only_new
    )
    for verdict in verdicts:
        for evaluation in evaluations(verdict):
            log_evaluation(context, evaluation)


def failing_tenants(instance: DagsterInstance, provider: str, stream: str, tenants: Collection[str]) -> set[str]:
    """Those of the tenants whose last verdict on this landing table was a failure."""
    found = instance.event_log_storage.get_asset_check_partition_info(
        [AssetCheckKey(landing_key(provider, stream), QUALITY)], partition_keys=sorted(tenants)
    )
    return {
        info.partition_key
        for info in found
        if info.partition_key and info.latest_execution_status == AssetCheckExecutionRecordStatus.FAILED
    }


def evaluations(verdict: "Judgement") -> Iterator[AssetCheckEvaluation]:
    """What Dagster is told: checks by name and counts, never a value. A tenant that was and is well costs no event."""
    asset_key = landing_key(verdict.provider, verdict.stream)
    for tenant_id in sorted(verdict.failing):
        counts = {check.code: check.failing[tenant_id] for check in verdict.checks if tenant_id in check.failing}
        yield AssetCheckEvaluation(
            asset_key=asset_key,
            check_name=QUALITY,
            passed=False,
            partition=tenant_id,
            metadata={"failing_rows": MetadataValue.json(counts), "findings": verdict.failing[tenant_id]},
        )
    for tenant_id in verdict.healed:
        yield AssetCheckEvaluation(asset_key=asset_key, check_name=QUALITY, passed=True, partition=tenant_id)
    failed = {check.code: sum(check.failing.values()) for check in verdict.checks if check.failing}
    metadata: dict[str, Any] = {
        "rows": verdict.rows,
        "checks": len(verdict.checks),
        "failing_tenants": len(verdict.failing),
        "failing_rows": MetadataValue.json(failed),
    }
    metadata |= {"not_carried_out": MetadataValue.json(verdict.broken)} if verdict.broken else {}
    metadata |= {"error": verdict.error} if verdict.error else {}
    yield AssetCheckEvaluation(asset_key=asset_key, check_name=QUALITY_BATCH, passed=verdict.passed, metadata=metadata)


def _specs(provider: Provider, stream: str) -> list[AssetCheckSpec]:
    asset_key = landing_key(provider.name, stream)
    return [
        AssetCheckSpec(
            QUALITY,
            asset=asset_key,
            partitions_def=TENANTS,
            description=(
                "The tenant's rows are as declared: keys are present and unique, values allowed and in range, masked"
                " columns hold pseudonyms, no time lies ahead. Written when a tenant fails and when it is well again."
            ),
        ),
        AssetCheckSpec(
            QUALITY_BATCH,
            asset=asset_key,
            description="Every row of the last batch, over all its tenants, is as declared.",
        ),
    ]


def _synced(engine: "Engine") -> dict[tuple[str, str], set[str]]:
    """Every tenant that has landed rows, by provider and stream."""
    with engine.database.crossing("platform") as connection:
        rows = connection.execute(
            "SELECT provider, stream, tenant_id FROM hub.sync_state WHERE changed_at IS NOT NULL"
        ).fetchall()
    synced: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for provider, stream, tenant_id in rows:
        synced[(str(provider), str(stream))].add(str(tenant_id))
    return dict(synced)
