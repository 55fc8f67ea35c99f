"""`hub up` as a person starts it: a process of its own, with Dagster's daemon, code server and webserver below it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from connectors.registry import PROVIDERS
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.control import integrations, status, tenants
from hub.control.new_tenant import NewTenant
from hub.control.trial_connection import run_test
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from hub.sync.fetch import http_client
from tests.support.waiting import until

pytestmark = pytest.mark.long(90)

ROOT = Path(__file__).parents[2]
START_SECONDS = 150
"""Migrating an empty home and starting three Dagster processes, on a machine that does other work as well."""
SYNC_SECONDS = 180
"""The schedule looks once a minute; then a run has to start and to sync."""

PROVIDER = PROVIDERS["iyzico"]


@dataclass
class Up:
    """A `hub up` that serves."""

    settings: Settings
    process: subprocess.Popen[bytes]
    url: str

    def ask(self, query: str, **variables: Any) -> Any:
        """Dagster's answer to a GraphQL query."""
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    # Under /tmp and not pytest's own directory: a unix socket's path has 107 bytes.
    home = Path(tempfile.mkdtemp(prefix="kopru-up-"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "DAGSTER_"))}
    said = (home / "said").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from hub.cli import main; sys.exit(main(['--lang', 'en', 'up']))"],
        cwd=ROOT,
        env=environment | {"HUB_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        stdout=said,
        stderr=said,
        start_new_session=True,
    )

    def ready() -> re.Match[str] | None:
        words = (home / "said").read_text()
        assert process.poll() is None, words
        return re.search(r"http://127\.0\.0\.1:\d+/dagster", words)

    try:
        address = until("hub up ready", ready, seconds=START_SECONDS)
        yield Up(Settings.apart(home), process, address.group())
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


def test_a_due_tenant_is_synced_by_the_daemon_without_anybody_asking(up: Up) -> None:
    database = Database(up.settings)
    try:
        with Sandbox(seed=7) as sandbox:
            tenant_id = engage(up.settings, sandbox)

            def attempted() -> status.IntegrationStatus | None:
                (found,) = status.read(database, tenant_id=tenant_id)
                return found if all(stream.state != "never" for stream in found.streams) else None

            found = until("every stream attempted", attempted, seconds=SYNC_SECONDS)
        own = {stream.stream: stream.failure_code for stream in found.streams if stream.state != "ok"}
        assert set(own) <= {"settlement_files"}, own
        with database.tenant(tenant_id, "loader") as connection:
            (rows,) = connection.execute("SELECT count(*) FROM landing.iyzico_transactions").fetchone() or (0,)
        assert rows > 0
    finally:
        database.close()

    runs = up.ask("{ runsOrError { ... on Runs { results { jobName tags { key value } } } } }")["runsOrError"][
        "results"
    ]
    (sync,) = [run for run in runs if run["jobName"] == "sync_iyzico"]
    tags = {tag["key"]: tag["value"] for tag in sync["tags"]}
    assert tags["dagster/schedule_name"] == "iyzico_due"
    assert tags["dagster/asset_partition_range_start"] == tenant_id


def test_the_webserver_refuses_to_launch_and_to_stop_a_schedule(up: Up) -> None:
    location = {"repositoryName": "__repository__", "repositoryLocationName": "hub"}
    launch = up.ask(
        "mutation ($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename } }",
        p={"selector": {"jobName": "models", **location}, "runConfigData": {}},
    )
    reset = up.ask(
        "mutation ($s: ScheduleSelector!) { startSchedule(scheduleSelector: $s) { __typename } }",
        s={"scheduleName": "iyzico_due", **location},
    )
    wipe = up.ask(
        'mutation { wipeAssets(assetPartitionRanges: [{assetKey: {path: ["marts", "payments"]}}]) { __typename } }'
    )
    assert [*launch.values(), *reset.values(), *wipe.values()] == [{"__typename": "UnauthorizedError"}] * 3
    runs = up.ask("{ runsOrError { ... on Runs { results { tags { key } } } } }")["runsOrError"]["results"]
    assert all({"dagster/schedule_name", "dagster/sensor_name"} & {tag["key"] for tag in run["tags"]} for run in runs)


def test_code_server_daemon_and_webserver_run_and_the_web_listens_on_loopback_only(up: Up) -> None:
    commands = {child.pid: " ".join(child.cmdline()) for child in psutil.Process(up.process.pid).children()}
    for part in ("api grpc", "dagster._daemon run", "dagster_webserver"):
        assert any(part in command for command in commands.values()), part
    (web,) = [pid for pid, command in commands.items() if "dagster_webserver" in command]
    assert "--read-only" in commands[web]
    addresses = {each.laddr.ip for each in psutil.Process(web).net_connections() if each.status == "LISTEN"}
    assert addresses == {"127.0.0.1"}
    daemons = up.ask("{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }")
    required = [each for each in daemons["instance"]["daemonHealth"]["allDaemonStatuses"] if each["required"]]
    assert "SCHEDULER" in {each["daemonType"] for each in required}


def test_a_second_hub_up_is_refused_and_leaves_the_first_one_as_it_was(up: Up) -> None:
    before = {name: (up.settings.home / name).read_bytes() for name in ("dagster/workspace.yaml", "logs/daemon.log")}
    second = subprocess.run(
        [sys.executable, "-c", "import sys; from hub.cli import main; sys.exit(main(['--lang', 'en', 'up']))"],
        cwd=ROOT,
        env=os.environ | {"HUB_HOME": str(up.settings.home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 1
    assert "serves" in second.stderr
    assert (up.settings.home / "dagster/workspace.yaml").read_bytes() == before["dagster/workspace.yaml"]
    assert (up.settings.home / "logs/daemon.log").read_bytes().startswith(before["logs/daemon.log"])
    assert up.process.poll() is None


def test_one_ctrl_c_ends_everything(up: Up) -> None:
    children = psutil.Process(up.process.pid).children(recursive=True)
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(60) == 0
    until("every process gone", lambda: not any(map(_alive, children)), seconds=30)
    with pytest.raises(httpx.ConnectError):
        httpx.get(up.url, timeout=5)


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
