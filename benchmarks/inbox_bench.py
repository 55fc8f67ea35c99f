"""How many calls of a provider the inbox acknowledges and handles in a second, each committed before its answer.

    python -m benchmarks.inbox_bench [--calls 4000] [--connections 16] [--processes 1]

The receiver is a process of its own, as under `hub up`; the caller sends iyzico's signed calls over connections that it
keeps open. Then one worker handles what was received.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from shutil import rmtree

from connectors.iyzico import PROVIDER
from connectors.iyzico.signing import direct_webhook_signature
from connectors.iyzico.webhooks import HEADER
from connectors.secret import Secret
from hub.control import integrations, tenants
from hub.control.new_tenant import NewTenant
from hub.db import postgres
from hub.db.database import Database
from hub.db.migrate import migrate
from hub.inbox import endpoints
from hub.inbox.opening import open_handling
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import SYSTEM
from hub.models.dbt_process import ensure_manifest
from hub.orchestration.ports import LOOPBACK, answers, free_port
from hub.settings import Settings

KEY = Secret("sandbox-secret-bench")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=4000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--processes", type=int, default=1, help="receivers")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="kopru-inbox-"))  # short: a unix socket's path has 107 bytes
    settings = Settings.apart(home)
    try:
        with postgres.running(settings):
            ensure_manifest(settings)
            migrate(settings)
            _measure(settings, given.calls, given.connections, given.processes)
    finally:
        rmtree(home, ignore_errors=True)


def _measure(settings: Settings, calls: int, connections: int, processes: int) -> None:
    database = Database(settings)
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    path = _address(database, keyring)
    bodies = [_call(number) for number in range(calls)]
    with ExitStack() as stack:
        ports = [stack.enter_context(_receiver(settings)) for _ in range(processes)]
        _post(ports[0], path, bodies[:50])  # keys and pools
        share = [bodies[50 + at :: connections] for at in range(connections)]
        began = time.perf_counter()
        with ThreadPoolExecutor(connections) as pool:
            targets = [ports[at % processes] for at in range(connections)]
            done = sum(pool.map(_post, targets, [path] * connections, share))
        took = time.perf_counter() - began
    print(f"acknowledged: {done} calls, {done / took:.0f}/s with {processes} receiver(s), {connections} connections")
    began = time.perf_counter()
    handled = open_handling(database, keyring).drain()["handled"]
    took = time.perf_counter() - began
    print(f"handled: {handled} events, {handled / took:.0f}/s by one worker")
    database.close()


def _address(database: Database, keyring: Keyring) -> str:
    new = NewTenant(
        name="Deneme Ltd. Şti.",
        subdomain="deneme",
        tax_number=Secret("4540536920"),
        tax_office="Kadıköy",
        kvkk_consent_date=date(2026, 1, 15),
        plan="professional",
    )
    tenant_id = tenants.add(database, keyring, new, add_partition=lambda _: None).tenant_id
    account = integrations.Account("sandbox", {"api_key": Secret("k"), "secret_key": KEY})
    integrations.connect(database, keyring, PROVIDER, tenant_id, account)
    return endpoints.issue(database, tenant_id, "iyzico", actor=SYSTEM).path


@contextmanager
def _receiver(settings: Settings) -> Generator[int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.inbox.serve", str(port)], env=os.environ | {"HUB_HOME": str(settings.home)}
    )
    try:
        while not answers(port):
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def _call(number: int) -> tuple[bytes, dict[str, str]]:
    said = {
        "paymentConversationId": f"SIP-{number}",
        "paymentId": number,
        "status": "SUCCESS",
        "iyziReferenceCode": f"ref-{number}",
        "iyziEventType": "API_AUTH",
    }
    signature = direct_webhook_signature(
        KEY, event_type="API_AUTH", payment_id=str(number), conversation_id=f"SIP-{number}", status="SUCCESS"
    )
    return json.dumps(said).encode(), {HEADER: signature, "Content-Type": "application/json"}


def _post(port: int, path: str, calls: Sequence[tuple[bytes, dict[str, str]]]) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
    done = 0
    for body, headers in calls:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        done += answer.status == 200
    connection.close()
    return done


if __name__ == "__main__":
    main()
