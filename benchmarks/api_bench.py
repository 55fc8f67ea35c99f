"""Authenticated reads through the front door, and what row-level security costs.

    python -m benchmarks.api_bench [--calls 3000] [--connections 16] [--rows 200000]

The front door is a process of its own, as under `hub up`; callers keep their connections. Each read goes through the
whole gate: token, standing, tenant, limit, permission. The ratio at the end compares one page of one tenant's rows in a
table of many tenants, read by the API's role under its policy, with the same query on a copy that has none.
"""

from __future__ import annotations

import argparse
import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from shutil import rmtree
from urllib.parse import urlsplit

from connectors.secret import Secret
from hub.api.serve import listen, url_of
from hub.control import tenants
from hub.control.new_tenant import NewTenant
from hub.db import postgres
from hub.db.database import Database
from hub.db.migrate import migrate
from hub.identity import api_keys
from hub.identity.permissions import ROLES, Role
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import SYSTEM
from hub.migrations.connections import outside_transaction
from hub.models.dbt_process import ensure_manifest
from hub.orchestration.dagster_home import environment
from hub.settings import Settings

GENEROUS = {"api_calls_per_minute": 10_000_000, "api_burst": 1_000_000}
TENANTS = 100
PAGE = 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=3_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rows", type=int, default=200_000, help="of all tenants")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="kopru-api-"))  # short: a unix socket's path has 107 bytes
    settings = Settings.apart(home, api_port=0)
    try:
        with postgres.running(settings):
            ensure_manifest(settings)
            migrate(settings)
            database = Database(settings)
            try:
                own, key = _tenant(settings, database)
                _fill(settings, own, given.rows)
                _reads(settings, key, given.calls, given.connections)
                _security(settings, database, own)
            finally:
                database.close()
    finally:
        rmtree(home, ignore_errors=True)


def _tenant(settings: Settings, database: Database) -> tuple[str, str]:
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    new = NewTenant(
        name="Ölçüm",
        subdomain="olcum",
        tax_number=Secret("1111111114"),
        tax_office="Kadıköy",
        kvkk_consent_date=date(2026, 1, 1),
        limits=GENEROUS,
    )
    own = tenants.add(database, keyring, new, add_partition=lambda _id: None, actor=SYSTEM).tenant_id
    wanted = api_keys.NewKey(label="bench", scopes=ROLES[Role.MACHINE])
    return own, api_keys.create(database, own, wanted, actor=SYSTEM).secret


def _fill(settings: Settings, own: str, rows: int) -> None:
    """Payments of many tenants, and the same in a table without policies that the API's roles may read."""
    with outside_transaction(settings, "data") as admin:
        admin.execute(
            "INSERT INTO marts.calls_by_day (tenant_id, provider, day, direction, calls, answered)"
            " SELECT CASE n %% %(tenants)s WHEN 0 THEN %(own)s ELSE 't' || lpad((n %% %(tenants)s)::text, 11, 'a') END,"
            " 'bulutfon', date '2000-01-01' + (n / %(tenants)s)::int, 'in', 1, 1 FROM generate_series(1, %(rows)s) n",
            {"tenants": TENANTS, "own": own, "rows": rows},
        )
        admin.execute("CREATE TABLE public.unguarded (LIKE marts.calls_by_day INCLUDING ALL)")
        admin.execute("INSERT INTO public.unguarded SELECT * FROM marts.calls_by_day")
        admin.execute(f"GRANT SELECT ON public.unguarded TO {settings.role('reader')}".encode())
        admin.execute(f"GRANT USAGE ON SCHEMA public TO {settings.role('reader')}".encode())
        admin.execute("ANALYZE marts.calls_by_day, public.unguarded")


def _reads(settings: Settings, key: str, calls: int, connections: int) -> None:
    with listen("127.0.0.1", 0) as listening:
        url = url_of(settings, listening)
        with (settings.home / "said").open("ab") as said:  # a line a call, as `hub up` keeps them
            worker = subprocess.Popen(
                [sys.executable, "-m", "hub.api.serve", str(listening.fileno())],
                env=environment(settings) | {"PATH": "/usr/bin:/bin"},
                pass_fds=[listening.fileno()],
                stderr=said,
            )
        try:
            _answered(url, "/healthz", key)
            for path in ("/api/v1/profile", f"/api/v1/data/marts.calls_by_day?limit={PAGE}"):
                _answered(url, path, key)
                took, each = _load(url, path, key, calls, connections)
                each.sort()
                print(
                    f"{path}: {calls / took:.0f} reads/s with one worker,"
                    f" median {each[len(each) // 2] * 1000:.1f} ms, p99 {each[int(len(each) * 0.99)] * 1000:.1f} ms"
                )
        finally:
            worker.terminate()
            worker.wait()


def _answered(url: str, path: str, key: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            status = _connection(url, path, key)()
        except OSError:
            status = 0
        if status == 200:
            return
        if time.monotonic() > deadline:
            sys.exit(f"{path} answers {status}")
        time.sleep(0.2)


def _load(url: str, path: str, key: str, calls: int, connections: int) -> tuple[float, list[float]]:
    def caller(_number: int) -> list[float]:
        ask = _connection(url, path, key)
        each: list[float] = []
        for _ in range(calls // connections):
            begun = time.perf_counter()
            if ask() != 200:
                sys.exit(f"{path} was refused")
            each.append(time.perf_counter() - begun)
        return each

    begun = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        found = [one for part in pool.map(caller, range(connections)) for one in part]
    return time.perf_counter() - begun, found


def _connection(url: str, path: str, key: str) -> Callable[[], int]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 0, timeout=30)

    def ask() -> int:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    return ask


def _security(settings: Settings, database: Database, own: str) -> None:
    del settings

    def page(table: str) -> float:
        query = f"SELECT * FROM {table} WHERE tenant_id = %s ORDER BY tenant_id, provider, day LIMIT {PAGE}".encode()  # noqa: S608 - our own names
        with database.tenant(own, "reader") as connection:
            best = float("inf")
            for _ in range(30):
                begun = time.perf_counter()
                for _ in range(50):
                    connection.execute(query, (own,)).fetchall()
                best = min(best, time.perf_counter() - begun)
        return best / 50

    # In turn, so that both meet the same machine; the best of each is what the work costs.
    guarded, unguarded = page("marts.calls_by_day"), page("public.unguarded")
    print(
        f"a page of {PAGE} rows: {guarded * 1e6:.0f} µs under row-level security, {unguarded * 1e6:.0f} µs without:"
        f" ratio {guarded / unguarded:.2f}"
    )


if __name__ == "__main__":
    main()
