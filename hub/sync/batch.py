"""A batch: one provider, many tenants. What a Dagster run executes, without Dagster.

Thousands of tenants are synced in slices, each of which is claimed, loaded and recorded before the next one begins: a
batch's memory does not grow with its tenants, and one that is killed loses a slice and not everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.contract import Provider, Stream
from hub.sync.due import due_tenants
from hub.sync.landing import LandingTable
from hub.sync.outcome import TenantResult
from hub.sync.slice import Slice, Work
from hub.sync.stages import StageHook, no_hook
from hub.sync.windows import ORDINARY, Asked
from kvkk_policies.landing import landing_columns

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.keys.vault import Vault
    from kvkk_policies.gate import Gate
    from kvkk_policies.policy import ProviderPolicy

SLICE_TENANTS = 500
"""Tenants at work together. Each stream of a slice costs a dlt run of 75 ms, and its slowest tenant is waited for."""


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
    tenant_ids = _in_turn(engine, provider, request, clock())
    result = BatchResult(skipped=len(request.tenant_ids) - len(tenant_ids))
    fetched: Counter[str] = Counter()

    def on_fetched(stream: str) -> None:
        fetched[stream] += 1
        if on_progress is not None:
            on_progress(stream, fetched[stream], len(request.tenant_ids) - result.skipped)

    work = Work(
        engine=engine,
        provider=provider,
        streams=_chosen(provider, request.streams),
        tables=landing_tables(engine, provider),
        request=request,
        run_id=run_id,
        clock=clock,
        hook=hook,
        announce=announce,
        on_fetched=on_fetched,
    )
    for start in range(0, len(tenant_ids), SLICE_TENANTS):
        Slice(work, tenant_ids[start : start + SLICE_TENANTS]).sync(result)
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


def landing_tables(engine: Engine, provider: Provider) -> dict[str, LandingTable]:
    """Landing tables of a provider by table name, with the columns that its policy lets through."""
    policies = engine.policies[provider.name].streams
    tables = [
        LandingTable(provider.name, stream, landing_columns(stream, policies[stream.name]))
        for stream in provider.streams
    ]
    return {table.name: table for table in tables}
