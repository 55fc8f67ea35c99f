"""A slice of a batch: some tenants of a provider, every stream in turn, from the claim to the record.

All that is known of a tenant while it is synced (claim, windows, opened credentials, masked rows) is the slice's and
goes with it; only the result stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from connectors.contract import Provider, Stream
from hub.kvkk.retention.at_load import AgesAtLoad
from hub.kvkk.suppression import Mark, Suppressions
from hub.sync.admission import windows_to_reread
from hub.sync.claim import TenantClaim, claim
from hub.sync.connection import connection_spec
from hub.sync.fetch import Fetched, Fetcher, Task
from hub.sync.load import Loader
from hub.sync.outcome import StreamOutcome, TenantResult, failure_of
from hub.sync.plan import LoadPlan, PlannedWindow, TenantPlan
from hub.sync.record import record
from hub.sync.room import pause_the_full
from hub.sync.windows import plan_windows

if TYPE_CHECKING:
    from datetime import datetime

    from hub.kvkk.holds import Hold
    from hub.sync.batch import Announce, BatchRequest, BatchResult, Engine
    from hub.sync.landing import LandingTable
    from hub.sync.stages import StageHook
    from kvkk_policies.override import Override


@dataclass(frozen=True)
class Work:
    """What the slices of a batch share."""

    engine: Engine
    provider: Provider
    streams: Sequence[Stream]
    """Those with requests of their own, in the provider's order."""
    tables: Mapping[str, LandingTable]
    request: BatchRequest
    run_id: str
    clock: Callable[[], datetime]
    hook: StageHook
    announce: Announce
    on_fetched: Callable[[str], None]
    """Called with a stream's name when one tenant's last page of it is there, or none will be."""

    @property
    def policy_version(self) -> int:
        """Of the provider's policy."""
        return self.engine.policies[self.provider.name].version


class Slice:
    """Tenants that are claimed together, loaded together and recorded together."""

    def __init__(self, work: Work, tenant_ids: Sequence[str]) -> None:
        self._work = work
        self._tenant_ids = tenant_ids
        self._claims: dict[str, TenantClaim] = {}
        self._now = work.clock()

    def sync(self, result: BatchResult) -> None:
        """Sync the tenants into the batch's result. A tenant's failure is in there, never an exception."""
        self._claim(result)
        for stream in self._work.streams:
            plan = self._plan(stream)
            if not plan.tenants:
                continue
            self._load(stream, plan)
            for tenant in plan.tenants.values():
                result.tenants[tenant.tenant_id].outcomes.append(tenant.outcome)
        self._record(result)

    def _claim(self, result: BatchResult) -> None:
        work = self._work
        full = pause_the_full(work.engine.database, work.provider.name, self._tenant_ids)
        for tenant_id in self._tenant_ids:
            claimed = None
            if tenant_id not in full:
                claimed = claim(
                    work.engine.database,
                    work.provider,
                    tenant_id,
                    work.streams,
                    run_id=work.run_id,
                    now=self._now,
                    only_due=work.request.only_due,
                )
            if claimed is None:
                result.skipped += 1
                continue
            self._claims[tenant_id] = claimed
            was = {name: stream.was for name, stream in claimed.streams.items()}
            undeclared = {name: stream.undeclared for name, stream in claimed.streams.items()}
            result.tenants[tenant_id] = TenantResult(tenant_id, was, [], undeclared=undeclared)

    def _plan(self, stream: Stream) -> LoadPlan:
        work = self._work
        plan = LoadPlan(
            provider=work.provider.name,
            stream=stream.name,
            load_id=work.run_id,
            policy_version=work.policy_version,
        )
        number = 0
        for tenant_id, claimed in self._claims.items():
            ours = claimed.streams.get(stream.name)
            if ours is None:
                continue
            windows: list[PlannedWindow] = []
            planned = plan_windows(stream, cursor=ours.cursor, now=self._now, asked=work.request.asked)
            planned += windows_to_reread(
                work.engine.database, work.provider.name, stream, tenant_id, planned=planned, at=self._now
            )
            for window in planned:
                windows.append(PlannedWindow(number, tenant_id, window))
                number += 1
            plan.add(TenantPlan(tenant_id, ours.fence, ours.cursor, windows, StreamOutcome(tenant_id, stream.name)))
        return plan

    def _load(self, stream: Stream, plan: LoadPlan) -> None:
        work = self._work
        tasks = [
            Task(
                tenant.tenant_id,
                partial(
                    connection_spec,
                    work.engine.keyring,
                    work.provider,
                    tenant.tenant_id,
                    self._claims[tenant.tenant_id].integration,
                ),
                [planned.window for planned in tenant.windows],
                self._claims[tenant.tenant_id].traceparent,
            )
            for tenant in plan.tenants.values()
        ]
        loader = Loader(
            database=work.engine.database,
            keyring=work.engine.keyring,
            vault=work.engine.vault,
            gate=work.engine.gate,
            provider=work.provider,
            tables=work.tables,
            overrides=self._overrides,
            suppressions=Suppressions(work.engine.database, work.engine.keyring, self._erased),
            ages=AgesAtLoad(
                work.engine.database,
                work.engine.keyring,
                work.provider,
                work.engine.policies[work.provider.name],
                self._holds,
                self._overrides,
                self._now,
            ),
            clock=work.clock,
            hook=work.hook,
        )
        try:
            with Fetcher(self._asked(stream), stream.name, tasks) as fetcher:
                loader.run(plan, self._counted(fetcher, plan))
        except Exception as error:
            failed = failure_of(error)
            for tenant in plan.tenants.values():
                if tenant.outcome.ok and tenant.outcome.windows_loaded < len(tenant.windows):
                    tenant.outcome.failed = failed

    def _asked(self, stream: Stream) -> Provider:
        """Who is asked for a stream's rows: the provider, or our own inbox for what nobody can be asked for."""
        if not stream.told:
            return self._work.provider
        from hub.inbox.told import answered_from_inbox

        return answered_from_inbox(self._work.engine.database, self._work.engine.keyring, self._work.provider)

    def _overrides(self, tenant_id: str, stream: str) -> dict[str, Override]:
        return dict(self._claims[tenant_id].overrides.get(stream, {}))

    def _erased(self, tenant_id: str) -> Mapping[bytes, Mark]:
        return self._claims[tenant_id].erased

    def _holds(self, tenant_id: str) -> Sequence[Hold]:
        return self._claims[tenant_id].holds

    def _counted(self, fetched: Fetcher, plan: LoadPlan) -> Iterator[Fetched]:
        last = {tenant.tenant_id: len(tenant.windows) - 1 for tenant in plan.tenants.values()}
        for item in fetched:
            yield item
            if item.error is not None or (item.page is None and item.window == last[item.tenant_id]):
                self._work.on_fetched(plan.stream)

    def _record(self, result: BatchResult) -> None:
        work = self._work
        for tenant_id, claimed in self._claims.items():
            tenant_result = result.tenants[tenant_id]
            tenant_result.paused = record(
                work.engine.database,
                work.provider,
                claimed,
                tenant_result.outcomes,
                run_id=work.run_id,
                now=work.clock(),
                policy_version=work.policy_version,
                announce=partial(work.announce, tenant_result),
            )
