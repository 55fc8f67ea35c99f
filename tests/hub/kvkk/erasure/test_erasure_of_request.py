"""An erasure that a request began is gone on with by that request, though the desk has forgotten whom it is about."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hub.keys.shredding import living
from hub.kvkk.erasure.handle import erase
from hub.kvkk.erasure.run import Eraser, Mandate, Report
from hub.kvkk.person import Person
from hub.kvkk.retention.statutes import Statute
from hub.kvkk.stores import Destroyed
from hub.kvkk.stores.vault import VaultStore
from hub.settings import Settings
from hub.sync.batch import Engine
from tests.support.erasing import MANDATE, eraser_of, hub_of, person, stores_of
from tests.support.overrides_shop import POLICY, Shop, order
from tests.support.shop import NoDetector, open_shop_engine, shop_installation, tckn

TCKN = tckn(100_000_001)
KEPT = Statute("TTK 6102 m. 82", 10, "end_of_year", {"siparis.orders": ("customer_email",)})


@pytest.fixture(scope="module")
def shop_settings() -> Iterator[Settings]:
    with shop_installation(POLICY) as settings:
        yield settings


@pytest.fixture(scope="module")
def engine(shop_settings: Settings) -> Iterator[Engine]:
    opened = open_shop_engine(shop_settings, NoDetector())
    yield opened
    opened.database.close()


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> Shop:
    made = Shop(engine, tmp_path / "shop", NoDetector())
    made.sync(order(1, customer_tckn=TCKN, customer_phone="+90 532 000 00 01", customer_email="ali.veli@ornek.com"))
    return made


def request(shop: Shop, whom: Person) -> UUID:
    """An erasure that the desk has in progress."""
    request_id = uuid4()
    with shop.engine.database.tenant(shop.tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.requests (tenant_id, request_id, type, state, channel, received_at, due_at, created_by)"
            " VALUES (%s, %s, 'erase', 'in_progress', 'web', now(), now(), 'test')",
            (shop.tenant_id, request_id),
        )
        for each in whom.identifiers:
            connection.execute(
                "INSERT INTO hub.request_identifiers VALUES (%s, %s, %s, %s, true)",
                (shop.tenant_id, request_id, each.kind, each.pseudonym),
            )
        for subject in whom.subjects:
            connection.execute(
                "INSERT INTO hub.request_subjects (tenant_id, request_id, subject_id, reached_by, decision)"
                " VALUES (%s, %s, %s, 'strong', 'included')",
                (shop.tenant_id, request_id, subject),
            )
    return request_id


def ground(shop: Shop, request_id: UUID) -> str | None:
    with shop.engine.database.tenant(shop.tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT refusal_code FROM hub.requests WHERE tenant_id = %s AND request_id = %s",
            (shop.tenant_id, request_id),
        ).fetchone()
    assert row is not None
    return row[0]


def run(shop: Shop, eraser: Eraser, request_id: UUID) -> Report:
    engine = shop.engine
    return erase(
        eraser, engine.database, engine.keyring, shop.tenant_id, Mandate(MANDATE.actor, request_id), request_id
    )


class Dies(VaultStore):
    """A process that is killed when everything but the vault is done."""

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        raise KeyboardInterrupt


def test_one_that_was_killed_before_the_vault_is_brought_to_its_end_by_the_same_request(shop: Shop) -> None:
    whom = person(shop, tckn=TCKN)
    request_id = request(shop, whom)
    with pytest.raises(KeyboardInterrupt):
        run(shop, eraser_of(shop, (*stores_of(shop)[:-1], Dies(hub_of(shop)))), request_id)
    assert living(shop.engine.database, shop.tenant_id, set(whom.subjects)) > 0

    assert run(shop, eraser_of(shop), request_id).outcome == "erased"

    assert living(shop.engine.database, shop.tenant_id, set(whom.subjects)) == 0
    assert run(shop, eraser_of(shop), request_id).outcome == "erased"


def test_what_a_statute_keeps_is_still_told_when_the_request_is_started_again(shop: Shop) -> None:
    request_id = request(shop, person(shop, tckn=TCKN))
    first = run(shop, eraser_of(shop, statutes=(KEPT,)), request_id)
    assert (first.outcome, ground(shop, request_id)) == ("partly", "statutory_retention")

    again = run(shop, eraser_of(shop, statutes=(KEPT,)), request_id)

    assert (again.outcome, again.erasure_id, again.kept) == ("partly", first.erasure_id, first.kept)
    assert ground(shop, request_id) == "statutory_retention"


def test_whom_only_the_request_itself_names_is_told_that_there_was_nothing(shop: Shop) -> None:
    request_id = request(shop, person(shop, tckn=tckn(300_000_003)))
    assert run(shop, eraser_of(shop), request_id).outcome == "nothing"
    assert run(shop, eraser_of(shop), request_id).outcome == "nothing"


def test_of_two_runs_of_one_request_at_once_none_takes_back_what_the_other_wrote(shop: Shop) -> None:
    request_id = request(shop, person(shop, tckn=TCKN))
    eraser = eraser_of(shop, statutes=(KEPT,))
    with ThreadPoolExecutor(2) as threads:
        begun = [threads.submit(run, shop, eraser, request_id) for _ in range(2)]
        reports = [each.result() for each in begun]
    assert [each.outcome for each in reports] == ["partly", "partly"]
    assert reports[0].erasure_id == reports[1].erasure_id
    assert ground(shop, request_id) == "statutory_retention"
