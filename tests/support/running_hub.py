"""`hub up` as a person starts it: a process of its own, with all that it starts, for tests to look at."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from connectors.registry import PROVIDERS
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.control import integrations, tenants
from hub.control.new_tenant import NewTenant
from hub.control.trial_connection import run_test
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.orchestration.ports import free_port
from hub.settings import Settings
from hub.sync.fetch import http_client
from tests.support.homes import HOMES
from tests.support.rooms import new_directory
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
START_SECONDS = 150
"""Migrating an empty home and starting three Dagster processes, on a machine that does other work as well."""
PROVIDER = PROVIDERS["iyzico"]


@dataclass
class Up:
    """A `hub up` that serves."""

    settings: Settings
    process: subprocess.Popen[bytes]
    url: str
    """Of Dagster's webserver on loopback."""
    door: str
    """Of the front door."""

    def ask(self, query: str, **variables: Any) -> Any:
        """Dagster's answer to a GraphQL query."""
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


@contextmanager
def running_hub(*, migrated: bool = False, **told: str) -> Generator[Up]:
    """On free ports and a home of its own, which goes at the end. `told` is more of its environment."""
    home = new_directory("kopru-up-")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "DAGSTER_"))}
    if migrated:
        HOMES.lay_whole(home)
    said = (home / "said").open("w+")
    arguments = ["--lang", "en", "up", "--port", str(free_port())]
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys; from hub.cli import main; sys.exit(main({arguments}))"],
        cwd=ROOT,
        env=environment | {"HUB_HOME": str(home), "HUB_API_PORT": "0", "PYTHONUNBUFFERED": "1"} | told,
        stdout=said,
        stderr=said,
        start_new_session=True,
    )

    def ready() -> re.Match[str] | None:
        words = (home / "said").read_text()
        assert process.poll() is None, words
        return re.search(
            r"Dagster: (?P<shown>https?://\S+)/dagster/\s"
            r"Dagster without signing in, read-only: (?P<loopback>http://127\.0\.0\.1:\d+/dagster)\s"
            r"API: (?P<door>http://127\.0\.0\.1:\d+)\s",
            words,
        )

    try:
        addresses = until("hub up ready", ready, seconds=START_SECONDS)
        assert addresses["shown"] == told.get("HUB_PUBLIC_URL", addresses["door"])
        yield Up(Settings.apart(home), process, addresses["loopback"], addresses["door"])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
        said.close()
        shutil.rmtree(home, ignore_errors=True)


def engage(settings: Settings, sandbox: Sandbox) -> str:
    """A tenant whose credentials have passed their test: due at once."""
    database = Database(settings)
    try:
        keyring = Keyring(database, read_master_key(settings.master_key_file))
        new = NewTenant(
            name="Deneme Ltd. Şti.",
            subdomain="deneme",
            tax_number=Secret("4540536920"),
            tax_office="Kadıköy",
            kvkk_consent_date=date(2026, 1, 15),
            plan="professional",
        )
        tenant_id = tenants.add(database, keyring, new, add_partition=lambda _: None).tenant_id
        account = integrations.Account(
            "sandbox",
            {name: Secret(value) for name, value in sandbox.credentials("deneme").items()},
            base_url=sandbox.url,
            settings={"requests_per_minute": 60_000},
        )
        integrations.connect(database, keyring, PROVIDER, tenant_id, account)

        async def test() -> None:
            async with http_client() as client:
                await run_test(database, keyring, PROVIDER, tenant_id, client)

        asyncio.run(test())
        skip_the_past(database, tenant_id)
    finally:
        database.close()
    return tenant_id


def skip_the_past(database: Database, tenant_id: str) -> None:
    """Cursors of yesterday: how far back a first sync reaches is tested elsewhere and takes half a minute."""
    streams = [stream.name for stream in PROVIDER.streams if stream.parent is None]
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.sync_state (tenant_id, provider, stream) SELECT %s, %s, unnest(%s::text[])",
            (tenant_id, PROVIDER.name, streams),
        )
    with database.tenant(tenant_id, "loader") as connection:
        connection.execute("UPDATE hub.sync_state SET synced_until = date_trunc('day', now() - interval '1 day')")
