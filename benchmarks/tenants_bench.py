"""What a tenant's sync costs in a batch run under the daemon, beside a run of its own.

    python -m benchmarks.tenants_bench [--tenants 2000] [--few 200] [--sample 20]

The sandbox is a process of its own. Every tenant has been synced before; then a day passes that brings each 20 new
rows of iyzico's transactions, and the trailing days are read again, as in every sync. First a few tenants and then
many are due, and the daemon starts a batch run for them; last, a sample is synced by a `hub sync --tenant` each.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.cpu import Cpu, Peak, postgres_servers, spent
from benchmarks.population import PROVIDER, STREAM, leave_marts_alone, make_due, populate, rows_changed
from connectors.sandbox.server import SandboxProcess
from hub.db import postgres
from hub.db.database import Database
from hub.db.migrate import migrate
from hub.demo.installation import demo_settings
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.models.dbt_process import ensure_manifest
from hub.orchestration.dagster_home import open_instance
from hub.orchestration.services import alone, dagster_services
from hub.sync.batch import BatchRequest, sync_batch
from hub.sync.engine import open_engine
from hub.sync.windows import Asked, istanbul_day

if TYPE_CHECKING:
    from dagster import DagsterInstance, RunRecord

    from hub.orchestration.services import Services
    from hub.settings import Settings

NEW_ROWS = 20
TRAILING_DAYS = 4
LONGEST_SECONDS = 3600
AIM_MILLISECONDS = 60


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one measurement, and what came of it."""

    tenants: int
    rows: int
    wall: float
    run: float
    database: float
    sandbox: float
    services: float = 0.0
    """Code server and daemon (schedules, sensors, housekeeping): there whether anything is due or not."""
    peak_megabytes: float = 0.0

    @property
    def milliseconds(self) -> float:
        """CPU milliseconds a tenant in run and database together."""
        return (self.run + self.database) / self.tenants * 1000

    def line(self, name: str) -> str:
        """One line of the table."""
        each = 1000 / self.tenants
        memory = f"{self.peak_megabytes:6.0f}" if self.peak_megabytes else "     -"
        return (
            f"{name:<26}{self.tenants:>8,}{self.rows / self.tenants:>9.1f}{self.tenants / self.wall:>12.2f}"
            f"{self.run * each:>10.1f}{self.database * each:>11.1f}{self.milliseconds:>10.1f}"
            f"{self.sandbox * each:>10.1f}{self.services:>11.1f}{memory:>9}"
        )


