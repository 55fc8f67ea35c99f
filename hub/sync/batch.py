"""A batch: one provider, many tenants, every stream in turn. What a Dagster run executes, without Dagster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.contract import Provider, Stream
from hub.kvkk.suppression import Suppressions
from hub.sync.admission import windows_to_reread
from hub.sync.claim import TenantClaim, claim
from hub.sync.connection import connection_spec
from hub.sync.due import due_tenants
from hub.sync.fetch import Fetched, Fetcher, Task
from hub.sync.landing import LandingTable
from hub.sync.load import Loader
from hub.sync.outcome import StreamOutcome, failure_of
from hub.sync.plan import LoadPlan, PlannedWindow, TenantPlan
from hub.sync.record import record
from hub.sync.stages import StageHook, no_hook
from hub.sync.windows import ORDINARY, Asked, plan_windows
from kvkk_policies.landing import landing_columns

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.keys.vault import Vault
    from kvkk_policies.gate import Gate
    from kvkk_policies.override import Override
    from kvkk_policies.policy import ProviderPolicy


@dataclass(frozen=True)
class Engine:
    """What every batch of a process shares."""

    database: Database
    keyring: Keyring
    vault: Vault
    gate: Gate
    policies: Mapping[str, ProviderPolicy]


@dataclass(frozen=True)
class BatchRequest:
    """Which tenants and streams, and why. `only_due` leaves tenants alone whose turn has not come."""

    tenant_ids: Sequence[str]
    streams: Sequence[str] = ()
    """Empty means every stream of the provider."""
    only_due: bool = False
    asked: Asked = ORDINARY


@dataclass
class TenantResult:
    """One tenant's streams after the batch, in the provider's order."""

    tenant_id: str
    was: dict[str, str]
    """State of each stream before: never, ok or failed."""
    outcomes: list[StreamOutcome]
    paused: bool = False
    undeclared: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Columns without a policy that each stream had before."""


@dataclass
class BatchResult:
    """Per tenant results; tenants that had nothing to do are only counted."""

    tenants: dict[str, TenantResult] = field(default_factory=dict[str, TenantResult])
    skipped: int = 0

    @property
    def failed(self) -> int:
        """Tenants with at least one failed stream."""
        return sum(
            any(not outcome.ok and not outcome.superseded for outcome in tenant.outcomes)
            for tenant in self.tenants.values()
        )


Progress = Callable[[str, int, int], None]
"""Called with a stream's name, tenants done and tenants in all."""

Announce = Callable[[TenantResult], None]
"""Called with each tenant's result before it is recorded; at least once for every change of state, even if a process is
killed."""


def tell_nobody(_result: TenantResult) -> None:
    """For those who read the result at the end."""


def sync_batch(
    engine: Engine,
    provider: Provider,
    request: BatchRequest,
    *,
    run_id: str,
    now: Callable[[], datetime] | None = None,
    hook: StageHook = no_hook,
    on_progress: Progress | None = None,
    announce: Announce = tell_nobody,
) -> BatchResult:
    """Sync the tenants' streams. A tenant's failure is in its result and in the status table, never an exception."""
    with engine.database.holding():
        return _sync_batch(
            engine,
            provider,
            request,
            run_id=run_id,
            clock=now or partial(datetime.now, UTC),
            hook=hook,
            on_progress=on_progress,
            announce=announce,
        )


def _sync_batch(
    engine: Engine,
    provider: Provider,
    request: BatchRequest,
    *,
    run_id: str,
    clock: Callable[[], datetime],
    hook: StageHook,
    on_progress: Progress | None,
    announce: Announce,
) -> BatchResult:
    started = clock()
    streams = _chosen(provider, request.streams)
    claims: dict[str, TenantClaim] = {}
    result = BatchResult()
    tenant_ids = _in_turn(engine, provider, request, started)
    result.skipped = len(request.tenant_ids) - len(tenant_ids)
    for tenant_id in tenant_ids:
        claimed = claim(
            engine.database, provider, tenant_id, streams, run_id=run_id, now=started, only_due=request.only_due
        )
        if claimed is None:
            result.skipped += 1
            continue
        claims[tenant_id] = claimed
        was = {name: stream.was for name, stream in claimed.streams.items()}
        undeclared = {name: stream.undeclared for name, stream in claimed.streams.items()}
        result.tenants[tenant_id] = TenantResult(tenant_id, was, [], undeclared=undeclared)
    for stream in streams:
        plan = _plan(engine, provider, stream, claims, request, run_id=run_id, now=started)
        if not plan.tenants:
            continue
        _load_stream(engine, provider, stream, claims, plan, clock=clock, hook=hook, on_progress=on_progress)
        for tenant in plan.tenants.values():
            result.tenants[tenant.tenant_id].outcomes.append(tenant.outcome)
    version = engine.policies[provider.name].version
    for tenant_id, claimed in claims.items():
        tenant_result = result.tenants[tenant_id]
        tenant_result.paused = record(
            engine.database,
            provider,
            claimed,
            tenant_result.outcomes,
            run_id=run_id,
            now=clock(),
            policy_version=version,
            announce=partial(announce, tenant_result),
        )
    return result


