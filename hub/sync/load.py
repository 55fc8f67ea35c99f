"""One dlt run for one stream of a batch: gate every page, hand masked rows to dlt, commit through our destination.

dlt sees masked rows only. It keeps them on disk in its working directory, also after a failure, so that directory
is this run's own and is removed in any case: by this run, or by the next one if this one is killed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from connectors.contract import Provider, Stream
from hub.scratch import scratch_directory
from hub.sync.admission import Admitter, Clock
from hub.sync.collector import set_aside
from hub.sync.descent import Expired
from hub.sync.destination import TENANT, WINDOW, commit_empty_windows, commit_file
from hub.sync.fetch import Fetched
from hub.sync.landing import ORDINAL, LandingTable
from hub.sync.outcome import failure_of
from hub.sync.pages import Gathered, Piece, bundle, gather
from hub.sync.plan import LoadPlan, PlannedWindow, TenantPlan
from hub.sync.stages import StageHook, no_hook
from hub.sync.vaulting import VaultThread

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.keys.vault import Vault
    from hub.kvkk.retention.at_load import AgesAtLoad
    from hub.kvkk.suppression import Suppressions
    from kvkk_policies.gate import Gate, Gated
    from kvkk_policies.override import Override
    from kvkk_policies.pseudonym import Pseudonymiser

BUFFERED_ROWS = 10_000
"""Rows of small pages gathered before dlt writes them: thousands of tenants with 20 rows each share a row group."""

AHEAD_ROWS = 10_000
"""Masked rows that wait for the vault at most, while more are masked."""

REMEMBERED_TENANTS = 4
"""Whose pseudonyms are kept from page to page. Only a tenant with many pages gains by it, and few have many at once."""

WORK_PREFIX = "load-"

Overrides = Callable[[str, str], "Mapping[str, Override]"]


class _Part(NamedTuple):
    """One stream's rows behind the gate, and the table that is to land."""

    stream: Stream
    gated: Gated
    table: pa.Table


@dataclass(frozen=True)
class _Masked:
    """A piece behind the gate, without its rows in clear. Its tables may go on once `stored` is done."""

    tenant: TenantPlan
    window: PlannedWindow
    last: bool
    parts: Sequence[_Part]
    stored: Future[None]

    @property
    def rows(self) -> int:
        """Masked rows of all its tables."""
        return sum(part.table.num_rows for part in self.parts)


