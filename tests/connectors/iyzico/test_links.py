"""Payment links over real HTTP: made once, found in the list of links, taken out of use."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from connectors.actions import Absent, Act, CannotTell, Found, Refused, Taken, Unclear
from connectors.iyzico import settings
from connectors.iyzico.actions import PAYMENT_LINK, PAYMENT_LINK_DISABLE
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.iyzico.acts import acts_of
from connectors.sandbox.server import Sandbox
from tests.connectors.acting import act, asked, attempted
from tests.connectors.findeks.bureau import ScriptedGateway
from tests.connectors.iyzico.test_checks import PNG
from tests.connectors.stand_still import START, spec, spec_at

_SHOPS = count()
KEYS = {"api_key": "key", "secret_key": "secret"}
PRODUCT = {"name": "Deneme ürünü", "description": "Bir adet", "amount": "120.50", "currency": "TRY", "image": PNG}
FAST = {"amount": "120.50", "currency": "TRY", "fast": True}


@pytest.fixture
def shop() -> str:
    return f"links-{next(_SHOPS)}"


def link(reference: str = "link1", payload: dict[str, Any] | None = None, **changes: Any) -> Act:
    return act(reference, payload or PRODUCT, at=START, **changes)


def made(sandbox: Sandbox, shop: str) -> dict[str, int]:
    return dict(sandbox.world.ledger.counts(provider="iyzico", company=shop, what="payment_link"))


class TestMaking:
    def test_a_link_is_made_and_its_address_kept_sealed(self, sandbox: Sandbox, shop: str) -> None:
        outcome = attempted(PAYMENT_LINK, spec(sandbox, shop), link())
        assert isinstance(outcome, Taken)
        token = outcome.provider_reference
        assert outcome.private["url"] == f"https://sandbox.iyzi.link/{token}"
        assert str(token) not in repr(outcome)
        assert made(sandbox, shop) == {"link1": 1}
        (stands,) = acts_of(sandbox.world).links[shop]
        assert (stands.name, stands.price, stands.conversation_id) == ("Deneme ürünü", "120.50", "link1")

    def test_a_fast_link_needs_an_ordinary_one_first(self, sandbox: Sandbox, shop: str) -> None:
        assert isinstance(attempted(PAYMENT_LINK, spec(sandbox, shop), link("fast1", FAST)), Refused)
        attempted(PAYMENT_LINK, spec(sandbox, shop), link())
        assert isinstance(attempted(PAYMENT_LINK, spec(sandbox, shop), link("fast2", FAST)), Taken)
        assert made(sandbox, shop) == {"link1": 1, "fast2": 1}

    @pytest.mark.parametrize(("fault", "stands"), [("cut_after", 1), ("cut_before", 0), ("truncated", 1)])
    def test_without_an_answer_the_list_tells(self, sandbox: Sandbox, shop: str, fault: FaultKind, stands: int) -> None:
        sandbox.world.faults.add(Fault(fault, company=shop, times=1))
        assert isinstance(attempted(PAYMENT_LINK, spec(sandbox, shop), link()), Unclear)
        finding = asked(PAYMENT_LINK, spec(sandbox, shop), link())
        if stands:
            assert isinstance(finding, Found)
            assert finding.private["url"]
        else:
            assert finding == Absent()
        assert isinstance(attempted(PAYMENT_LINK, spec(sandbox, shop), link(attempt=2)), Taken)
        assert made(sandbox, shop) == {"link1": 1}

    def test_a_second_attempt_makes_nothing_while_the_list_cannot_be_read(self, sandbox: Sandbox, shop: str) -> None:
        sandbox.world.faults.add(Fault("server_error", company=shop, path="/v2/iyzilink/"))
        assert isinstance(attempted(PAYMENT_LINK, spec(sandbox, shop), link(attempt=2)), Unclear)
        assert made(sandbox, shop) == {}

    def test_an_answer_that_is_anothers_leaves_it_open(self) -> None:
        document = {"status": "success", "conversationId": "another", "data": {"token": "A", "url": "https://x"}}
        with ScriptedGateway(lambda _path: (200, document)) as far:
            assert isinstance(attempted(PAYMENT_LINK, spec_at(far.url, KEYS), link()), Unclear)


class TestAsking:
    def test_ours_is_found_behind_a_page_of_others(
        self, sandbox: Sandbox, shop: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("connectors.iyzico.acts.links.LINKS_A_PAGE", 2)
        for number in range(5):
            attempted(PAYMENT_LINK, spec(sandbox, shop), link(f"link{number}"))
        assert isinstance(asked(PAYMENT_LINK, spec(sandbox, shop), link("link0")), Found)
        assert asked(PAYMENT_LINK, spec(sandbox, shop), link("none")) == Absent()

    def test_a_list_without_references_leaves_a_link_of_that_name_and_price_open(
        self, sandbox: Sandbox, shop: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attempted(PAYMENT_LINK, spec(sandbox, shop), link())
        monkeypatch.setattr(acts_of(sandbox.world), "links_lack_references", True)
        assert asked(PAYMENT_LINK, spec(sandbox, shop), link()) == CannotTell()
        assert asked(PAYMENT_LINK, spec(sandbox, shop), link("link1", FAST)) == CannotTell()
        other = PRODUCT | {"name": "Başka ürün"}
        assert asked(PAYMENT_LINK, spec(sandbox, shop), link("link2", other)) == Absent()

    def test_a_list_that_changed_while_it_was_read_may_have_hidden_ours(self) -> None:
        assert self.finding({"totalCount": 2, "pageCount": 1, "items": [{"token": "A"}]}) == CannotTell()

    def test_a_list_too_long_to_read_may_hold_ours(self) -> None:
        pages = settings.MOST_LINK_PAGES + 1
        asked_for: list[str] = []
        assert self.finding({"totalCount": 1, "pageCount": pages, "items": [{"token": "A"}]}, asked_for) == CannotTell()
        assert len(asked_for) == settings.MOST_LINK_PAGES

    def test_a_link_that_was_named_to_us_and_is_deleted_was_made(self, sandbox: Sandbox, shop: str) -> None:
        outcome = attempted(PAYMENT_LINK, spec(sandbox, shop), link())
        assert isinstance(outcome, Taken)
        known = {"provider_reference": outcome.provider_reference}
        there = asked(PAYMENT_LINK, spec(sandbox, shop), link(**known))
        assert isinstance(there, Found)
        assert (there.private["url"], there.facts) == (outcome.private["url"], {})
        acts_of(sandbox.world).links[shop].clear()
        gone = asked(PAYMENT_LINK, spec(sandbox, shop), link(**known))
        assert isinstance(gone, Found)
        assert gone.facts == {"gone": 1}
        again = attempted(PAYMENT_LINK, spec(sandbox, shop), link(attempt=2, **known))
        assert isinstance(again, Taken)
        assert again.facts == {"gone": 1}
        assert made(sandbox, shop) == {"link1": 1}

    @pytest.mark.parametrize("paid", [True, False])
    def test_a_link_whose_name_was_lost_and_that_is_deleted_is_known_by_its_payment(self, *, paid: bool) -> None:
        def answer(path: str) -> tuple[int, Any]:
            if path.startswith("/v2/reporting/"):
                return 200, {"status": "success", "payments": [{"paymentId": "1"}] if paid else []}
            return 200, {"status": "success", "data": {"totalCount": 0, "pageCount": 0, "items": []}}

        with ScriptedGateway(answer) as far:
            found = asked(PAYMENT_LINK, spec_at(far.url, KEYS), link())
        assert found == (Found("delivered", facts={"gone": 1}) if paid else Absent())

    def test_an_empty_list_holds_nothing(self) -> None:
        assert self.finding({"totalCount": 0, "pageCount": 0, "items": []}) == Absent()

    def finding(self, data: dict[str, Any], asked_for: list[str] | None = None) -> object:
        def answer(path: str) -> tuple[int, Any]:
            (asked_for if asked_for is not None else []).append(path)
            return 200, {"status": "success", "data": data}

        with ScriptedGateway(answer) as far:
            return asked(PAYMENT_LINK, spec_at(far.url, KEYS), link())


class TestTakingOutOfUse:
    def test_a_link_takes_no_more_payments_however_often_it_is_said(self, sandbox: Sandbox, shop: str) -> None:
        outcome = attempted(PAYMENT_LINK, spec(sandbox, shop), link())
        assert isinstance(outcome, Taken)
        one = act("off1", {"token": outcome.provider_reference})
        assert asked(PAYMENT_LINK_DISABLE, spec(sandbox, shop), one) == Absent()
        for attempt in (1, 2):
            again = act("off1", one.payload, attempt=attempt)
            assert isinstance(attempted(PAYMENT_LINK_DISABLE, spec(sandbox, shop), again), Taken)
        assert isinstance(asked(PAYMENT_LINK_DISABLE, spec(sandbox, shop), one), Found)
        assert [each.status for each in acts_of(sandbox.world).links[shop]] == ["PASSIVE"]

    def test_a_link_that_nobody_made_is_refused(self, sandbox: Sandbox, shop: str) -> None:
        outcome = attempted(PAYMENT_LINK_DISABLE, spec(sandbox, shop), act("off1", {"token": "nothing"}))
        assert isinstance(outcome, Refused)
        assert isinstance(
            asked(PAYMENT_LINK_DISABLE, spec(sandbox, shop), act("off1", {"token": "nothing"})), CannotTell
        )
