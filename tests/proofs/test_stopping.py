"""`hub up` under load: a worker that is killed is replaced, and SIGTERM ends nothing that was begun or acknowledged.

Several clients send a provider's calls to two workers, again until they are answered; the last ones reach a worker that
was started after the end. The judge reads the inbox.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from hub.api.serve import listen
from hub.db import postgres
from hub.db.database import Database
from hub.inbox import endpoints
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from tests.hub.inbox.conftest import ACTOR, account
from tests.proofs.webhook_calls import CREDENTIALS, PATIENCE, SETTINGS, Shop, Street, made
from tests.support.accounts import add_tenant
from tests.support.running_hub import Up, running_hub
from tests.support.waiting import until

if TYPE_CHECKING:
    from hub.settings import Settings

pytestmark = pytest.mark.prove

_COUNT, _CLIENTS = 1_500, 4
_BODY = b'{"login": "kimse@ornek.com.tr"}'
_IYZICO = "iyzico"


def test_a_killed_worker_is_replaced_and_sigterm_loses_nothing_that_was_acknowledged(free_port: int) -> None:
    with running_hub(migrated=True, HUB_API_WORKERS="2", HUB_API_PORT=str(free_port)) as up:
        database = Database(up.settings)
        at = _shop(database, Keyring(database, read_master_key(up.settings.master_key_file)))
        calls = [(at, made(_IYZICO, at.paths[_IYZICO], number)) for number in range(_COUNT)]
        calls += random.Random(5).sample(calls, _COUNT // 3)
        street = Street(up.door)
        street.open.set()
        with street.deliver(_CLIENTS, calls):
            _acknowledged(street, 300)
            before = _workers(up)
            assert len(before) == 2
            os.kill(before[0], signal.SIGKILL)
            after = until("another worker", lambda: _replaced(up, before), seconds=PATIENCE)
            _acknowledged(street, len(street.acknowledged) + 300)
            assert before[1] in after
            assert up.process.poll() is None

            with _half_a_call(free_port) as call:
                street.open.clear()
                up.process.send_signal(signal.SIGTERM)
                until("nobody takes calls any more", lambda: _is_refused(free_port), seconds=PATIENCE)
                call.sendall(_BODY[5:])
                answer = call.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 202 "), answer.partition(b"\r\n")[0]
            assert up.process.wait(PATIENCE) == 0
            at_the_end = set(street.acknowledged)
            assert len(at_the_end) < len(calls)

            with postgres.running(up.settings):
                assert {event for number in at_the_end for event in at.ids(calls[number][1])} <= at.rows()
                with _served(up.settings, free_port):
                    street.open.set()
                    for client in street.clients:
                        client.result()
                assert street.acknowledged == set(range(len(calls)))
                assert at.rows() == {event for _, call in calls for event in at.ids(call)}
        database.close()
    print(f"{len(calls)} calls, {len(at_the_end)} acknowledged at the end; {street.later} put off, {street.lost} lost")


def _shop(database: Database, keyring: Keyring) -> Shop:
    """With an account that leads nowhere: what the hub's own daemon makes of the events is not asked here."""
    tenant = add_tenant(database)
    account((database, keyring), tenant, _IYZICO, **CREDENTIALS[_IYZICO])
    with database.tenant(tenant, "app") as connection:
        connection.execute(
            "UPDATE hub.integrations SET settings = %s::jsonb, base_url = 'http://127.0.0.1:1' WHERE tenant_id = %s",
            (json.dumps(SETTINGS[_IYZICO]), tenant),
        )
    return Shop(database, keyring, tenant, {_IYZICO: endpoints.issue(database, tenant, _IYZICO, actor=ACTOR).path})


def _acknowledged(street: Street, so_many: int) -> None:
    with street.news:
        assert street.news.wait_for(lambda: len(street.acknowledged) > so_many, PATIENCE)


def _workers(up: Up) -> list[int]:
    children = psutil.Process(up.process.pid).children()
    living = [each for each in children if each.status() != psutil.STATUS_ZOMBIE]
    return [each.pid for each in living if "hub.api.serve" in each.cmdline()]


def _replaced(up: Up, before: list[int]) -> list[int] | None:
    now = _workers(up)
    return now if len(now) == 2 and before[0] not in now else None


@contextmanager
def _half_a_call(port: int) -> Iterator[socket.socket]:
    """A call whose function has begun to read the body, and waits for the rest of it."""
    head = (
        "POST /api/v1/auth/forgotten HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(_BODY)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as call:
        call.sendall(head.encode())
        assert call.recv(65_536).startswith(b"HTTP/1.1 100 ")
        call.sendall(_BODY[:5])
        yield call


def _is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except ConnectionError:
        return True
    return False


@contextmanager
def _served(settings: Settings, port: int) -> Iterator[None]:
    with listen("127.0.0.1", port) as listening:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub.api.serve", str(listening.fileno())],
            env=os.environ | {"HUB_HOME": str(settings.home)},
            pass_fds=[listening.fileno()],
        )
        try:
            assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE).status_code == 200
            yield
        finally:
            process.terminate()
            process.wait()