class Loader:
    """Gates and loads the pages of one stream for every tenant of a batch."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        vault: Vault,
        gate: Gate,
        provider: Provider,
        tables: Mapping[str, LandingTable],
        overrides: Overrides,
        suppressions: Suppressions,
        ages: AgesAtLoad,
        clock: Clock,
        hook: StageHook = no_hook,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._vault = vault
        self._gate = gate
        self._provider = provider
        self._tables = tables
        self._overrides = overrides
        self._hook = hook
        self._stopped: set[str] = set()
        self._unsafe: set[str] = set()
        self._pseudonymisers: dict[str, Pseudonymiser] = {}
        self._suppressions = suppressions
        self._ages = ages
        self._admitter = Admitter(database, keyring, provider, clock, suppressions)

    def run(self, plan: LoadPlan, fetched: Iterator[Fetched]) -> None:
        """Load everything; outcomes are written into the plan. Raises only when no tenant could be served at all."""
        with set_aside(), scratch_directory(self._database.settings, WORK_PREFIX) as working:
            self._run_dlt(plan, fetched, working)
            commit_empty_windows(self._database, plan)
            self._admitter.settle(plan)

    def _run_dlt(self, plan: LoadPlan, fetched: Iterator[Fetched], working: Path) -> None:
        import dlt

        dlt.config["runtime.dlthub_telemetry"] = False
        dlt.config["runtime.log_level"] = "CRITICAL"
        dlt.config["load.raise_on_failed_jobs"] = True
        # dlt's own state would be a job of its own, after which dlt sleeps for a second; our cursors are its state.
        dlt.config["restore_from_destination"] = False

        @dlt.destination(
            batch_size=0,
            loader_file_format="parquet",
            name="kopru",
            naming_convention="direct",
            loader_parallelism_strategy="sequential",
        )
        def destination(items: Any, table: Any) -> None:
            commit_file(self._database, plan, self._tables, str(items), str(table["name"]), self._hook)

        pipeline = dlt.pipeline(
            pipeline_name=f"{plan.provider}_{plan.stream}", pipelines_dir=str(working), destination=destination
        )

        def masked() -> Iterator[Any]:
            for name, table in self._buffered(self._gated(plan, fetched)):
                yield dlt.mark.with_table_name(table, name)

        resource = dlt.resource(masked, name=f"{plan.provider}_{plan.stream}")
        pipeline.run(resource(), loader_file_format="parquet")

    def _gated(self, plan: LoadPlan, fetched: Iterator[Fetched]) -> Iterator[tuple[str, pa.Table]]:
        """Masked tables by landing table, vault writes done. A failing tenant ends here, its neighbours go on."""
        waiting: deque[_Masked] = deque()
        with VaultThread(self._database, self._vault, self._suppressions, self._hook) as vault:
            for pieces in bundle(gather(plan, fetched)):
                gates = self._gates([piece.pages for piece in pieces if piece.pages is not None])
                waiting.extend(
                    masked for piece in pieces if (masked := self._masked(plan, piece, gates, vault)) is not None
                )
                while waiting and (waiting[0].stored.done() or sum(each.rows for each in waiting) > AHEAD_ROWS):
                    yield from self._safe(plan, waiting.popleft())
            while waiting:
                yield from self._safe(plan, waiting.popleft())

    def _gates(self, pages: Sequence[Gathered]) -> dict[str, Gate]:
        """A gate for each stream, its free texts searched beforehand."""
        names = dict.fromkeys(name for each in pages for name in each.rows)
        try:
            return {
                name: self._gate.foreseeing(
                    provider=self._provider.name,
                    stream=self._provider.stream(name),
                    rows=(row for each in pages for row in each.rows.get(name, ())),
                )
                for name in names
            }
        except Exception:
            # Whatever it is, it stops the tenants whose rows it concerns, and those alone, when they are gated.
            return dict.fromkeys(names, self._gate)

    def _masked(self, plan: LoadPlan, piece: Piece, gates: Mapping[str, Gate], vault: VaultThread) -> _Masked | None:
        """A piece behind the gate, its originals on their way to the vault; None where a tenant's could not pass."""
        tenant_id = piece.tenant.tenant_id
        if tenant_id in self._stopped:
            return None
        try:
            parts = list(self._through_gate(plan, piece, piece.pages, gates)) if piece.pages is not None else []
        except Exception as error:
            self._stopped.add(tenant_id)
            piece.tenant.outcome.failed = failure_of(error)
            return None
        pages = [(f"{self._provider.name}.{part.stream.name}", part.gated) for part in parts]
        return _Masked(piece.tenant, piece.window, piece.last, parts, vault.store(tenant_id, pages))

    def _through_gate(
        self, plan: LoadPlan, piece: Piece, pages: Gathered, gates: Mapping[str, Gate]
    ) -> Iterator[_Part]:
        tenant_id = piece.tenant.tenant_id
        self._hook("fetched", tenant_id)
        over = Expired()
        for name, admitted in self._admitter.admitted(plan, piece.tenant, pages, piece.window).items():
            stream, rows = self._provider.stream(name), admitted
            if rows and self._ages.follows(tenant_id, name):
                rows = over.survivors(stream, rows)
                piece.tenant.outcome.expired += len(admitted) - len(rows)
            if not rows:
                continue
            gated = gates[name].apply(
                provider=self._provider.name,
                stream=stream,
                rows=rows,
                pseudonymiser=self._pseudonymiser(tenant_id),
                overrides=self._overrides(tenant_id, name),
                erased=self._suppressions.of(tenant_id),
                ages=self._ages.of(tenant_id, name),
            )
            over.note(name, rows, gated.expired)
            self._hook("gated", tenant_id)
            yield _Part(stream, gated, _routed(gated.table, stream, plan, piece, pages.fetched_at))

    def _pseudonymiser(self, tenant_id: str) -> Pseudonymiser:
        """The tenant's, with what it remembers of the pages before, as long as not too many others came between."""
        found = self._pseudonymisers.pop(tenant_id, None) or self._keyring.tenant(tenant_id).pseudonymiser()
        self._pseudonymisers[tenant_id] = found
        if len(self._pseudonymisers) > REMEMBERED_TENANTS:
            self._pseudonymisers.pop(next(iter(self._pseudonymisers)))
        return found

    def _safe(self, plan: LoadPlan, masked: _Masked) -> Iterator[tuple[str, pa.Table]]:
        """The piece's tables, once the vault has their originals."""
        tenant, window = masked.tenant, masked.window
        if tenant.tenant_id in self._unsafe:
            return
        try:
            masked.stored.result()
        except Exception as error:
            self._stopped.add(tenant.tenant_id)
            self._unsafe.add(tenant.tenant_id)
            tenant.outcome.failed = failure_of(error)
            return
        for part in masked.parts:
            _count(tenant, part.stream, part.gated, parent=plan.stream)
            window.pending_rows += part.table.num_rows
            if not part.table.num_rows:
                continue  # nothing of it was young enough to come in
            yield self._tables[f"{self._provider.name}_{part.stream.name}"].name, part.table
        window.closed = masked.last

    def _buffered(self, tables: Iterator[tuple[str, pa.Table]]) -> Iterator[tuple[str, pa.Table]]:
        held: dict[str, list[pa.Table]] = {}
        rows: dict[str, int] = {}
        for name, table in tables:
            held.setdefault(name, []).append(table)
            rows[name] = rows.get(name, 0) + table.num_rows
            if rows[name] >= BUFFERED_ROWS:
                yield name, pa.concat_tables(held.pop(name)).combine_chunks()
                rows.pop(name)
        for name, parts in held.items():
            yield name, pa.concat_tables(parts).combine_chunks()