def _in_turn(engine: Engine, provider: Provider, request: BatchRequest, now: datetime) -> Sequence[str]:
    """The tenants to claim. Of those whose turn has come, the longest waiting first, found without asking each."""
    if not request.only_due:
        return request.tenant_ids
    asked_for = set(request.tenant_ids)
    return [tenant_id for tenant_id in due_tenants(engine.database, provider.name, now) if tenant_id in asked_for]


def _chosen(provider: Provider, names: Sequence[str]) -> list[Stream]:
    parents = [stream for stream in provider.streams if stream.parent is None]
    if not names:
        return parents
    wanted = {provider.stream(name).parent or name for name in names}
    return [stream for stream in parents if stream.name in wanted]


def _plan(
    engine: Engine,
    provider: Provider,
    stream: Stream,
    claims: dict[str, TenantClaim],
    request: BatchRequest,
    *,
    run_id: str,
    now: datetime,
) -> LoadPlan:
    plan = LoadPlan(
        provider=provider.name,
        stream=stream.name,
        load_id=run_id,
        policy_version=engine.policies[provider.name].version,
    )
    number = 0
    for tenant_id, claimed in claims.items():
        ours = claimed.streams.get(stream.name)
        if ours is None:
            continue
        windows: list[PlannedWindow] = []
        planned = plan_windows(stream, cursor=ours.cursor, now=now, asked=request.asked)
        planned += windows_to_reread(engine.database, provider.name, stream, tenant_id, planned=planned, at=now)
        for window in planned:
            windows.append(PlannedWindow(number, tenant_id, window))
            number += 1
        plan.add(TenantPlan(tenant_id, ours.fence, ours.cursor, windows, StreamOutcome(tenant_id, stream.name)))
    return plan


def _load_stream(
    engine: Engine,
    provider: Provider,
    stream: Stream,
    claims: dict[str, TenantClaim],
    plan: LoadPlan,
    *,
    clock: Callable[[], datetime],
    hook: StageHook,
    on_progress: Progress | None,
) -> None:
    tasks = [
        Task(
            tenant.tenant_id,
            partial(connection_spec, engine.keyring, provider, tenant.tenant_id, claims[tenant.tenant_id].integration),
            [planned.window for planned in tenant.windows],
        )
        for tenant in plan.tenants.values()
    ]

    def overrides(tenant_id: str, name: str) -> dict[str, Override]:
        return dict(claims[tenant_id].overrides.get(name, {}))

    loader = Loader(
        database=engine.database,
        keyring=engine.keyring,
        vault=engine.vault,
        gate=engine.gate,
        provider=provider,
        tables=landing_tables(engine, provider),
        overrides=overrides,
        suppressions=Suppressions(engine.database, engine.keyring, lambda tenant_id: claims[tenant_id].erased),
        clock=clock,
        hook=hook,
    )
    try:
        with Fetcher(provider, stream.name, tasks) as fetcher:
            loader.run(plan, _counted(fetcher, stream.name, plan, on_progress))
    except Exception as error:
        failed = failure_of(error)
        for tenant in plan.tenants.values():
            if tenant.outcome.ok and tenant.outcome.windows_loaded < len(tenant.windows):
                tenant.outcome.failed = failed


def landing_tables(engine: Engine, provider: Provider) -> dict[str, LandingTable]:
    """Landing tables of a provider by table name, with the columns that its policy lets through."""
    policies = engine.policies[provider.name].streams
    tables = [
        LandingTable(provider.name, stream, landing_columns(stream, policies[stream.name]))
        for stream in provider.streams
    ]
    return {table.name: table for table in tables}


def _counted(
    fetched: Iterator[Fetched] | Fetcher, stream: str, plan: LoadPlan, on_progress: Progress | None
) -> Iterator[Fetched]:
    last = {tenant.tenant_id: len(tenant.windows) - 1 for tenant in plan.tenants.values()}
    done = 0
    for item in fetched:
        yield item
        if item.error is not None or (item.page is None and item.window == last[item.tenant_id]):
            done += 1
            if on_progress is not None:
                on_progress(stream, done, len(plan.tenants))
