"""Whoever guesses at the receiver is put off soon and cheaply, and nobody who is right is held up by it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

import httpx
import pytest

from hub.inbox import doors, endpoints, strangers
from hub.inbox.strangers import ACTION
from tests.hub.api.attacking import entries
from tests.proofs.webhook_calls import Shop, made, shop

if TYPE_CHECKING:
    from hub.api.services import Services
    from hub.db.database import Database
    from tests.conftest import MakeTenant
    from tests.hub.api.conftest import Door

Served = tuple["Services", str]
BURST = 4
MANY = 30
_NETWORKS = count(11)


def network(url: str) -> httpx.Client:
    """A client whose address is nobody else's: what other tests count stays as it is."""
    mine = httpx.HTTPTransport(local_address=f"127.{next(_NETWORKS)}.0.1")
    return httpx.Client(base_url=url, transport=mine, timeout=30)


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every look-up of one address, by provider, and of all."""
    found: list[str] = []
    whose, every = endpoints.whose, endpoints.all_hashes

    def one(database: Database, provider: str, sought: bytes) -> str | None:
        found.append("one")
        return whose(database, provider, sought)

    def all_of_them(database: Database) -> set[bytes]:
        found.append("all")
        return every(database)

    monkeypatch.setattr(endpoints, "whose", one)
    monkeypatch.setattr(endpoints, "all_hashes", all_of_them)
    return found


@pytest.fixture
def street(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A client of a network of its own, which may be wrong four times and then once a minute."""
    monkeypatch.setattr(strangers, "REFUSED_PER_MINUTE", 1)
    monkeypatch.setattr(strangers, "REFUSED_BURST", BURST)
    with network(served[1]) as client:
        yield client


@pytest.fixture
def at(served: Served, make_tenant: MakeTenant) -> Shop:
    services, _ = served
    return shop(services.database, services.keyring, make_tenant())


def sent(street: httpx.Client, at: Shop, number: int, *, genuine: bool = True, provider: str = "iyzico") -> int:
    call = made(provider, at.paths[provider], number, genuine=genuine)
    return street.post(call.path, content=call.body, headers=dict(call.headers)).status_code


def test_guessed_addresses_are_soon_put_off_without_a_look_up(
    street: httpx.Client, at: Shop, lookups: list[str], door: Door
) -> None:
    before = entries(door, None, ACTION)
    answers = [street.post(f"/hooks/iyzico/guess-{number}", content=b"{}") for number in range(MANY)]

    assert [each.status_code for each in answers] == [404] * BURST + [429] * (MANY - BURST)
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json() == {"error": "too_many_calls"}
    # The one that found the bucket empty looked too.
    assert lookups.count("one") == BURST + 1
    assert lookups.count("all") <= 2
    # One entry a minute for all of it, with its number; the rest of this minute's comes with the next.
    assert len(entries(door, None, ACTION)) - len(before) <= 1

    # Nobody has called there before, so it is in no memory of doors: all the same it is there.
    assert sent(street, at, 1) == 200
    # And another network may guess as before.
    with network(str(street.base_url)) as another:
        assert another.post("/hooks/iyzico/guess", content=b"{}").status_code == 404


def test_wrong_signatures_are_put_off_and_hold_up_no_right_one(
    street: httpx.Client, at: Shop, lookups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "READ_ALL_AGAIN_SECONDS", 0.0)  # the address is younger than another test's list
    wrong, right = list[int](), list[int]()
    for number in range(MANY):
        wrong.append(sent(street, at, number, genuine=False))
        right.append(sent(street, at, number))

    assert set(wrong[:BURST]) <= {401, 403}
    assert set(wrong[BURST:]) == {429}
    assert right == [200] * MANY
    # One when the address was first called, one for each that was refused, and then one a second.
    assert lookups.count("one") < MANY
    # A provider's question whether the address is ours is put off with the wrong ones, and answered when it is right.
    asks = {"hub.mode": "subscribe", "hub.challenge": "42"}
    told = [street.get(at.paths["whatsapp"], params={**asks, "hub.verify_token": word}) for word in ("x", "vt")]
    assert [each.status_code for each in told] == [429, 200]


def test_an_address_that_ended_is_looked_up_once_and_not_for_each_call(
    street: httpx.Client, at: Shop, lookups: list[str]
) -> None:
    with at.database.tenant(at.tenant, "app") as connection:
        connection.execute("UPDATE hub.tenants SET active = false WHERE tenant_id = %s", (at.tenant,))
    statuses = [sent(street, at, number) for number in range(MANY)]
    assert statuses == [404] * BURST + [429] * (MANY - BURST)
    assert lookups.count("one") <= BURST + 4
