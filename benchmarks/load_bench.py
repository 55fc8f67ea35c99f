"""How fast masked rows load, beside raw COPY and beside an unmasked upsert, in one run.

    python -m benchmarks.load_bench [--rows 100000] [--people 10000] [--rounds 3]

Prints rows a second (wall clock) and the CPU microseconds that a row costs this process and Postgres, first load and
replay of changed rows, and medians over the rounds. Every round begins with empty tables, vault and keys. 15 columns,
three identifiers (two of them kept in the vault), one free text of about 120 characters.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil
import pyarrow as pa
from psycopg import sql

from benchmarks.gate_bench import POLICY, STREAM, make_rows
from connectors.contract import ConnectionSpec, Page, Provider, RateLimit, Row, Session, Window
from hub.db import postgres
from hub.db.database import Database
from hub.db.endpoints import data_directory
from hub.db.migrate import migrate
from hub.db.staging import copy_arrow
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Vault
from hub.migrations.connections import outside_transaction
from hub.models.dbt_process import ensure_manifest
from hub.settings import Settings
from hub.sync.batch import BatchRequest, Engine, landing_tables, sync_batch
from hub.sync.landing import ORDINAL, LandingTable
from kvkk_policies.columns import convert
from kvkk_policies.detect import ColumnScanner
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies

PAGE_ROWS = 10_000
TENANT = "tbenchbench2"


class RowsInMemory:
    """A far end that costs nothing: what is measured is everything behind it."""

    rows: Sequence[Row] = ()

    async def test(self) -> None:
        """Always there."""

    async def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """The rows, a page at a time."""
        del stream, window
        for start in range(0, len(self.rows), PAGE_ROWS):
            yield Page(self.rows[start : start + PAGE_ROWS])


FAR_END = RowsInMemory()


@asynccontextmanager
async def _open(spec: ConnectionSpec, client: httpx.AsyncClient) -> AsyncGenerator[Session]:
    del spec, client
    yield FAR_END


PROVIDER = Provider(
    name="bench",
    title="Bench",
    description="Rows in memory.",
    credential_fields=(),
    environments={"live": "http://127.0.0.1", "sandbox": "http://127.0.0.1"},
    streams=(STREAM,),
    open=_open,
    rate=RateLimit(1, timedelta(seconds=1)),
    interval=timedelta(minutes=5),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--distinct-notes", type=float, default=0.7)
    parser.add_argument("--notes-with-data", type=float, default=0.15)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    rows = make_rows(
        given.rows, people=given.people, distinct_notes=given.distinct_notes, with_data=given.notes_with_data
    )
    later = [
        row | {"changed_at": row["changed_at"] + timedelta(days=1), "quantity": row["quantity"] + 1} for row in rows
    ]
    print(
        f"{given.rows:,} rows of 15 columns, {given.people:,} customers; notes: {given.distinct_notes:.0%} distinct,"
        f" {given.notes_with_data:.0%} with personal data"
    )
    with _installation() as (settings, engine):
        meter = Meter(settings, given.rows)
        table = landing_tables(engine, PROVIDER)["bench_events"]
        rounds = [_round(settings, engine, table, rows, later, meter) for _ in range(given.rounds)]
    copied, first, replay, gated_first, gated_replay = (median(speeds) for speeds in zip(*rounds, strict=True))
    print(f"medians of {given.rounds}, rows/s: raw COPY {copied:,.0f}; unmasked upsert {first:,.0f} first,")
    print(f"{replay:,.0f} replay; gated path {gated_first:,.0f} first, {gated_replay:,.0f} replay")
    print(f"ratio gated / unmasked upsert: first {gated_first / first:.2f}, replay {gated_replay / replay:.2f}")
    print(f"ratio gated / raw COPY:        first {gated_first / copied:.2f}, replay {gated_replay / copied:.2f}")
    print("aim: gated at least 0.4 of the unmasked upsert; dlt's own merge, unmasked, reached 27,000 rows/s elsewhere")


def _round(
    settings: Settings,
    engine: Engine,
    table: LandingTable,
    rows: Sequence[Row],
    later: Sequence[Row],
    meter: Meter,
) -> tuple[float, float, float, float, float]:
    _empty(settings)
    return (
        _raw_copy(settings, rows, meter),
        *_unmasked(engine, table, rows, later, meter),
        _gated(engine, rows, "gated path, first load", meter),
        _gated(engine, later, "gated path, replay", meter),
    )


def _empty(settings: Settings) -> None:
    with outside_transaction(settings, "data") as admin:
        admin.execute(
            "TRUNCATE landing.bench_events, vault.subjects, vault.identifiers, vault.originals, vault.texts,"
            " vault.mentions"
        )
    with outside_transaction(settings, "keys") as admin:
        admin.execute("TRUNCATE keys.subject_keys")


class Meter:
    """Wall clock and CPU of this process and of Postgres."""

    def __init__(self, settings: Settings, rows: int) -> None:
        self._rows = rows
        pids = [
            int((data_directory(settings, cluster) / "postmaster.pid").read_text().split()[0])
            for cluster in ("data", "keys")
        ]
        self._servers = [psutil.Process(pid) for pid in pids]

    def measure(self, name: str, work: Callable[[], Any]) -> float:
        """Rows a second of the work; prints a line."""
        database = self._database_cpu()
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        served = self._database_cpu() - database
        speed = self._rows / wall
        micro = 1e6 / self._rows
        print(f"{name:<28} {speed:>10,.0f} rows/s   CPU us/row: hub {cpu * micro:5.1f}, Postgres {served * micro:5.1f}")
        return speed

    def _database_cpu(self) -> float:
        total = 0.0
        for server in self._servers:
            for process in [server, *server.children(recursive=True)]:
                try:
                    times = process.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                total += times.user + times.system + times.children_user + times.children_system
        return total


@contextmanager
def _installation() -> Generator[tuple[Settings, Engine]]:
    home = Path(tempfile.mkdtemp(prefix="kopru-bench-"))
    (home / "policies").mkdir()
    (home / "policies" / "bench.yaml").write_text(POLICY)
    settings = Settings(home=home, policies_dir=home / "policies")
    try:
        with postgres.running(settings):
            ensure_manifest(settings)
            migrate(settings, providers={"bench": PROVIDER}, with_dagster=False)
            policies = load_policies(settings.policies_dir)
            database = Database(settings)
            keyring = Keyring(database, read_master_key(settings.master_key_file))
            engine = Engine(database, keyring, Vault(database, keyring), Gate(policies, ColumnScanner()), policies)
            _add_tenant(engine)
            yield settings, engine
            database.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _add_tenant(engine: Engine) -> None:
    sealed = engine.keyring.tenant(TENANT).seal("integration", "bench", json.dumps({}).encode())
    with engine.database.tenant(TENANT, "app") as connection:
        connection.execute(
            "INSERT INTO hub.tenants (tenant_id, name, subdomain, tax_number_kind, tax_number_cipher, tax_number_hash,"
            " tax_office, kvkk_consent_date, plan) VALUES (%s, 'Bench', 'bench', 'vkn', '', '', '-', '2026-01-01',"
            " 'enterprise')",
            (TENANT,),
        )
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
            " VALUES (%s, 'bench', 'sandbox', %s, 'active')",
            (TENANT, sealed),
        )


def _unmasked_table(rows: Sequence[Row], *, version: bool) -> pa.Table:
    arrays = {
        column.name: convert([row[column.name] for row in rows], column.type, name=column.name)
        for column in STREAM.columns
    }
    table = pa.table(arrays)
    if not version:
        return table
    count = len(rows)
    return (
        table.append_column("_version", table.column("changed_at"))
        .append_column("_policy_version", pa.repeat(pa.scalar(1, pa.int32()), count))
        .append_column("_load_id", pa.repeat(pa.scalar("bench"), count))
        .append_column(ORDINAL, pa.array(range(count), pa.int64()))
    )


def _raw_copy(settings: Settings, rows: Sequence[Row], meter: Meter) -> float:
    table = _unmasked_table(rows, version=False)
    with outside_transaction(settings, "data") as admin:
        admin.execute(
            "CREATE TABLE public.raw_copy (event_id text, happened_at timestamptz, changed_at timestamptz, status text,"
            " channel text, amount numeric, fee numeric, currency text, quantity bigint, paid boolean, branch text,"
            " phone text, email text, tckn text, note text)"
        )

        def work() -> None:
            copy_arrow(admin, sql.SQL("COPY public.raw_copy FROM STDIN WITH (FORMAT csv)").format(), table)

        speed = meter.measure("raw COPY, no key", work)
        admin.execute("DROP TABLE public.raw_copy")
    return speed


def _unmasked(
    engine: Engine, table: LandingTable, rows: Sequence[Row], later: Sequence[Row], meter: Meter
) -> tuple[float, float]:
    speeds: list[float] = []
    for name, batch in (("unmasked upsert, first load", rows), ("unmasked upsert, replay", later)):
        arrow = _unmasked_table(batch, version=True)

        def work(arrow: pa.Table = arrow) -> None:
            for start in range(0, arrow.num_rows, 20_000):
                with engine.database.tenant(TENANT, "loader") as connection:
                    table.load(connection, TENANT, arrow.slice(start, 20_000))

        speeds.append(meter.measure(name, work))
    with outside_transaction(engine.database.settings, "data") as admin:
        admin.execute("TRUNCATE landing.bench_events")
    return speeds[0], speeds[1]


def _gated(engine: Engine, rows: Sequence[Row], name: str, meter: Meter) -> float:
    FAR_END.rows = [rows[0] | {"note": "Sayın Ahmet Yılmaz 0532 111 22 33 aradı"}]
    sync_batch(engine, PROVIDER, BatchRequest([TENANT]), run_id="warm")  # imports dlt and Presidio
    FAR_END.rows = rows

    def work() -> None:
        result = sync_batch(engine, PROVIDER, BatchRequest([TENANT]), run_id="bench")
        outcome = result.tenants[TENANT].outcomes[0]
        if outcome.failed is not None or outcome.rows_seen != len(rows):
            raise RuntimeError(f"the load failed: {outcome.failed}")

    return meter.measure(name, work)


if __name__ == "__main__":
    main()
