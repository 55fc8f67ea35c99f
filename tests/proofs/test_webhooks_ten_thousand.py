"""R5: 10,000 webhooks of all providers, doubled, shuffled, partly badly signed, while the database crashes.

The served front door is a process of its own, as under `hub up`; several clients send as providers do, again until they
are answered. No 2xx without a row, nothing lost that was acknowledged, one effect each, nothing of a bad signature.
No provider here signs a time, so none can be stale. The small form is tests/hub/api/test_webhooks.py.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from hub.api.serve import listen
from hub.db import postgres
from hub.settings import Settings
from tests.proofs.outbound_house import home
from tests.proofs.webhook_calls import PATIENCE, Street, deliveries, judge, shop

pytestmark = pytest.mark.prove

_COUNT = 10_000
_CLIENTS = 6
_CRASHES = (0.25, 0.5, 0.75)
"""After which parts of the calls were acknowledged the server is stopped as a crash stops it."""


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """A worker of the front door on a socket of ours."""
    with listen("127.0.0.1", 0) as listening:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub.api.serve", str(listening.fileno())],
            env=os.environ | {"HUB_HOME": str(settings.home), "HUB_POOL_WAIT_SECONDS": "1"},
            pass_fds=[listening.fileno()],
        )
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            assert httpx.get(f"{url}/healthz", timeout=PATIENCE).status_code == 200
            yield url
        finally:
            process.terminate()
            process.wait()


def test_ten_thousand_webhooks_take_effect_once_each_while_the_database_crashes() -> None:
    with home() as ours, served(ours.settings) as url, ExitStack() as servers:
        shops = [shop(ours.database, ours.keyring, ours.tenant()) for _ in range(2)]
        calls = deliveries(shops, _COUNT, random.Random(10_000))
        genuine = sum(call.genuine for _, call in calls)
        street = Street(url)
        street.open.set()
        with street.deliver(_CLIENTS, calls):
            for part in _CRASHES:
                with street.news:
                    assert street.news.wait_for(lambda part=part: len(street.acknowledged) > part * genuine, PATIENCE)
                street.open.clear()
                postgres.stop(ours.settings, "data", immediate=True)
                acknowledged = set(street.acknowledged)
                # The clients run into it, each until it is told so or hears nothing.
                with street.news:
                    seen = street.later + street.lost
                    assert street.news.wait_for(lambda seen=seen: street.later + street.lost > seen, PATIENCE)
                servers.enter_context(postgres.running(ours.settings))
                for at in shops:
                    mine = {
                        event_id
                        for number in acknowledged
                        if calls[number][0] is at
                        for event_id in at.ids(calls[number][1])
                    }
                    assert mine <= at.rows()
                street.open.set()
        for client in street.clients:
            client.result()
        judge(shops, calls, street)
        print(
            f"{len(calls)} deliveries, {genuine} of them genuine; {street.later} answered 503, {street.lost} answers"
            f" lost, refused {dict(street.refused)}"
        )
        assert street.later + street.lost >= len(_CRASHES)
