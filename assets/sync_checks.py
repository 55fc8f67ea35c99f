"""Checks of the status table: what a sync logs when a state changes, a person can ask for again at any time."""

from collections.abc import Iterator
from typing import Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckExecutionContext,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    MetadataValue,
    multi_asset_check,
)

from assets.events import log_evaluation
from assets.landing import admitted_evaluation, landing_key
from connectors.contract import Provider, Stream
from hub.orchestration.partitions import TENANTS
from resources.engine import HubResource

FRESH = "fresh"

_STATUS = (
    "SELECT i.tenant_id, s.state, s.failure_kind, s.failure_code, s.undeclared,"
    " coalesce(s.last_success_at, i.tested_at) < now() - make_interval(secs => %(fresh)s) AS stale,"
    " (SELECT count(*) FROM hub.refusals r WHERE r.tenant_id = i.tenant_id AND r.provider = i.provider"
    " AND r.stream = %(stream)s AND r.settled_at IS NULL) AS refused"
    " FROM hub.integrations i JOIN hub.tenants t ON t.tenant_id = i.tenant_id AND t.active"
    " LEFT JOIN hub.sync_state s ON s.tenant_id = i.tenant_id AND s.provider = i.provider AND s.stream = %(stream)s"
    " WHERE i.provider = %(provider)s AND i.state = 'active'"
)
"""A stream that has never succeeded counts from the test of its credentials on."""
_UNKNOWN = (None, "never")
"""Nothing is known of such a stream, and that is what its checks should show."""


def sync_checks(provider: Provider) -> AssetChecksDefinition:
    """`synced` and `declared_columns` by tenant, `fresh` over all tenants, for every stream that has requests.

    Streams whose rows need a legal basis have `admitted` as well.
    """
    streams = [stream for stream in provider.streams if stream.parent is None]

    @multi_asset_check(
        name=f"{provider.name}_status",
        specs=[spec for stream in streams for spec in _specs(provider, stream)],
        can_subset=True,
        description="Reads the status table: failures, undeclared columns and staleness, by tenant.",
    )
    def status(context: AssetCheckExecutionContext, hub: HubResource) -> Iterator[Any]:
        wanted = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
        for stream in streams:
            asset_key = landing_key(provider.name, stream.name)
            with hub.engine.database.crossing("platform") as connection:
                rows = connection.execute(
                    _STATUS,
                    {
                        "fresh": stream.fresh_within.total_seconds(),
                        "provider": provider.name,
                        "stream": stream.name,
                    },
                ).fetchall()
            for name in ("synced", "declared_columns"):
                if (asset_key, name) in wanted:
                    for evaluation in _by_tenant(asset_key, name, rows):
                        log_evaluation(context.op_execution_context, evaluation)
            if (asset_key, "admitted") in wanted:
                for tenant_id, state, *_, refused in rows:
                    if state in _UNKNOWN:
                        continue
                    evaluation = admitted_evaluation(asset_key, tenant_id, refused=refused)
                    log_evaluation(context.op_execution_context, evaluation)
            if (asset_key, FRESH) in wanted:
                log_evaluation(context.op_execution_context, _fresh(asset_key, rows))
        yield from ()

    return status


def _specs(provider: Provider, stream: Stream) -> list[AssetCheckSpec]:
    asset_key = landing_key(provider.name, stream.name)
    admitted = AssetCheckSpec(
        "admitted",
        asset=asset_key,
        partitions_def=TENANTS,
        description="No record waits for a legal basis: every person that the provider told of has one.",
    )
    return [
        *([admitted] if stream.admission is not None else []),
        AssetCheckSpec(
            "synced",
            asset=asset_key,
            partitions_def=TENANTS,
            description="The tenant's last sync of this stream succeeded.",
        ),
        AssetCheckSpec(
            "declared_columns",
            asset=asset_key,
            partitions_def=TENANTS,
            description="The provider sends no column that the KVKK policy does not declare.",
        ),
        AssetCheckSpec(
            FRESH,
            asset=asset_key,
            description=f"Every active tenant's last success is younger than {stream.fresh_within}.",
        ),
    ]


def _by_tenant(asset_key: Any, name: str, rows: list[tuple[Any, ...]]) -> Iterator[AssetCheckEvaluation]:
    for tenant_id, state, kind, code, undeclared, *_ in rows:
        if state in _UNKNOWN:
            continue
        passed = state != "failed" if name == "synced" else not undeclared
        metadata: dict[str, Any] = {}
        if not passed:
            metadata = (
                {"kind": kind, "code": code}
                if name == "synced"
                else {"undeclared_columns": MetadataValue.json(sorted(undeclared))}
            )
        yield AssetCheckEvaluation(
            asset_key=asset_key, check_name=name, passed=passed, partition=tenant_id, metadata=metadata
        )


def _fresh(asset_key: Any, rows: list[tuple[Any, ...]]) -> AssetCheckEvaluation:
    stale = [tenant_id for tenant_id, *_, is_stale, _ in rows if is_stale]
    return AssetCheckEvaluation(
        asset_key=asset_key,
        check_name=FRESH,
        passed=not stale,
        severity=AssetCheckSeverity.WARN,
        metadata={"tenants": len(rows), "stale": len(stale), "first_stale": MetadataValue.json(sorted(stale)[:20])},
    )
