"""`hub inbox` and `hub integrations webhook` as a person types them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from hub.settings import Settings
from tests.hub.cli.conftest import Run
from tests.hub.inbox.conftest import KEY, payment

ROOT = Path(__file__).parents[3]


@pytest.fixture
def connected(hub: Run, tenant: dict[str, Any]) -> str:
    """A tenant with an iyzico account."""
    given = json.dumps({"api_key": "k", "secret_key": KEY.reveal()})
    done = hub("integrations", "set", "iyzico", "--tenant", tenant["subdomain"], "--json", stdin=given)
    assert done.status == 0, done.err
    return str(tenant["subdomain"])


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """`hub inbox serve` in a process of its own."""
    command = "import sys; from hub.cli import main; sys.exit(main(['--lang', 'en', 'inbox', 'serve', '--port', '0']))"
    environment = os.environ | {"HUB_HOME": str(settings.home), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    ) as process:
        try:
            yield _address(process.stdout)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _address(output: IO[bytes] | None) -> str:
    assert output is not None
    found = re.search(r"http://\S+", output.readline().decode())
    assert found is not None
    return found.group()


def test_an_address_is_shown_once_and_rotated_with_an_overlap(hub: Run, connected: str) -> None:
    reference = ("iyzico", "--tenant", connected)
    first = hub("integrations", "webhook", *reference, "--json").json()
    again = hub("integrations", "webhook", *reference)
    rotated = hub("integrations", "webhook", *reference, "--rotate", "--json").json()
    ended = hub("integrations", "webhook", *reference, "--at-once")

    assert re.fullmatch(r"/hooks/iyzico/[\w-]{43}", first["path"])
    assert first["others_until"] is None
    assert (again.status, "--rotate" in again.err) == (1, True)
    assert rotated["path"] != first["path"]
    assert rotated["others_until"] is not None
    assert ended.out.startswith("/hooks/iyzico/")
    assert "not shown again" in ended.err
    log = hub("kvkk", "audit", "list", "--tenant", connected, "--json").out
    assert log.count("integration.webhook_issued") == 3
    assert first["path"].rpartition("/")[2] not in log


def test_a_provider_that_never_calls_gets_no_address(hub: Run, connected: str) -> None:
    assert "arvento" in hub("integrations", "webhook", "arvento", "--tenant", connected).err


def test_what_is_served_is_listed_without_what_it_says_and_can_be_replayed(
    hub: Run, connected: str, settings: Settings
) -> None:
    path = hub("integrations", "webhook", "iyzico", "--tenant", connected, "--json").json()["path"]
    body, headers = payment("90210")
    # One that a process lets through by itself, one in the bucket that all share, and no more: the plan's limit holds.
    changed = hub("tenants", "change", connected, "--limit", "webhooks_per_minute=1")
    assert changed.status == 0, changed.err
    with serving(settings) as url:
        answer, _repeated, beyond = (
            httpx.post(url + path, content=body, headers=headers, trust_env=False) for _ in range(3)
        )
    assert (beyond.status_code, beyond.json()) == (429, {"error": "too_many_calls"})
    assert (answer.status_code, answer.json()) == (200, {"events": 1, "new": 1})
    assert "server" not in answer.headers

    listed = hub("inbox", "list", "--tenant", connected)
    assert "API_AUTH" in listed.out
    assert "90210" not in listed.out
    (event,) = hub("inbox", "list", "--tenant", connected, "--json").json()
    assert (event["state"], event["signature"], event["attempts"]) == ("received", "verified", 0)
    assert hub("inbox", "list", "--tenant", connected, "--provider", "bulutfon", "--json").json() == []

    hours = ("--from", "2026-01-01T00:00+03:00")
    assert hub("inbox", "replay", "--tenant", connected, *hours, "--json").json() == {"events": 0, "unreadable": 0}
    assert "time" in hub("inbox", "replay", "--tenant", connected, "--from", "yesterday").err
