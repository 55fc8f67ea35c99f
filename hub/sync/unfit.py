"""A batch that cannot begin (the master key is away, a policy is broken): every tenant's status says why.

Without this the reason would stand in Dagster's log alone, and `hub status` would go on showing how it was before.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from hub.sync.batch import BatchResult, TenantResult, tell_nobody
from hub.sync.claim import claim
from hub.sync.due import due_tenants
from hub.sync.outcome import StreamOutcome, failure_of
from hub.sync.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.sync.batch import Announce, BatchRequest

_NO_POLICY = 0
"""Written with successes alone."""


def record_unfit(
    database: Database,
    provider: Provider,
    request: BatchRequest,
    error: Exception,
    *,
    run_id: str,
    now: Callable[[], datetime] | None = None,
    announce: Announce = tell_nobody,
) -> BatchResult:
    """Enter the failure for every stream that the batch would have synced: the batch's result as it would be."""
    clock = now or partial(datetime.now, UTC)
    failed = failure_of(error)
    wanted = {provider.stream(name).parent or name for name in request.streams}
    streams = [each for each in provider.streams if each.parent is None and (not wanted or each.name in wanted)]
    due = set(due_tenants(database, provider.name, clock())) if request.only_due else None
    batch = BatchResult()
    for tenant_id in request.tenant_ids:
        claimed = None
        if due is None or tenant_id in due:
            claimed = claim(
                database, provider, tenant_id, streams, run_id=run_id, now=clock(), only_due=request.only_due
            )
        if claimed is None:
            batch.skipped += 1
            continue
        outcomes = [StreamOutcome(tenant_id, name, failed=failed) for name in claimed.streams]
        result = TenantResult(tenant_id, {name: each.was for name, each in claimed.streams.items()}, outcomes)
        result.paused = record(
            database,
            provider,
            claimed,
            outcomes,
            run_id=run_id,
            now=clock(),
            policy_version=_NO_POLICY,
            announce=partial(announce, result),
        )
        batch.tenants[tenant_id] = result
    return batch
