"""Who is erased is gone from every store, stays gone, and takes nobody along."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.detect.span import Span
from tests.support.erasing import MANDATE, eraser_of, person
from tests.support.overrides_shop import POLICY, Shop, order
from tests.support.shop import NoDetector, open_shop_engine, shop_installation, tckn

OWN_TCKN, OTHER_TCKN = tckn(100_000_001), tckn(200_000_002)
OWN_PHONE, OTHER_PHONE = "+90 532 000 00 01", "+90 532 000 00 02"
OWN_MAIL, OTHER_MAIL = "ali.veli@ornek.com", "baska@ornek.com"
FUTURE = datetime(2035, 1, 1, tzinfo=UTC)


class FindsPhones(NoDetector):
    """Finds the tests' own phones."""

    def scan(self, texts: Sequence[str]) -> list[list[Any]]:
        return [
            [
                Span(start, start + len(phone), "TR_PHONE")
                for phone in (OWN_PHONE, OTHER_PHONE)
                if (start := text.find(phone)) >= 0
            ]
            for text in texts
        ]


@pytest.fixture(scope="module")
def shop_settings() -> Iterator[Settings]:
    home = Path(tempfile.mkdtemp(prefix="kopru-era-"))
    try:
        with shop_installation(home, POLICY) as settings:
            yield settings
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def engine(shop_settings: Settings) -> Iterator[Engine]:
    opened = open_shop_engine(shop_settings, FindsPhones())
    yield opened
    opened.database.close()


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> Shop:
    return Shop(engine, tmp_path / "shop", FindsPhones())


def own(number: int, **changes: Any) -> dict[str, Any]:
    """An order of the person's."""
    whom = {"customer_tckn": OWN_TCKN, "customer_phone": OWN_PHONE, "customer_email": OWN_MAIL}
    return order(number, **(whom | changes))


def other(number: int, **changes: Any) -> dict[str, Any]:
    """An order of somebody else's."""
    whom = {"customer_tckn": OTHER_TCKN, "customer_phone": OTHER_PHONE, "customer_email": OTHER_MAIL}
    return order(number, **(whom | changes))


ORDERS = [
    own(0, note=f"beni {OWN_PHONE} numaradan arayın"),
    other(1, note=f"{OWN_PHONE} ile birlikte"),
    own(2, customer_tckn=None, customer_email=None),
    other(3, note="kapıya"),
]


class TestErasing:
    def test_empties_what_is_the_persons_and_keeps_facts_and_amounts(self, shop: Shop) -> None:
        shop.sync(*ORDERS)

        report = eraser_of(shop).erase(person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL), MANDATE)

        assert report.outcome == "erased"
        theirs = shop.pseudonym("phone", OTHER_PHONE)
        assert shop.landed("customer_phone") == [None, theirs, None, theirs]
        assert shop.landed("customer_tckn") == [None, shop.pseudonym("tckn", OTHER_TCKN)] * 2
        assert shop.landed("note") == ["beni <TR_PHONE> numaradan arayın", "<TR_PHONE> ile birlikte", None, "kapıya"]
        assert [float(amount) for amount in shop.landed("amount")] == [125.5] * 4
        assert shop.landed("status") == ["PAID"] * 4

    def test_shreds_the_persons_keys_and_originals_and_nobody_elses(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        eraser_of(shop).erase(person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL), MANDATE)

        assert shop.originals() == {
            shop.pseudonym("phone", OTHER_PHONE): OTHER_PHONE,
            shop.pseudonym("email", OTHER_MAIL): OTHER_MAIL,
        }
        assert shop.rows("SELECT 1 FROM vault.texts", "vault") == []
        assert shop.rows("SELECT pseudonym FROM vault.identifiers WHERE kind = 'tckn'", "vault") == [
            (shop.pseudonym("tckn", OTHER_TCKN),)
        ]

    def test_the_next_sync_brings_nobody_back_and_a_new_relation_comes_in(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        eraser_of(shop).erase(person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL), MANDATE)
        before = [shop.landed(column) for column in ("customer_tckn", "customer_phone", "customer_email", "note")]

        # The same orders, one of them changed, an old one that was never synced, and one from after the erasure.
        late = own(8, customer_phone=None, customer_tckn=None, note=f"{OWN_PHONE}")
        new = own(9, changed_at=FUTURE.isoformat())
        shop.sync(*ORDERS[1:], own(0, note=f"beni {OWN_PHONE} numaradan arayın", status="SENT"), late, new)

        for column, was in zip(("customer_tckn", "customer_phone", "customer_email"), before, strict=False):
            assert shop.landed(column)[:5] == [*was, None]
        assert shop.landed("note")[:5] == [*before[3], "<TR_PHONE>"]
        assert shop.landed("status")[0] == "SENT"
        assert shop.landed("customer_tckn")[5] == shop.pseudonym("tckn", OWN_TCKN)
        assert shop.originals()[shop.pseudonym("phone", OWN_PHONE)] == OWN_PHONE
        assert shop.rows("SELECT 1 FROM vault.texts", "vault") == []