HEADER = (
    f"{'':<26}{'tenants':>8}{'new rows':>9}{'tenants/s':>12}{'run ms':>10}{'Postgres ms':>11}{'both ms':>10}"
    f"{'sandbox':>10}{'services s':>11}{'peak MB':>9}"
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenants", type=int, default=2_000)
    parser.add_argument("--few", type=int, default=200, help="a smaller batch, to compare peak memory with")
    parser.add_argument("--sample", type=int, default=20, help="tenants that get a run each")
    given = parser.parse_args(arguments)
    history = ["--steady", "--rows-per-day", str(NEW_ROWS), "--history-days", str(TRAILING_DAYS)]
    with (
        demo_settings() as settings,
        postgres.running(settings),
        SandboxProcess(arguments=[*history, "--behind-hours", "24"]) as sandbox,
    ):
        ensure_manifest(settings)
        migrate(settings)
        ids = _prepared(settings, sandbox, given.tenants + given.few + given.sample)
        sandbox.advance(days=1)
        many, few = ids[: given.tenants], ids[given.tenants : given.tenants + given.few]
        with (
            alone(settings) as lock,
            dagster_services(settings, lock, admin=False) as services,
            open_instance(settings) as instance,
        ):
            bench = Bench(settings, instance, services, sandbox)
            small = bench.batch(few)
            large = bench.batch(many)
        single = run_each(settings, sandbox, ids[given.tenants + given.few :])
    _print(small, large, single)


def _print(small: Cost, large: Cost, single: Cost) -> None:
    print("CPU milliseconds are a tenant's; rows are those that were new or had changed")
    print(HEADER)
    print(small.line("batch run, few"))
    print(large.line("batch run, many"))
    print(single.line("a run each, sample"))
    print(
        f"a run each costs {single.milliseconds / large.milliseconds:,.0f} times as much in run and database together"
    )
    print(f"peak memory of the run, many against few: {large.peak_megabytes / small.peak_megabytes:.2f}")
    print(f"aim: under {AIM_MILLISECONDS} ms in run and database together; more than 100 times less; memory flat")


def _prepared(settings: Settings, sandbox: SandboxProcess, count: int) -> list[str]:
    """Tenants that have been synced once, in order of creation."""
    database = Database(settings)
    before = time.perf_counter()
    ids = populate(settings, database, Keyring(database, read_master_key(settings.master_key_file)), sandbox, count)
    database.close()
    _note(f"{count:,} tenants made in {time.perf_counter() - before:.0f} s")
    before = time.perf_counter()
    engine = open_engine(settings)
    first = istanbul_day(datetime.now(UTC) - timedelta(days=TRAILING_DAYS))
    for start in range(0, count, 500):
        request = BatchRequest(ids[start : start + 500], [STREAM], asked=Asked(date_from=first))
        result = sync_batch(engine, PROVIDER, request, run_id="first")
        if result.failed or result.skipped:
            codes = {outcome.failed for each in result.tenants.values() for outcome in each.outcomes}
            raise RuntimeError(f"the first sync failed for {result.failed}, left out {result.skipped}: {codes}")
    engine.database.close()
    leave_marts_alone(settings)
    make_due(settings, [])
    _note(f"first syncs in {time.perf_counter() - before:.0f} s")
    return ids


class Bench:
    """Lets tenants be due and measures what the daemon makes of it."""

    def __init__(
        self, settings: Settings, instance: DagsterInstance, services: Services, sandbox: SandboxProcess
    ) -> None:
        self._settings = settings
        self._instance = instance
        self._code = psutil.Process(services.processes["code"].pid)
        self._daemon = psutil.Process(services.processes["daemon"].pid)
        self._postgres = postgres_servers(settings)
        self._sandbox = psutil.Process(sandbox.pid)

    def batch(self, ids: Sequence[str]) -> Cost:
        """One batch run over these tenants, from the moment they are due until the run has ended."""
        rows = rows_changed(self._settings)
        known = {record.dagster_run.run_id for record in self._records()}
        self._until(lambda: not self._run_processes())
        with Peak(self._code).watching() as peak:
            before = self._spent()
            make_due(self._settings, ids)
            runs = self._wait(known)
            after = self._spent()
        code, daemon, database, sandbox = (late - early for late, early in zip(after, before, strict=True))
        changed = rows_changed(self._settings)
        gained = [changed[tenant_id] - rows[tenant_id] for tenant_id in ids]
        if 0 in gained:
            raise RuntimeError(f"{gained.count(0)} of {len(ids)} tenants were not synced; runs: {len(runs)}")
        return Cost(
            tenants=len(ids),
            rows=sum(gained),
            wall=sum((record.end_time or 0) - (record.start_time or 0) for record in runs),
            run=code.children,
            database=database.total,
            sandbox=sandbox.total,
            services=code.own + daemon.total,
            peak_megabytes=peak.megabytes,
        )

    def _records(self) -> Sequence[RunRecord]:
        return self._instance.get_run_records()

    def _run_processes(self) -> list[psutil.Process]:
        return [child for child in self._code.children() if not _is_tracker(child)]

    def _wait(self, known: set[str]) -> list[RunRecord]:
        started: list[RunRecord] = []

        def over() -> bool:
            started[:] = [record for record in self._records() if record.dagster_run.run_id not in known]
            return bool(started) and all(record.dagster_run.is_finished for record in started)

        self._until(over)
        # A run's CPU is known for certain once its process has been waited for.
        self._until(lambda: not self._run_processes())
        if not all(record.dagster_run.is_success for record in started):
            raise RuntimeError("the batch run failed")
        return started

    def _until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise RuntimeError("the daemon did not sync the tenants")
            time.sleep(1)

    def _spent(self) -> tuple[Cpu, Cpu, Cpu, Cpu]:
        return spent(self._code), spent(self._daemon), _all(self._postgres), spent(self._sandbox)


def _is_tracker(process: psutil.Process) -> bool:
    """Python's multiprocessing keeps a helper for shared memory."""
    try:
        return "resource_tracker" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return True


def _all(processes: Sequence[psutil.Process]) -> Cpu:
    found = [spent(process) for process in processes]
    return Cpu(sum(each.own for each in found), sum(each.children for each in found))


def run_each(settings: Settings, sandbox: SandboxProcess, ids: Sequence[str]) -> Cost:
    """A `hub sync` for each tenant, one after the other, with nothing else running."""
    make_due(settings, [])
    rows = rows_changed(settings)
    servers, stand_in, ourselves = postgres_servers(settings), psutil.Process(sandbox.pid), psutil.Process()
    before = _all(servers), spent(stand_in), spent(ourselves), time.perf_counter()
    for tenant_id in ids:
        subprocess.run(
            [
                str(Path(sys.executable).with_name("hub")),
                "sync",
                PROVIDER.name,
                "--tenant",
                tenant_id,
                "--stream",
                STREAM,
            ],
            check=True,
            env=os.environ | {"HUB_HOME": str(settings.home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    wall = time.perf_counter() - before[3]
    changed = rows_changed(settings)
    return Cost(
        tenants=len(ids),
        rows=sum(changed[tenant_id] - rows[tenant_id] for tenant_id in ids),
        wall=wall,
        run=spent(ourselves).children - before[2].children - (spent(stand_in).total - before[1].total),
        database=_all(servers).total - before[0].total,
        sandbox=spent(stand_in).total - before[1].total,
    )


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