def _count(tenant: TenantPlan, stream: Stream, gated: Gated, *, parent: str) -> None:
    outcome = tenant.outcome
    outcome.rows_seen += gated.table.num_rows
    outcome.texts_dropped += gated.texts_dropped
    outcome.expired += len(gated.expired)
    outcome.aged += gated.aged
    for column, count in gated.undeclared.items():
        shown = column if stream.name == parent else f"{stream.name}.{column}"
        outcome.undeclared[shown] = outcome.undeclared.get(shown, 0) + count
    for category, count in gated.masked.items():
        outcome.masked[category] = outcome.masked.get(category, 0) + count


def _routed(table: pa.Table, stream: Stream, plan: LoadPlan, piece: Piece, fetched_at: datetime) -> pa.Table:
    """The masked table with system columns, and the two by which the destination finds tenant and window again."""
    tenant = piece.tenant
    count = table.num_rows
    first = tenant.rows_gated
    tenant.rows_gated += count
    stamp = pa.timestamp("us", tz="UTC")
    version = (
        table.column(stream.version).cast(stamp).fill_null(pa.scalar(fetched_at, stamp))
        if stream.version
        else pa.repeat(pa.scalar(fetched_at, stamp), count)
    )
    return (
        table.append_column("_version", version)
        .append_column("_policy_version", pa.repeat(pa.scalar(plan.policy_version, pa.int32()), count))
        .append_column("_load_id", pa.repeat(pa.scalar(plan.load_id, pa.string()), count))
        .append_column(ORDINAL, pa.array(range(first, first + count), pa.int64()))
        .append_column(TENANT, pa.repeat(pa.scalar(tenant.tenant_id, pa.string()), count))
        .append_column(WINDOW, pa.repeat(pa.scalar(piece.window.number, pa.int32()), count))
    )
