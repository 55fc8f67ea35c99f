"""One Dagster asset a stream, one op a provider, made from the declared streams. No provider has code here."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckSeverity,
    AssetExecutionContext,
    AssetKey,
    AssetMaterialization,
    AssetsDefinition,
    AssetSpec,
    BackfillPolicy,
    Backoff,
    Config,
    Jitter,
    MetadataValue,
    RetryPolicy,
    TableColumn,
    TableColumnConstraints,
    TableSchema,
    multi_asset,
)
from pydantic import Field

from assets.events import forget_logged, log_evaluation
from connectors.contract import Provider, Stream
from hub.orchestration.partitions import TENANTS
from resources.engine import HubResource

if TYPE_CHECKING:
    from hub.errors import HubError
    from hub.sync.batch import BatchRequest, BatchResult
    from hub.sync.outcome import StreamOutcome, TenantResult
    from kvkk_policies.policy import ProviderPolicy

OWNER = "team:integrations"
INFRASTRUCTURE_RETRY = RetryPolicy(max_retries=2, delay=15, backoff=Backoff.EXPONENTIAL, jitter=Jitter.PLUS_MINUS)
"""For a database that is away. A tenant's failure never raises, so it is never retried here."""


class SyncConfig(Config):
    """What one run syncs. Ids, dates and flags only: run config lands in the event log."""

    tenants: list[str] = Field(default=[], description="Ids of the tenants to sync; empty means the whole range.")
    only_due: bool = Field(default=False, description="Leave tenants alone whose turn has not come.")
    date_from: str | None = Field(default=None, description="First Istanbul day to read again, YYYY-MM-DD.")
    date_to: str | None = Field(default=None, description="Last Istanbul day to read again, YYYY-MM-DD.")
    full: bool = Field(default=False, description="Read the stream's whole first-sync depth again.")


def landing_key(provider: str, stream: str) -> AssetKey:
    """The asset of a stream's landing table."""
    return AssetKey(["landing", provider, stream])


def provider_assets(provider: Provider, policy: "ProviderPolicy") -> AssetsDefinition:
    """All streams of a provider as one op that syncs a batch of tenants."""

    @multi_asset(
        name=f"{provider.name}_sync",
        specs=[_spec(provider, stream, policy) for stream in provider.streams],
        can_subset=True,
        backfill_policy=BackfillPolicy.single_run(),
        partitions_def=TENANTS,
        pool=provider.name,
        retry_policy=INFRASTRUCTURE_RETRY,
        description=f"Pulls {provider.title} for a batch of tenants: pages, KVKK gate, vault, landing.",
    )
    def sync(context: AssetExecutionContext, config: SyncConfig, hub: HubResource) -> Iterator[Any]:
        from hub.errors import HubError
        from hub.sync.batch import BatchRequest, sync_batch
        from hub.sync.watch import current_watch
        from hub.sync.windows import Asked

        chosen = set(config.tenants)
        keys = [key for key in context.partition_keys if not chosen or key in chosen]
        request = BatchRequest(
            tenant_ids=keys,
            streams=sorted(key.path[-1] for key in context.selected_asset_keys),
            only_due=config.only_due,
            asked=Asked(_day(config.date_from), _day(config.date_to), config.full),
        )
        watch = current_watch()
        try:
            engine = hub.engine
        except HubError as error:
            watch.results.append(_unfit(context, provider, request, hub, error))
            return
        result = sync_batch(
            engine,
            provider,
            request,
            run_id=context.run_id,
            on_progress=watch.on_progress,
            announce=lambda tenant: report(context, provider, tenant),
        )
        watch.results.append(result)
        context.log.info(
            "%s: %d tenants synced, %d failed, %d skipped",
            provider.name,
            len(result.tenants) - result.failed,
            result.failed,
            result.skipped,
        )
        # No output is yielded: one would mark every partition of the range as materialized.
        yield from ()

    return sync


def _unfit(
    context: AssetExecutionContext, provider: Provider, request: "BatchRequest", hub: HubResource, error: "HubError"
) -> "BatchResult":
    """Nothing can be loaded, which each tenant's status says afterwards.

    It is not raised: that would mark tenants as failed whose turn had not come, and keep them so.
    """
    from hub.db.database import Database
    from hub.sync.unfit import record_unfit

    database = Database(hub.settings)
    try:
        result = record_unfit(
            database,
            provider,
            request,
            error,
            run_id=context.run.run_id,
            announce=lambda tenant: report(context, provider, tenant),
        )
    finally:
        database.close()
    context.log.error("%s: nothing was loaded for %d tenants: %s", provider.name, result.failed, error.code)
    return result


