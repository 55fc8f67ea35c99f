"""An erasure that ends half-way, meets a load or another erasure, or finds nobody: it is gone on with, and says so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Thread
from typing import Any

import pytest

from hub.kvkk.person import Person
from hub.kvkk.stores import Destroyed, Held, Store
from hub.kvkk.stores.landing import LandingStore
from tests.support.erased_people import (
    ORDERS,
    OTHER_MAIL,
    OTHER_PHONE,
    OTHER_TCKN,
    OWN_MAIL,
    OWN_PHONE,
    OWN_TCKN,
)
from tests.support.erasing import MANDATE, eraser_of, hub_of, person, stores_of
from tests.support.overrides_shop import Shop


class Stop(Exception):
    """The process ends here."""


class Ending:
    """A store whose process ends before or after its work, once for each."""

    def __init__(self, store: Store, stops: list[str]) -> None:
        self._store = store
        self._stops = stops
        self.name = store.name

    def tables(self) -> frozenset[str]:
        return self._store.tables()

    def find(self, person: Person) -> list[Held]:
        return self._store.find(person)

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        self._stop("before")
        done = self._store.erase(person, before=before)
        self._stop("after")
        return done

    def verify(self, person: Person, *, before: datetime) -> int:
        self._stop("verify")
        return self._store.verify(person, before=before)

    def _stop(self, place: str) -> None:
        mark = f"{self.name} {place}"
        if mark not in self._stops:
            self._stops.append(mark)
            raise Stop(mark)


class TestInterrupted:
    def test_wherever_it_ends_it_is_gone_on_with_and_logged_once(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hub.kvkk.stores.landed.ROWS_AT_ONCE", 1)
        shop.sync(*ORDERS)
        whom = {"tckn": OWN_TCKN, "phone": OWN_PHONE, "email": OWN_MAIL}
        stops: list[str] = []
        batches: list[str] = []

        def end_of_batch(stage: str) -> None:
            if len(batches) < 2:
                batches.append(stage)
                raise Stop(stage)

        landing, *others = stores_of(shop)
        assert landing.name == "landing"
        stores = [Ending(each, stops) for each in (LandingStore(hub_of(shop), end_of_batch), *others)]
        tries = 0
        while True:
            tries += 1
            try:
                report = eraser_of(shop, stores).erase(person(shop, **whom), MANDATE)
                break
            except Stop:
                assert tries < 40

        assert report.outcome == "erased"
        assert len(batches) == 2
        assert {"landing after", "vault before", "vault after", "vault verify"} <= set(stops)
        assert shop.landed("customer_phone") == [None, shop.pseudonym("phone", OTHER_PHONE)] * 2
        assert shop.originals().keys() == {shop.pseudonym("phone", OTHER_PHONE), shop.pseudonym("email", OTHER_MAIL)}
        assert shop.rows("SELECT state, count(*) FROM hub.erasures GROUP BY state", "app") == [("done", 1)]
        logged = shop.rows("SELECT dataset, category, records, verified FROM hub.destructions", "app")
        # What was found before the first interruption, and not only what the last try had left to do.
        assert ("landing.siparis_orders", "ILETISIM", 2, "none_left") in logged
        assert ("vault.originals", "ILETISIM", 3, "none_left") in logged
        assert len({row[0] for row in shop.rows("SELECT destruction_id FROM hub.destructions", "app")}) == 1

    def test_what_a_store_leaves_is_said_and_the_index_stays_to_find_it(self, shop: Shop) -> None:
        class Leaving(Ending):
            def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
                return []

            def verify(self, person: Person, *, before: datetime) -> int:
                return self._store.verify(person, before=before)

        shop.sync(*ORDERS)
        landing, *others = stores_of(shop)
        report = eraser_of(shop, [Leaving(landing, []), *others]).erase(person(shop, tckn=OWN_TCKN), MANDATE)

        assert report.outcome == "left"
        assert report.left.keys() == {"landing"}
        assert shop.pseudonym("email", OWN_MAIL) in shop.originals()
        assert shop.rows("SELECT DISTINCT verified FROM hub.destructions", "app") == [("left",)]

        assert eraser_of(shop).erase(person(shop, tckn=OWN_TCKN), MANDATE).outcome == "erased"
        assert shop.rows("SELECT state FROM hub.erasures", "app") == [("done",)]

    @pytest.mark.parametrize(
        ("moment", "code"),
        [("gated", "erased_meanwhile"), ("vaulted", "claim_lost"), ("staged", "claim_lost")],
    )
    def test_a_load_under_way_brings_nothing_back_behind_the_erasure(self, shop: Shop, moment: str, code: str) -> None:
        shop.sync(ORDERS[0])
        whom = person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL)
        erasing: list[Thread] = []

        def erase_then(stage: str, tenant_id: str) -> None:
            if stage == moment and tenant_id == shop.tenant_id and not erasing:
                erasing.append(Thread(target=lambda: eraser_of(shop).erase(whom, MANDATE)))
                erasing[0].start()
                if moment != "vaulted":  # there the erasure waits for the originals under way
                    erasing[0].join()
            if stage == "staged" and erasing:
                erasing[0].join()

        result = shop.sync(*ORDERS, hook=erase_then)

        (outcome,) = result.tenants[shop.tenant_id].outcomes
        assert outcome.failed is not None
        assert outcome.failed.code == code
        stored = {row[0] for row in shop.rows("SELECT pseudonym FROM vault.identifiers", "vault")}
        assert stored & whom.pseudonyms == set()
        assert shop.landed("customer_tckn") == [None]
        shop.sync(*ORDERS)
        assert shop.landed("customer_tckn") == [None, shop.pseudonym("tckn", OTHER_TCKN)] * 2


class TestNothing:
    def test_whom_nobody_knows_is_told_so_and_stays_out_all_the_same(self, shop: Shop) -> None:
        shop.sync(*ORDERS[1:2])

        report = eraser_of(shop).erase(person(shop, tckn=OWN_TCKN), MANDATE)

        assert (report.outcome, report.held, report.kept) == ("nothing", [], [])
        assert shop.rows("SELECT 1 FROM hub.destructions", "app") == []
        shop.sync(*ORDERS[:2])
        assert shop.landed("customer_tckn") == [None, shop.pseudonym("tckn", OTHER_TCKN)]

    def test_of_two_at_once_one_erases_and_the_other_says_that_there_was_nothing(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        whom = person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL)

        with ThreadPoolExecutor(2) as threads:
            reports = list(threads.map(lambda eraser: eraser.erase(whom, MANDATE), [eraser_of(shop), eraser_of(shop)]))

        assert sorted(report.outcome for report in reports) == ["erased", "nothing"]
        assert shop.landed("customer_tckn") == [None, shop.pseudonym("tckn", OTHER_TCKN)] * 2

    def test_the_person_is_looked_for_when_nobody_else_erases(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        free: list[Any] = []

        def whom() -> Person:
            free.extend(
                shop.rows(f"SELECT pg_try_advisory_xact_lock(hashtextextended('hub.policy.{shop.tenant_id}', 0))")
            )
            return person(shop, tckn=OWN_TCKN)

        assert eraser_of(shop).find_and_erase(shop.tenant_id, whom, MANDATE).outcome == "erased"
        assert free == [(False,)]
