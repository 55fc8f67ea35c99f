"""The transactional destination behind dlt: one transaction a tenant, rows and cursor in the same commit.

dlt's own merge stages every pipeline of a dataset in one schema, so concurrent tenants lose rows. Here dlt carries
whole parquet files of masked rows to `commit_file`, and every tenant's rows commit under that tenant's row-level
security. A tenant that fails is recorded in its outcome; the others go on, and so does dlt's package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from hub.control import storage
from hub.errors import HubError
from hub.sync.landing import LandingTable
from hub.sync.outcome import failure_of
from hub.sync.plan import LoadPlan, PlannedWindow, TenantPlan
from hub.sync.stages import StageHook, no_hook
from hub.sync.windows import advanced

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Database

TENANT = "_tenant"
WINDOW = "_window"
ROUTING_COLUMNS = (TENANT, WINDOW)

ROWS_AT_ONCE = 10_000
"""Rows of a file in memory. A slice has one file a table: a whole one would weigh as much as its tenants have rows.

No more than the load gathers before dlt writes them, so that the one adds nothing to the other's peak.
"""


class ClaimLost(HubError):
    """A newer batch has claimed the stream: this one may write nothing more of this tenant."""

    def __init__(self, tenant_id: str, stream: str) -> None:
        super().__init__("claim_lost", tenant_id=tenant_id, stream=stream)


def commit_file(
    database: Database,
    plan: LoadPlan,
    tables: Mapping[str, LandingTable],
    path: str,
    table: str,
    hook: StageHook = no_hook,
) -> None:
    """Commit a parquet file of one landing table, tenant by tenant. `table` is the landing table's name.

    In the file's order, so that of two copies of a record the later wins; a window's cursor moves with its last rows.
    """
    landing = tables[table]
    with database.holding(), pq.ParquetFile(path, memory_map=True) as file:
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
            for tenant, rows in _by_tenant(plan, pa.Table.from_batches([batch])):
                _commit_tenant(database, plan, tenant, landing, rows, hook)


def _commit_tenant(
    database: Database,
    plan: LoadPlan,
    tenant: TenantPlan,
    landing: LandingTable,
    rows: pa.Table,
    hook: StageHook,
) -> None:
    try:
        hook("staged", tenant.tenant_id)
        _commit(database, plan, tenant, landing, rows, hook)
        hook("committed", tenant.tenant_id)
    except Exception as error:
        tenant.outcome.failed = failure_of(error)
        for window in tenant.windows:
            window.closed = False


def commit_empty_windows(database: Database, plan: LoadPlan) -> None:
    """Advance the cursor over windows that closed without a row: they have no file to be committed with."""
    for tenant in plan.tenants.values():
        done = [window for window in tenant.windows if window.closed and window.pending_rows == 0]
        if not done:
            continue
        try:
            with database.tenant(tenant.tenant_id, "loader") as connection:
                _hold_claim(connection, plan, tenant)
                _advance(connection, plan, tenant, done, changed=0)
        except Exception as error:
            tenant.outcome.failed = failure_of(error)
            continue
        _finish(tenant, done)


def _commit(
    database: Database,
    plan: LoadPlan,
    tenant: TenantPlan,
    landing: LandingTable,
    rows: pa.Table,
    hook: StageHook,
) -> None:
    counted = _counts(rows)
    complete = [
        window for window in tenant.windows if window.closed and window.pending_rows == counted.get(window.number, 0)
    ]
    with database.tenant(tenant.tenant_id, "loader") as connection:
        _hold_claim(connection, plan, tenant)
        loaded = landing.load(connection, tenant.tenant_id, rows)
        if loaded.added:
            each = rows.nbytes / rows.num_rows
            storage.add(
                connection, tenant.tenant_id, plan.provider, landing.stream.name, rows=loaded.added, bytes_each=each
            )
        _advance(connection, plan, tenant, complete, changed=loaded.changed)
        hook("committing", tenant.tenant_id)
    for number, count in counted.items():
        plan.windows[number].pending_rows -= count
    tenant.outcome.rows_changed += loaded.changed
    _finish(tenant, complete)


def _counts(rows: pa.Table) -> dict[int, int]:
    counted: dict[int, int] = {}
    for entry in rows.column(WINDOW).value_counts():
        counted[int(entry["values"].as_py())] = int(entry["counts"].as_py())
    return counted


def _by_tenant(plan: LoadPlan, table: pa.Table) -> Iterator[tuple[TenantPlan, pa.Table]]:
    # Pages of different tenants alternate in a file; each page's rows stand together, so slices cost no copy.
    slices: dict[str, list[pa.Table]] = {}
    for start, length, number in _runs(table.column(WINDOW)):
        window = plan.windows[number]
        if not window.closed:
            continue  # the provider broke off: what came of this window is not loaded
        slices.setdefault(window.tenant_id, []).append(table.slice(start, length))
    for tenant_id, parts in slices.items():
        yield plan.tenants[tenant_id], pa.concat_tables(parts)


def _runs(windows: pa.ChunkedArray[Any]) -> Iterator[tuple[int, int, int]]:
    import numpy as np

    values = windows.to_numpy()
    if len(values) == 0:
        return
    starts = np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1, [len(values)]))
    for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        yield start, end - start, int(values[start])


def _hold_claim(connection: Any, plan: LoadPlan, tenant: TenantPlan) -> None:
    # Locks the row, so two batches of one tenant's stream cannot interleave their upserts.
    # A policy that became stricter meanwhile (hub/policies/rewrites.py) binds a batch still at work by the older one.
    row = connection.execute(
        "SELECT fence, coalesce(policy_version, 0) FROM hub.sync_state"
        " WHERE tenant_id = %s AND provider = %s AND stream = %s FOR NO KEY UPDATE",
        (tenant.tenant_id, plan.provider, plan.stream),
    ).fetchone()
    if row is None or row[0] != tenant.fence or row[1] > plan.policy_version:
        raise ClaimLost(tenant.tenant_id, plan.stream)


def _advance(
    connection: Any, plan: LoadPlan, tenant: TenantPlan, complete: list[PlannedWindow], *, changed: int
) -> None:
    cursor = _reached(tenant, complete)
    if cursor == tenant.cursor and not changed:
        return
    connection.execute(
        "UPDATE hub.sync_state SET synced_until = %s, rows_changed = rows_changed + %s,"
        " changed_at = CASE WHEN %s > 0 THEN clock_timestamp() ELSE changed_at END"
        " WHERE tenant_id = %s AND provider = %s AND stream = %s",
        (cursor, changed, changed, tenant.tenant_id, plan.provider, plan.stream),
    )


def _reached(tenant: TenantPlan, complete: list[PlannedWindow]) -> datetime | None:
    # A stream with children has a file a table, and a window without children is whole before an older one with some:
    # the cursor waits for the older one.
    whole = {window.number for window in complete}
    cursor = tenant.cursor
    for window in tenant.windows:
        if not window.loaded and window.number not in whole:
            break
        cursor = advanced(cursor, window.window)
    return cursor


def _finish(tenant: TenantPlan, complete: list[PlannedWindow]) -> None:
    tenant.cursor = _reached(tenant, complete)
    for window in complete:
        tenant.outcome.windows_loaded += 1
        window.closed = False
        window.loaded = True
