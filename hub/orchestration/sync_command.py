"""`hub sync`: one Dagster run in this process, so that a person's syncs and the scheduled ones share one history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from connectors.registry import provider_named
from hub.control import usage
from hub.errors import HubError
from hub.sync.windows import istanbul_day

if TYPE_CHECKING:
    from dagster import AssetKey, DagsterInstance

    from hub.db.database import Database
    from hub.settings import Settings

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SyncRun:
    """A run that has ended. `run_id` finds it in Dagster; the tenants' states are in `hub status`."""

    run_id: str
    succeeded: bool
    tenants: int
    skipped: int = 0
    """Tenants left out: suspended, paused, or without an account that has passed its test."""
    failed: int = 0
    """Tenants of which at least one stream failed."""
    rows_changed: int = 0
    masked: dict[str, int] = field(default_factory=dict[str, int])
    """Values that did not load in clear, by KVKK category."""
    models_run_id: str | None = None
    models_succeeded: bool | None = None


def launch(
    settings: Settings,
    provider: str,
    tenants: Sequence[str] = (),
    *,
    stream: str | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    full: bool = False,
    models: bool = True,
    on_progress: Progress | None = None,
) -> SyncRun:
    """Sync tenants (all when none is named) whether due or not, then rebuild their marts.

    Raises HubError `provider_unknown`, `stream_unknown`, `tenant_unknown`, `no_tenants`, `range_in_the_future`,
    `plan_history_exceeded` or `plan_used_up_today`.
    """
    _check(provider, stream)
    from hub.db.database import Database
    from hub.orchestration.dagster_home import open_instance
    from hub.orchestration.partitions import PARTITIONS_NAME, reconcile_partitions
    from hub.sync.due import tenants_awaiting_models

    database = Database(settings)
    try:
        with open_instance(settings) as instance:
            reconcile_partitions(instance, database)
            ordered = list(instance.get_dynamic_partitions(PARTITIONS_NAME))
            chosen = _chosen(ordered, tenants)
            if date_from is not None:
                _require_within_plans(database, chosen, date_from)
            _count_against_plans(database, tenants)
            run = _run_sync(
                instance,
                provider,
                chosen,
                config={
                    "tenants": list(chosen) if tenants else [],
                    "date_from": date_from.isoformat() if date_from else None,
                    "date_to": date_to.isoformat() if date_to else None,
                    "full": full,
                },
                stream=stream,
                on_progress=on_progress,
            )
            if not models or tenants_awaiting_models(database) == 0:
                return run
            modelled = _run_job(instance, "models")
    finally:
        database.close()
    return replace(run, models_run_id=modelled.run_id, models_succeeded=bool(modelled.success))


def _check(provider: str, stream: str | None) -> None:
    try:
        declared = provider_named(provider)
    except KeyError:
        from connectors.registry import PROVIDERS

        raise HubError("provider_unknown", provider=provider, known=", ".join(sorted(PROVIDERS))) from None
    if stream is not None and stream not in {declared_stream.name for declared_stream in declared.streams}:
        known = ", ".join(declared_stream.name for declared_stream in declared.streams)
        raise HubError("stream_unknown", provider=provider, stream=stream, known=known)


def _chosen(ordered: Sequence[str], tenants: Sequence[str]) -> list[str]:
    unknown = sorted(set(tenants) - set(ordered))
    if unknown:
        raise HubError("tenant_unknown", tenant=unknown[0])
    wanted = set(tenants)
    chosen = [tenant_id for tenant_id in ordered if not wanted or tenant_id in wanted]
    if not chosen:
        raise HubError("no_tenants")
    return chosen


def _require_within_plans(database: Database, tenants: Sequence[str], date_from: date) -> None:
    """How far back a person may ask is the plan's to say; a stream's first depth is the provider's."""
    from hub.control.tenants import limits

    today = istanbul_day(datetime.now(UTC))
    if date_from > today:
        raise HubError("range_in_the_future", date_from=date_from.isoformat())
    for tenant_id in tenants:
        plan, allowed = limits(database, tenant_id)
        if (today - date_from).days > allowed.history_days:
            raise HubError("plan_history_exceeded", plan=plan, tenant=tenant_id, days=allowed.history_days)


def _count_against_plans(database: Database, tenants: Sequence[str]) -> None:
    """Each tenant that is named has a sync less today; all of them at once are the operator's own business."""
    counted: list[str] = []
    try:
        for tenant_id in dict.fromkeys(tenants):
            with database.tenant(tenant_id, "app") as connection:
                usage.use(connection, tenant_id, "syncs_asked")
            counted.append(tenant_id)
    except HubError:
        # Nobody is synced, so nobody has used one.
        for tenant_id in counted:
            with database.tenant(tenant_id, "app") as connection:
                usage.give_back(connection, tenant_id, "syncs_asked", 1)
        raise


def _run_sync(
    instance: DagsterInstance,
    provider: str,
    chosen: Sequence[str],
    *,
    config: dict[str, Any],
    stream: str | None,
    on_progress: Progress | None,
) -> SyncRun:
    from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

    from assets.landing import landing_key
    from hub.sync.watch import watching

    with watching(on_progress) as watch:
        result = _run_job(
            instance,
            f"sync_{provider}",
            run_config={"ops": {f"{provider}_sync": {"config": {k: v for k, v in config.items() if v is not None}}}},
            tags={ASSET_PARTITION_RANGE_START_TAG: chosen[0], ASSET_PARTITION_RANGE_END_TAG: chosen[-1]},
            only=landing_key(provider, stream) if stream else None,
        )
    outcomes = [outcome for batch in watch.results for tenant in batch.tenants.values() for outcome in tenant.outcomes]
    masked: Counter[str] = Counter()
    for outcome in outcomes:
        masked.update(outcome.masked)
    return SyncRun(
        result.run_id,
        bool(result.success),
        len(chosen),
        skipped=sum(batch.skipped for batch in watch.results),
        failed=sum(batch.failed for batch in watch.results),
        rows_changed=sum(outcome.rows_changed for outcome in outcomes),
        masked=dict(masked),
    )


def _run_job(instance: DagsterInstance, name: str, *, only: AssetKey | None = None, **arguments: Any) -> Any:
    from hub.definitions import defs

    # The terminal belongs to the person; what the run says is in Dagster's event log.
    config = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}} | arguments.pop("run_config", {})
    job = defs.resolve_job_def(name)
    if only is not None:
        # Without the asset's checks: a run that plans a check of every partition hides what each of them last said.
        job = job.get_subset(asset_selection={only}, asset_check_selection=set())
    return job.execute_in_process(run_config=config, instance=instance, raise_on_error=False, **arguments)