def report(context: AssetExecutionContext, provider: Provider, tenant: "TenantResult") -> None:
    """Write events for what changed. A quiet, healthy tenant costs none; a superseded stream is the newer batch's."""
    for outcome in tenant.outcomes:
        if not outcome.superseded:
            _report_stream(context, provider, tenant, outcome)
    forget_logged(context.op_execution_context)


def _report_stream(
    context: AssetExecutionContext, provider: Provider, tenant: "TenantResult", outcome: "StreamOutcome"
) -> None:
    was = tenant.was.get(outcome.stream, "never")
    tables = [outcome.stream, *(child.name for child in provider.streams if child.parent == outcome.stream)]
    if outcome.ok and (outcome.rows_changed or was != "ok"):
        for name in tables:
            context.log_event(
                AssetMaterialization(
                    landing_key(provider.name, name),
                    partition=tenant.tenant_id,
                    metadata={
                        "rows_seen": outcome.rows_seen,
                        "rows_changed": outcome.rows_changed,
                        "windows": outcome.windows_loaded,
                        "masked_values": MetadataValue.json(outcome.masked),
                        "texts_dropped": outcome.texts_dropped,
                        "records_refused": outcome.refused,
                        "records_expired": outcome.expired,
                        "records_aged": outcome.aged,
                    },
                )
            )
    if not outcome.ok or was != "ok":
        log_evaluation(context.op_execution_context, synced_evaluation(provider.name, tenant.tenant_id, outcome))
    before = tenant.undeclared.get(outcome.stream, frozenset())
    if outcome.ok and outcome.rows_seen and before != outcome.undeclared.keys():
        log_evaluation(context.op_execution_context, declared_evaluation(provider.name, tenant.tenant_id, outcome))
    guarded = provider.stream(outcome.stream).admission is not None
    if guarded and (outcome.refused or outcome.refusals_settled or was != "ok"):
        evaluation = admitted_evaluation(
            landing_key(provider.name, outcome.stream), tenant.tenant_id, refused=outcome.awaiting_basis
        )
        log_evaluation(context.op_execution_context, evaluation)


def synced_evaluation(provider: str, tenant_id: str, outcome: "StreamOutcome") -> AssetCheckEvaluation:
    """The check by which a tenant's failure shows in its own partition and nowhere else."""
    failed = outcome.failed
    metadata: dict[str, Any] = {}
    if failed is not None:
        metadata = {"kind": failed.kind, "code": failed.code}
        metadata |= {"http_status": failed.status} if failed.status is not None else {}
        metadata |= {"column": failed.field} if failed.field is not None else {}
    return AssetCheckEvaluation(
        asset_key=landing_key(provider, outcome.stream),
        check_name="synced",
        passed=outcome.ok,
        partition=tenant_id,
        metadata=metadata,
    )


def declared_evaluation(provider: str, tenant_id: str, outcome: "StreamOutcome") -> AssetCheckEvaluation:
    """Names the columns that a provider sends and no policy declares: they stay out until somebody declares them."""
    return AssetCheckEvaluation(
        asset_key=landing_key(provider, outcome.stream),
        check_name="declared_columns",
        passed=not outcome.undeclared,
        partition=tenant_id,
        metadata={"undeclared_columns": MetadataValue.json(sorted(outcome.undeclared))},
    )


def admitted_evaluation(asset_key: AssetKey, tenant_id: str, *, refused: int) -> AssetCheckEvaluation:
    """Counts the records that wait for a legal basis. A warning: what has one is loaded and sound."""
    return AssetCheckEvaluation(
        asset_key=asset_key,
        check_name="admitted",
        passed=not refused,
        severity=AssetCheckSeverity.WARN,
        partition=tenant_id,
        metadata={"records_refused": refused},
    )


def _spec(provider: Provider, stream: Stream, policy: "ProviderPolicy") -> AssetSpec:
    from kvkk_policies.landing import landing_columns

    columns = landing_columns(stream, policy.streams[stream.name])
    schema = TableSchema(
        columns=[
            TableColumn(
                column.name,
                column.postgres_type,
                column.description,
                TableColumnConstraints(nullable=not column.key),
                tags={"kvkk/action": column.action, "kvkk/category": column.category},
            )
            for column in columns
        ]
    )
    return AssetSpec(
        landing_key(provider.name, stream.name),
        description=f"{stream.title}. {stream.description}",
        group_name=provider.name,
        owners=[OWNER],
        kinds={"postgres", "dlt"},
        partitions_def=TENANTS,
        skippable=True,
        metadata={
            "dagster/column_schema": schema,
            "dagster/table_name": f"landing.{provider.name}_{stream.name}",
            "fresh_within_hours": stream.fresh_within.total_seconds() / 3600,
            "policy_version": policy.version,
        },
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
