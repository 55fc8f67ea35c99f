"""How many signed webhooks a second the served front door acknowledges, each committed before its answer.

    python -m benchmarks.webhooks_bench [--calls 6000] [--tenants 200] [--connections 32] [--seconds 10] [--workers 1 2]

As under `hub up`: workers are processes on one listening socket, before a real Postgres that flushes each commit to
disk. iyzico's signed events, spread over the tenants, from a process of its own. At saturation every connection sends
its next call as soon as its last is answered; the steady load comes at its times whatever the server does. CPU time a
call is measured beside both, for it says more than the rate where other work shares the machine.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any

import httpx
import psutil

from benchmarks.cpu import postgres_servers, spent
from connectors.iyzico import PROVIDER
from connectors.iyzico.signing import direct_webhook_signature
from connectors.iyzico.webhooks import HEADER
from connectors.secret import Secret
from hub.api.serve import listen
from hub.control import integrations, tenants
from hub.control.new_tenant import NewTenant
from hub.db import postgres
from hub.db.database import Database
from hub.db.migrate import migrate
from hub.inbox import endpoints
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import SYSTEM
from hub.models.dbt_process import ensure_manifest
from hub.orchestration.ports import LOOPBACK
from hub.settings import Settings
from kvkk_policies.checksums import vkn_valid

STEADY_PER_SECOND = 300
AIM_PER_SECOND, AIM_P99_MS = 800, 60
KEY = Secret("sandbox-secret-bench")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=6000, help="at saturation")
    parser.add_argument("--tenants", type=int, default=200)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=int, default=10, help="of the steady load")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="kopru-hooks-"))  # short: a unix socket's path has 107 bytes
    settings = Settings.apart(home)
    try:
        with postgres.running(settings):
            ensure_manifest(settings)
            migrate(settings)
            bench = Bench(settings, addresses(settings, given.tenants), given.connections)
            found = {workers: bench.measured(workers, given.calls, given.seconds) for workers in given.workers}
    finally:
        rmtree(home, ignore_errors=True)
    first = given.workers[0]
    for workers in given.workers[1:]:
        print(f"{workers} workers acknowledge {found[workers] / found[first]:.2f} times what {first} does")


@dataclass
class Bench:
    """A served installation with addresses to call. No event is sent twice."""

    settings: Settings
    paths: Sequence[str]
    connections: int
    sent: int = 0

    def measured(self, workers: int, calls: int, seconds: int) -> float:
        """Print both loads; calls acknowledged a second at saturation."""
        with self.served(workers) as (port, processes):
            self.load("first calls", port, processes, calls=4 * len(self.paths), shown=False)  # keys, pools, caches
            saturated = self.load(f"{workers} worker(s), saturated", port, processes, calls=calls)
            aim = f"aim {AIM_PER_SECOND * workers}/s"
            print(f"  {saturated['per_second'] / AIM_PER_SECOND / workers:.2f} of the {aim}")
            steady = self.load(
                f"{workers} worker(s), {STEADY_PER_SECOND}/s",
                port,
                processes,
                calls=STEADY_PER_SECOND * seconds,
                per_second=STEADY_PER_SECOND,
            )
            print(f"  p99 is {steady['p99_ms'] / AIM_P99_MS:.2f} of the aim of {AIM_P99_MS} ms", flush=True)
        return float(saturated["per_second"])

    def load(
        self,
        name: str,
        port: int,
        processes: Sequence[psutil.Process],
        *,
        calls: int,
        per_second: int = 0,
        shown: bool = True,
    ) -> dict[str, Any]:
        """Send new events and print what came of them."""
        servers = postgres_servers(self.settings)
        before = [sum(spent(each).total for each in group) for group in (processes, servers)]
        command = [sys.executable, "-m", "benchmarks.webhook_callers", str(port), str(self.connections)]
        done = subprocess.run(
            [*command, str(per_second)], input=b"\n".join(self.requests(calls)), stdout=subprocess.PIPE, check=True
        )
        found: dict[str, Any] = json.loads(done.stdout)
        after = [sum(spent(each).total for each in group) for group in (processes, servers)]
        if found["statuses"] != {"200": calls}:
            raise SystemExit(f"{name}: answered {found['statuses']}")
        if shown:
            workers_ms, postgres_ms = (1000 * (now - then) / calls for now, then in zip(after, before, strict=True))
            print(
                f"{name}: {found['per_second']:.0f}/s, p50 {found['p50_ms']:.1f} ms, p99 {found['p99_ms']:.1f} ms,"
                f" worst {found['worst_ms']:.0f} ms; CPU a call: workers {workers_ms:.2f} ms,"
                f" Postgres {postgres_ms:.2f} ms",
                flush=True,
            )
        return found

    def requests(self, count: int) -> Iterator[bytes]:
        """New events, a line each."""
        for number in range(self.sent, self.sent + count):
            yield base64.b64encode(request(self.paths[number % len(self.paths)], number))
        self.sent += count

    @contextmanager
    def served(self, workers: int) -> Generator[tuple[int, list[psutil.Process]]]:
        """Workers on one socket, as hub/orchestration/services.py starts them."""
        with listen(LOOPBACK, 0) as listening:
            started = [self._worker(listening) for _ in range(workers)]
            try:
                port = listening.getsockname()[1]
                for _ in range(8 * workers):  # each of them has answered something, most likely
                    httpx.get(f"http://{LOOPBACK}:{port}/healthz", timeout=60)
                yield port, [psutil.Process(process.pid) for process in started]
            finally:
                for process in started:
                    process.terminate()
                for process in started:
                    process.wait()

    def _worker(self, listening: socket.socket) -> subprocess.Popen[bytes]:
        with (self.settings.home / "said").open("ab") as said:  # a line a call, as `hub up` keeps them
            return subprocess.Popen(
                [sys.executable, "-m", "hub.api.serve", str(listening.fileno())],
                env=os.environ | {"HUB_HOME": str(self.settings.home)},
                pass_fds=[listening.fileno()],
                stderr=said,
            )


def addresses(settings: Settings, count: int) -> list[str]:
    """An iyzico address of each of so many tenants."""
    database = Database(settings)
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    began = time.perf_counter()
    found = [
        _address(database, keyring, number, tax) for number, tax in zip(range(count), _tax_numbers(), strict=False)
    ]
    print(f"{count} tenants in {time.perf_counter() - began:.0f} s", flush=True)
    database.close()
    return found


def _address(database: Database, keyring: Keyring, number: int, tax_number: str) -> str:
    new = NewTenant(
        name="Deneme Ltd. Şti.",
        subdomain=f"deneme-{number}",
        tax_number=Secret(tax_number),
        tax_office="Kadıköy",
        kvkk_consent_date=date(2026, 1, 15),
        plan="enterprise",
    )
    tenant_id = tenants.add(database, keyring, new, add_partition=lambda _: None).tenant_id
    account = integrations.Account("sandbox", {"api_key": Secret("k"), "secret_key": KEY})
    integrations.connect(database, keyring, PROVIDER, tenant_id, account)
    return endpoints.issue(database, tenant_id, "iyzico", actor=SYSTEM).path


def _tax_numbers() -> Iterator[str]:
    """Invented ones whose check digit is right."""
    return (number for number in map(str, range(4_540_530_000, 4_541_000_000)) if vkn_valid(number))


def request(path: str, number: int) -> bytes:
    """A whole signed request about a payment that nobody has heard of."""
    said = {
        "paymentConversationId": f"SIP-{number}",
        "merchantId": 3382172,
        "paymentId": number,
        "status": "SUCCESS",
        "iyziReferenceCode": f"ref-{number}",
        "iyziEventType": "API_AUTH",
        "iyziEventTime": 1721825828467,
        "iyziPaymentId": number,
    }
    signature = direct_webhook_signature(
        KEY, event_type="API_AUTH", payment_id=str(number), conversation_id=f"SIP-{number}", status="SUCCESS"
    )
    body = json.dumps(said).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Type: application/json\r\nUser-Agent: iyzico\r\n"
        f"Accept: */*\r\n{HEADER}: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    main()
