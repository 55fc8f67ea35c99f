"""How soon an action reaches its provider under the daemon: from idle, and while a run lingers.

    python -m benchmarks.outbox_latency [--idle 5] [--lingering 20]

A whole `hub up` on a home of its own, and Netgsm's stand-in as a process beside it. Counted is the time from the commit
of the request until the stand-in's ledger has the message.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from connectors.sandbox.control import PREFIX
from connectors.sandbox.server import SandboxProcess
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.outbox.enqueue import NewAction, enqueue
from hub.settings import Settings

TENANT = "tbenchbench2"
_LINGER_SECONDS = 8
_LONGEST_SECONDS = 120.0


class Site:
    """A tenant at the stand-in."""

    def __init__(self, home: Path, sandbox: SandboxProcess) -> None:
        self.database = Database(Settings.apart(home))
        self.keyring = Keyring(self.database, read_master_key(self.database.settings.master_key_file))
        self.sandbox = sandbox
        self.count = 0
        credentials = json.dumps(sandbox.credentials("bench", "netgsm")).encode()
        settings = {"msgheader": "FIRMA", "requests_per_minute": 100_000, "reports_per_minute": 100_000}
        cipher = self.keyring.tenant(TENANT).seal("integration", "netgsm", credentials)
        with self.database.tenant(TENANT, "app") as connection:
            connection.execute(
                "INSERT INTO hub.tenants (tenant_id, name, subdomain, tax_number_kind, tax_number_cipher,"
                " tax_number_hash, tax_office, kvkk_consent_date, plan) VALUES (%s, 'B', 'bench', 'vkn', 'x', 'x', 'K',"
                " '2026-01-01', 'professional')",
                (TENANT,),
            )
            connection.execute(
                "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher,"
                " settings, state) VALUES (%s, 'netgsm', 'sandbox', %s, %s, %s, 'active')",
                (TENANT, sandbox.url, cipher, json.dumps(settings)),
            )

    def one(self) -> float:
        """Ask for a message; seconds until it is in the ledger."""
        self.count += 1
        payload = {"to": f"+90532{self.count:07d}", "text": f"Siparişiniz {self.count} kargoda"}
        with self.database.tenant(TENANT, "app") as connection:
            new = NewAction("netgsm.sms", f"bench-{self.count}", payload)
            action = enqueue(connection, self.keyring.tenant(TENANT), new, created_by="bench").action_id.hex
        began = time.monotonic()
        with httpx.Client(trust_env=False) as client:
            while time.monotonic() - began < _LONGEST_SECONDS:
                deeds = client.get(f"{self.sandbox.url}{PREFIX}/ledger").json()["deeds"]
                if any(deed["reference"] == action for deed in deeds):
                    return time.monotonic() - began
                time.sleep(0.01)
        raise SystemExit("the message never arrived")

    def idle(self) -> None:
        """Wait until no run is at it any more."""
        asyncio.run(asyncio.sleep(_LINGER_SECONDS + 6))


def main() -> None:
    """Print medians and worst."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--idle", type=int, default=5)
    parser.add_argument("--lingering", type=int, default=20)
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="kopru-bench-"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "DAGSTER_"))}
    own = {"HUB_HOME": str(home), "PYTHONUNBUFFERED": "1", "HUB_OUTBOX_LINGER_SECONDS": str(_LINGER_SECONDS)}
    with SandboxProcess(seed=7) as sandbox, (home / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", "import sys; from hub.cli import main; sys.exit(main(['--lang', 'en', 'up']))"],
            env=clean | own,
            stdout=said,
            stderr=said,
        )
        try:
            while not re.search(r"http://127\.0\.0\.1:\d+", (home / "said").read_text()):
                if process.poll() is not None:
                    raise SystemExit((home / "said").read_text())
                time.sleep(0.2)
            site = Site(home, sandbox)
            site.one()  # the first run imports everything for the first time
            from_idle: list[float] = []
            for _ in range(given.idle):
                site.idle()
                from_idle.append(site.one())
            lingering = [site.one() for _ in range(given.lingering)]
            shown(from_idle, "from idle", aim=12.0)
            shown(lingering, "while a run lingers", aim=1.0)
            site.database.close()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    shutil.rmtree(home, ignore_errors=True)


def shown(waits: list[float], what: str, *, aim: float) -> None:
    """Median and worst."""
    print(f"under the daemon, {what}: median {median(waits):.2f} s (aim {aim:g}), worst {max(waits):.2f}", flush=True)


if __name__ == "__main__":
    main()
