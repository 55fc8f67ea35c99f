"""No 2xx without a row, nothing acknowledged lost: the receiver is killed again and again under several clients."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Condition, Event
from typing import Any

import httpx
import pytest

from hub.db.database import Database
from hub.inbox import endpoints
from hub.inbox.effects import Effects
from hub.inbox.endpoints import Issued
from hub.inbox.handling import Handling
from hub.keys.daily import DailyKeys
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from tests.conftest import MakeTenant
from tests.hub.inbox.conftest import ACTOR, KEY, Heard, account, payment
from tests.proofs import outbound_child

pytestmark = pytest.mark.prove

_CLIENTS = 6
_PATIENCE = 60


@dataclass
class Desk:
    database: Database
    keyring: Keyring
    tenant: str
    address: Issued

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.tenant(self.tenant, "app") as connection:
            return connection.execute(statement.encode(), (self.tenant,)).fetchall()

    def rows(self) -> int:
        return int(self.execute("SELECT count(*) FROM hub.inbox_events WHERE tenant_id = %s")[0][0])


@pytest.fixture
def desk(settings: Settings, database: Database, make_tenant: MakeTenant) -> Iterator[Desk]:
    keyring, tenant = Keyring(database, read_master_key(settings.master_key_file)), make_tenant()
    account((database, keyring), tenant, "iyzico", api_key="k", secret_key=KEY.reveal())
    found = Desk(database, keyring, tenant, endpoints.issue(database, tenant, "iyzico", actor=ACTOR))
    yield found
    with database.tenant(tenant, "app") as connection:
        connection.execute("DELETE FROM hub.inbox_events WHERE tenant_id = %s", (tenant,))


@dataclass
class Street:
    """What the clients know: where to call, whether anybody is there, and which events were acknowledged."""

    url: str
    path: str
    open: Event = field(default_factory=Event)
    acknowledged: set[int] = field(default_factory=set[int])
    taken: int = 0
    """Answers 2xx, those to events that were there already among them."""
    lost_answers: int = 0
    later: int = 0
    news: Condition = field(default_factory=Condition)

    def deliver(self, numbers: list[int]) -> None:
        """Each until it is acknowledged, as a patient provider does."""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=60) as client:
            for number in numbers:
                body, headers = payment(number)
                while not self._posted(client, number, body, headers):
                    assert self.open.wait(_PATIENCE)

    def _posted(self, client: httpx.Client, number: int, body: bytes, headers: dict[str, str]) -> bool:
        try:
            status = client.post(self.path, content=body, headers=headers).status_code
        except httpx.TransportError:
            with self.news:
                self.lost_answers += 1
            return False
        assert status in {200, 503}
        with self.news:
            self.later += status == 503
            if status == 200:
                self.acknowledged.add(number)
                self.taken += 1
            self.news.notify_all()
        return status == 200


def test_a_receiver_that_is_killed_under_load_loses_nothing_that_it_acknowledged(
    desk: Desk, settings: Settings, free_port: int
) -> None:
    count, chance, kills = 2_000, random.Random(6), 0
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.proofs.outbound_child"])
    street = Street(f"http://127.0.0.1:{free_port}", desk.address.path)

    def start() -> Any:
        ours, theirs = context.Pipe()
        child = context.Process(target=outbound_child.serves, args=(str(settings.home), free_port, theirs))
        child.start()
        assert ours.poll(_PATIENCE)
        street.open.set()
        return child

    # Each event comes from one client, and three of ten from another one too.
    shares: list[list[int]] = [[] for _ in range(_CLIENTS)]
    for number in range(count):
        for which in chance.sample(range(_CLIENTS), 2 if chance.random() < 0.3 else 1):
            shares[which].append(number)
    posted = sum(map(len, shares))
    receiver = start()
    try:
        with ThreadPoolExecutor(_CLIENTS) as clients:
            delivering = [clients.submit(street.deliver, share) for share in shares]
            while not all(each.done() for each in delivering):
                until = min(street.taken + chance.randint(10, 80), posted)
                with street.news:
                    assert street.news.wait_for(lambda until=until: street.taken >= until, _PATIENCE)
                if until == posted:
                    break
                street.open.clear()
                receiver.kill()
                receiver.join()
                kills += 1
                acknowledged = len(street.acknowledged)
                assert desk.rows() >= acknowledged
                receiver = start()
            for each in delivering:
                each.result()
    finally:
        receiver.kill()
        receiver.join()

    assert street.acknowledged == set(range(count))
    assert desk.rows() == count
    told = Heard()
    daily = DailyKeys(desk.database, desk.keyring)
    handling = Handling(desk.database, daily, Effects(desk.database, desk.keyring, told, told))
    handled = 0
    while turn := handling.turn(desk.tenant):
        assert turn.keys() == {"handled"}
        handled += turn["handled"]
    assert handled == count
    assert desk.execute("SELECT DISTINCT state, attempts FROM hub.inbox_events WHERE tenant_id = %s") == [
        ("handled", 1)
    ]
    print(
        f"{posted} deliveries of {count} events, {kills} kills, {street.lost_answers} answers lost, {street.later} 503"
    )
    assert kills > 20
    assert street.lost_answers > 20
