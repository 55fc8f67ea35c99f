"""One tenant's limit over several API processes, by Postgres and by a real Redis that is killed and comes back.

The processes are the hub's own workers, each with a socket of its own so that every one of them is asked. The bucket
gives nothing back for as long as the test takes, so that what comes through can be counted to the last call.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from psycopg.types.json import Jsonb

from hub.api.serve import listen
from hub.identity import api_keys
from hub.identity.permissions import ROLES, Role
from hub.kvkk import audit
from tests.support.waiting import until

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings
    from tests.conftest import MakeTenant

pytestmark = pytest.mark.prove

OPERATOR = audit.Actor("test", "operator")
WORKERS, CLIENTS = 3, 6
PATIENCE = 120
BURST, PER_MINUTE = 400, 1
"""A token a minute: what a run of the test gets beyond the burst is that of its minutes."""
SECONDS_A_TOKEN = 60 // PER_MINUTE


@contextmanager
def workers(settings: Settings, **told: str) -> Generator[list[str]]:
    """Their addresses, once each answers."""
    with ExitStack() as stack:
        urls: list[str] = []
        for _ in range(WORKERS):
            listening = stack.enter_context(listen("127.0.0.1", 0))
            process = subprocess.Popen(
                [sys.executable, "-m", "hub.api.serve", str(listening.fileno())],
                env=os.environ | {"HUB_HOME": str(settings.home)} | told,
                pass_fds=[listening.fileno()],
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            urls.append(f"http://127.0.0.1:{listening.getsockname()[1]}")
        for url in urls:
            assert httpx.get(f"{url}/healthz", timeout=PATIENCE).status_code == 200
        yield urls


@dataclass
class Flood:
    """Clients that call all workers at once with one tenant's key, and what they hear."""

    urls: Sequence[str]
    tenant: str
    key: str
    statuses: Counter[int] = field(default_factory=Counter[int])
    waits: list[int] = field(default_factory=list[int])
    wrong: list[str] = field(default_factory=list[str])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, each: int) -> None:
        """Every client calls so many times."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            for done in [pool.submit(self._calls, number, each) for number in range(CLIENTS)]:
                done.result()

    def _calls(self, number: int, each: int) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx.Client(base_url=self.urls[number % len(self.urls)], headers=headers, timeout=PATIENCE) as client:
            for _ in range(each):
                self._hear(client.get("/api/v1/freshness"))

    def _hear(self, answer: httpx.Response) -> None:
        told = re.fullmatch(r'"api";r=(\d+);t=(\d+)', answer.headers.get("ratelimit", ""))
        policy = answer.headers.get("ratelimit-policy")
        wait = answer.headers.get("retry-after")
        refused = answer.status_code == 429
        with self.lock:
            self.statuses[answer.status_code] += 1
            if told is None or policy != f'"api";q={BURST};w={BURST * SECONDS_A_TOKEN}' or refused == (wait is None):
                self.wrong.append(f"{answer.status_code} {dict(answer.headers)}")
            if refused and wait is not None and told is not None:
                self.waits.append(int(wait))
                if told[1] != "0" or not int(wait) <= int(told[2]) <= BURST * SECONDS_A_TOKEN:
                    self.wrong.append(f"{wait} {told[0]}")


@pytest.fixture
def flood_of(database: Database, make_tenant: MakeTenant) -> Any:
    def made(urls: Sequence[str]) -> Flood:
        tenant = make_tenant(limits=Jsonb({"api_calls_per_minute": PER_MINUTE, "api_burst": BURST}))
        new = api_keys.NewKey(label="test", scopes=ROLES[Role.MACHINE])
        return Flood(urls, tenant, api_keys.create(database, tenant, new, actor=OPERATOR).secret)

    return made


@dataclass
class Redis:
    """A server on a socket that stays the same."""

    home: Path
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.home}/redis.sock"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None
        command = [
            program,
            "--port",
            "0",
            "--unixsocket",
            str(self.home / "redis.sock"),
            "--save",
            "",
            "--dir",
            self.home,
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "eady to accept connections" in line:
                return
        raise AssertionError("redis-server ended")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


@pytest.fixture
def redis() -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian: redis-server)")
    # Under /tmp and not pytest's own directory: a unix socket's path has 107 bytes.
    server = Redis(Path(tempfile.mkdtemp(prefix="kopru-redis-")))
    server.start()
    yield server
    server.kill()
    shutil.rmtree(server.home, ignore_errors=True)


def _counts_in(redis: Redis, probe: Flood) -> bool:
    """Whether a process that was just asked left the tenant's bucket in Redis."""
    from redis import Redis as Client

    probe.call(1)
    with Client.from_url(redis.url) as client:
        return any(probe.tenant.encode() in key for key in client.scan_iter())


@pytest.mark.parametrize("store", ["postgres", "redis"])
def test_all_processes_together_let_the_plans_calls_through_and_no_more(
    settings: Settings, flood_of: Any, request: pytest.FixtureRequest, store: str
) -> None:
    told = {"HUB_REDIS_URL": request.getfixturevalue("redis").url} if store == "redis" else {}
    with workers(settings, **told) as urls:
        flood = flood_of(urls)
        flood.call(200)
    print(store, dict(flood.statuses))
    assert flood.wrong == []
    assert set(flood.statuses) == {200, 429}
    # A chunk that a process took and did not spend goes stale at the bucket's own pace: it may be missing here.
    most_held = WORKERS * (BURST // 8)
    assert BURST - most_held <= flood.statuses[200] <= BURST + PATIENCE // SECONDS_A_TOKEN
    assert min(flood.waits) >= 1
    assert max(flood.waits) <= SECONDS_A_TOKEN


def test_while_redis_is_away_each_process_counts_for_itself_and_nobody_sees_an_error(
    settings: Settings, flood_of: Any, redis: Redis
) -> None:
    with workers(settings, HUB_REDIS_URL=redis.url) as urls:
        before = flood_of(urls)
        before.call(200)
        assert set(before.statuses) == {200, 429}

        redis.kill()
        away = flood_of(urls)
        away.call(300)
        print("away", dict(away.statuses))
        assert away.wrong == []
        assert set(away.statuses) == {200, 429}
        # docs/limits.md: so many processes let through so many times the limit.
        assert BURST <= away.statuses[200] <= WORKERS * (BURST + PATIENCE // SECONDS_A_TOKEN)

        redis.start()
        for url in urls:
            until("it counts in Redis again", lambda url=url: _counts_in(redis, flood_of([url])), seconds=PATIENCE)
        back = flood_of(urls)
        back.call(300)
        print("back", dict(back.statuses))
        assert back.wrong == []
        assert set(back.statuses) == {200, 429}
        assert back.statuses[200] <= BURST + PATIENCE // SECONDS_A_TOKEN
