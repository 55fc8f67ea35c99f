"""From a person to a confirmed consent, and from there to a report that is paid for once: over real HTTP."""

from __future__ import annotations

import json
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from typing import Any

import pytest

from connectors.actions import Absent, Act, CannotTell, Found, Refused, Taken, Unclear
from connectors.failure import ProviderFailure
from connectors.findeks.actions import REPORT
from connectors.findeks.ordering import ConsentRequest, OrderingSession, Phone, masked, open_ordering
from connectors.findeks.settings import MOST_PINS, PIN_LIFE
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.findeks.desk import READY_AFTER, orders_of
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from tests.connectors.acting import act, asked, attempted
from tests.connectors.findeks.bureau import ScriptedGateway, at, read, spec, whole
from tests.connectors.stand_still import START, StandStill, work_in

conversing = partial(work_in, open_ordering)
_SHOPS = count()
KEYS = {"client_id": "a", "client_secret": "b"}
TOKENS = {"access_token": "t", "expires_in": 3600}
CUSTOMER, UNKNOWN_TO_THE_BUREAU, TELLS_NOTHING = 2, 13, 19
Work = Callable[[OrderingSession], Awaitable[Any]]


@pytest.fixture
def shop() -> str:
    return f"orders-{next(_SHOPS)}"


def about(sandbox: Sandbox, shop: str, customer: int = CUSTOMER) -> ConsentRequest:
    person = sandbox.world.company(shop).customer(customer)
    return ConsentRequest("TCKN", Secret(person.tckn), "credit_assessment", "explicit_consent", person.birth, "CRM-1")


async def with_a_pin(session: OrderingSession, request: ConsentRequest) -> tuple[str, str]:
    """A consent with a PIN on its way, and the telephone's key."""
    consent = await session.create_consent(request)
    (phone, *_) = await session.phones(consent)
    await session.send_pin(consent, phone.key)
    return consent, phone.key


def sent_pin(sandbox: Sandbox, shop: str) -> Secret:
    pin = orders_of(sandbox.world).pin(shop)
    assert pin is not None
    return Secret(pin)


def confirmed(sandbox: Sandbox, shop: str, customer: int = CUSTOMER) -> str:
    """A consent on which reports may be ordered."""

    async def work(session: OrderingSession) -> str:
        consent, _ = await with_a_pin(session, about(sandbox, shop, customer))
        assert await session.confirm(consent, sent_pin(sandbox, shop)) == "confirmed"
        return consent

    return conversing(spec(sandbox, shop), work)


def order(consent: str, reference: str = "order1", **changes: Any) -> Act:
    return act(reference, {"consent_id": consent, "report_type": "RISK"}, at=START, **changes)


def deeds(sandbox: Sandbox, shop: str, what: str) -> dict[str, int]:
    return dict(sandbox.world.ledger.counts(provider="findeks", company=shop, what=what))


class TestTheConversation:
    def test_a_person_is_found_written_to_and_confirms(self, sandbox: Sandbox, shop: str) -> None:
        person = sandbox.world.company(shop).customer(CUSTOMER)

        async def work(session: OrderingSession) -> Phone:
            consent = await session.create_consent(about(sandbox, shop))
            (phone,) = await session.phones(consent)
            assert await session.send_pin(consent, phone.key) == MOST_PINS - 1
            assert await session.confirm(consent, sent_pin(sandbox, shop)) == "confirmed"
            return phone

        phone = conversing(spec(sandbox, shop), work)
        assert phone.masked == f"{person.phone[3:6]}*****{person.phone[11:]}"
        assert list(deeds(sandbox, shop, "pin").values()) == [1]

    def test_a_wrong_pin_may_be_corrected_until_the_gateway_locks(self, sandbox: Sandbox, shop: str) -> None:
        async def work(session: OrderingSession) -> list[str]:
            consent, _ = await with_a_pin(session, about(sandbox, shop))
            return [await session.confirm(consent, Secret("x")) for _ in range(4)]

        assert conversing(spec(sandbox, shop), work) == ["pin_invalid", "pin_invalid", "pin_locked", "pin_locked"]

    def test_a_pin_that_comes_too_late_is_not_shown_to_the_gateway(self, sandbox: Sandbox, shop: str) -> None:
        time = StandStill()

        async def work(session: OrderingSession) -> tuple[str, str]:
            consent, key = await with_a_pin(session, about(sandbox, shop))
            time.slept.append(PIN_LIFE)
            late = await session.confirm(consent, sent_pin(sandbox, shop))
            await session.send_pin(consent, key)
            return late, await session.confirm(consent, sent_pin(sandbox, shop))

        assert conversing(spec(sandbox, shop), work, time) == ("pin_expired", "confirmed")
        confirms = [
            n for (_, company, path), n in sandbox.world.requests.items() if company == shop and "confirm" in path
        ]
        assert confirms == [1]

    def test_the_gateways_own_clock_counts_too(self, moving_sandbox: Sandbox, shop: str) -> None:
        async def work(session: OrderingSession) -> str:
            consent, _ = await with_a_pin(session, about(moving_sandbox, shop))
            moving_sandbox.advance(seconds=181)
            return await session.confirm(consent, sent_pin(moving_sandbox, shop))

        assert conversing(spec(moving_sandbox, shop), work) == "pin_expired"

    def test_an_earlier_pin_is_worthless(self, sandbox: Sandbox, shop: str) -> None:
        async def work(session: OrderingSession) -> str:
            consent, key = await with_a_pin(session, about(sandbox, shop))
            first = sent_pin(sandbox, shop)
            await session.send_pin(consent, key)
            return await session.confirm(consent, first)

        assert conversing(spec(sandbox, shop), work) == "pin_invalid"

    def test_nobody_is_sent_more_than_three_pins(self, sandbox: Sandbox, shop: str) -> None:
        async def work(session: OrderingSession) -> None:
            consent, key = await with_a_pin(session, about(sandbox, shop))
            for _ in range(MOST_PINS):
                await session.send_pin(consent, key)

        with pytest.raises(ProviderFailure, match="permanent request_refused provider_code=6004"):
            conversing(spec(sandbox, shop), work)
        assert list(deeds(sandbox, shop, "pin").values()) == [MOST_PINS]

    def test_a_pin_of_which_nobody_knows_is_not_sent_again_by_itself(self, sandbox: Sandbox, shop: str) -> None:
        async def work(session: OrderingSession) -> int:
            consent = await session.create_consent(about(sandbox, shop))
            (phone,) = await session.phones(consent)
            sandbox.world.faults.add(Fault("cut_after", company=shop, times=1))
            with pytest.raises(ProviderFailure):
                await session.send_pin(consent, phone.key)
            assert list(deeds(sandbox, shop, "pin").values()) == [1]
            return await session.send_pin(consent, phone.key)

        assert conversing(spec(sandbox, shop), work) == MOST_PINS - 2

    def test_somebody_whom_the_bureau_does_not_know_is_said_so(self, sandbox: Sandbox, shop: str) -> None:
        request = ConsentRequest("TCKN", Secret("10000000146"), "credit_assessment", "explicit_consent")
        with pytest.raises(ProviderFailure, match="provider_code=6005"):
            conversing(spec(sandbox, shop), lambda session: session.create_consent(request))

    @pytest.mark.parametrize(
        "kind", ["rate_limited", "server_error", "credentials_expired", "error_with_personal_data"]
    )
    def test_a_gateway_that_is_not_well_is_asked_once_and_quoted_never(
        self, sandbox: Sandbox, shop: str, kind: FaultKind
    ) -> None:
        sandbox.world.faults.add(Fault(kind, company=shop, path="/findeks/"))
        request = about(sandbox, shop)
        with pytest.raises(ProviderFailure) as caught:
            conversing(spec(sandbox, shop), lambda session: session.create_consent(request))
        asked_for = sandbox.world.requests[("findeks", shop, "/findeks/consents")]
        assert asked_for == (2 if kind == "credentials_expired" else 1), "only a token is renewed once"
        said = "".join(traceback.format_exception(caught.value)) + repr(request)
        assert request.identity_number.reveal() not in said
        assert sandbox.world.company(shop).customer(0).tckn not in said

    @pytest.mark.parametrize(
        ("given", "shown"),
        [("533*****36", "533*****36"), ("05321234567", "053******67"), ("+90 532 123 45 67", "+90 5** *** ** 67")],
    )
    def test_a_telephone_is_masked_whatever_the_gateway_left_legible(self, given: str, shown: str) -> None:
        assert masked(given) == shown

    def test_an_account_for_files_only_cannot_order(self) -> None:
        with pytest.raises(ProviderFailure, match="permanent credentials_rejected field=client_id"):
            conversing(at("http://127.0.0.1:9", {}), lambda session: session.phones("c"))


class TestTheOrder:
    def test_a_report_is_bought_and_comes_with_the_next_sync(self, moving_sandbox: Sandbox, shop: str) -> None:
        consent = confirmed(moving_sandbox, shop)
        connection = spec(moving_sandbox, shop)
        outcome = attempted(REPORT, connection, order(consent))
        assert isinstance(outcome, Taken)
        assert not outcome.delivered
        taken = order(consent, provider_reference=outcome.provider_reference)
        assert asked(REPORT, connection, taken) == Found("accepted", outcome.provider_reference)
        moving_sandbox.advance(seconds=READY_AFTER.total_seconds())
        assert asked(REPORT, connection, taken) == Found("delivered", outcome.provider_reference)
        moving_sandbox.advance(minutes=1)
        rows = read(connection, whole(moving_sandbox.world.clock.now()))["reports"]
        (row,) = [row for row in rows if row["reference_no"].startswith("FO")]
        person = moving_sandbox.world.company(shop).customer(CUSTOMER)
        assert (row["identity_number"], row["customer_ref"]) == (person.tckn, "CRM-1")

    @pytest.mark.parametrize(
        ("kind", "bought"), [("cut_after", 1), ("cut_before", 0), ("server_error", 0), ("late", 1)]
    )
    def test_one_without_an_answer_is_ordered_again_and_bought_once(
        self, sandbox: Sandbox, shop: str, kind: FaultKind, bought: int
    ) -> None:
        consent = confirmed(sandbox, shop)
        sandbox.world.faults.add(Fault(kind, company=shop, path="/findeks/reports", times=1, seconds=30))
        connection = spec(sandbox, shop, request_timeout_seconds=0.3 if kind == "late" else 30)
        assert isinstance(attempted(REPORT, connection, order(consent)), Unclear)
        assert sum(deeds(sandbox, shop, "report").values()) == bought
        finding = asked(REPORT, connection, order(consent))
        assert isinstance(finding, Found) if bought else finding == Absent()
        assert isinstance(attempted(REPORT, connection, order(consent, attempt=2)), Taken)
        assert deeds(sandbox, shop, "report") == {"order1": 1}

    def test_another_action_buys_another_report(self, sandbox: Sandbox, shop: str) -> None:
        consent = confirmed(sandbox, shop)
        for reference in ("order1", "order2"):
            attempted(REPORT, spec(sandbox, shop), order(consent, reference))
        assert deeds(sandbox, shop, "report") == {"order1": 1, "order2": 1}

    def test_without_a_confirmed_consent_nothing_is_bought(self, sandbox: Sandbox, shop: str) -> None:
        outcome = attempted(REPORT, spec(sandbox, shop), order("cns_nobody"))
        assert isinstance(outcome, Refused)
        assert (outcome.failure.kind, outcome.failure.code) == ("permanent", "basis_missing")
        assert deeds(sandbox, shop, "report") == {}

    @pytest.mark.parametrize(("customer", "code"), [(UNKNOWN_TO_THE_BUREAU, "NO_RECORD"), (TELLS_NOTHING, "REJECTED")])
    def test_a_report_that_will_not_come_has_failed(
        self, moving_sandbox: Sandbox, shop: str, customer: int, code: str
    ) -> None:
        consent = confirmed(moving_sandbox, shop, customer)
        attempted(REPORT, spec(moving_sandbox, shop), order(consent))
        moving_sandbox.advance(seconds=READY_AFTER.total_seconds())
        finding = asked(REPORT, spec(moving_sandbox, shop), order(consent))
        assert isinstance(finding, Found)
        assert (finding.state, finding.code) == ("failed", code)

    def test_a_token_that_ends_between_two_orders_is_renewed(self, moving_sandbox: Sandbox, shop: str) -> None:
        consent = confirmed(moving_sandbox, shop)

        async def work(performer: Any) -> list[Any]:
            first = await performer.perform([order(consent, "order1")])
            moving_sandbox.advance(hours=2)
            return [*first, *await performer.perform([order(consent, "order2")])]

        outcomes = work_in(REPORT.open, spec(moving_sandbox, shop), work)  # type: ignore[arg-type]
        assert [type(each) for each in outcomes] == [Taken, Taken]
        assert deeds(moving_sandbox, shop, "report") == {"order1": 1, "order2": 1}

    def test_a_wrong_account_orders_nothing(self, sandbox: Sandbox, shop: str) -> None:
        wrong = sandbox.credentials(shop, "findeks") | {"client_secret": "wrong"}
        outcome = attempted(REPORT, at(sandbox.url, wrong), order("cns"))
        assert isinstance(outcome, Refused)
        assert outcome.failure.code == "credentials_rejected"

    @pytest.mark.parametrize("answer", [(409, {}), (503, {"code": 6006}), (200, {}), (202, b"<html>")])
    def test_an_answer_that_leaves_it_open_is_unclear(self, answer: tuple[int, Any]) -> None:
        with ScriptedGateway(lambda path: (200, TOKENS) if "oauth" in path else answer) as far:
            assert isinstance(attempted(REPORT, at(far.url, KEYS), order("cns")), Unclear)

    def test_a_report_that_the_gateway_does_not_know_is_absent(self, sandbox: Sandbox, shop: str) -> None:
        assert asked(REPORT, spec(sandbox, shop), order("cns", provider_reference="rpt_none")) == Absent()

    def test_a_gateway_that_cannot_be_asked_tells_nothing(self) -> None:
        with ScriptedGateway(lambda path: (200, TOKENS) if "oauth" in path else (503, {})) as far:
            assert isinstance(asked(REPORT, at(far.url, KEYS), order("cns")), CannotTell)


class TestTheRequest:
    @pytest.mark.parametrize(
        ("payload", "problems"),
        [
            ({"consent_id": "cns_1", "report_type": "RISK"}, set()),
            ({}, {("consent_id", "field_missing"), ("report_type", "field_missing")}),
            ({"consent_id": "a/b", "report_type": "RISK"}, {("consent_id", "field_wrong")}),
            ({"consent_id": "c", "report_type": "QR_CHEQUE"}, {("report_type", "field_not_in_list")}),
            (
                {"consent_id": "c", "report_type": "RISK", "identity_number": "10000000146"},
                {("identity_number", "field_unknown")},
            ),
        ],
    )
    def test_what_is_wrong_is_named(self, payload: dict[str, Any], problems: set[tuple[str, str]]) -> None:
        assert {(each.path, each.code) for each in REPORT.check(payload)} == problems

    @pytest.mark.parametrize(("price", "amount"), [(None, "0"), ("12.50", "12.50"), (12.5, "12.5"), (3, "3")])
    def test_it_costs_what_the_integration_says(self, price: object, amount: str) -> None:
        cost = REPORT.cost({}, {} if price is None else {"report_price": price})
        assert (cost.units, str(cost.amount), cost.currency) == (1, amount, "TRY")

    def test_a_price_that_is_none_is_refused_with_the_settings(self) -> None:
        with pytest.raises(ProviderFailure, match="settings_invalid field=report_price"):
            REPORT.cost({}, {"report_price": "much"})

    def test_a_listing_shows_the_kind_of_report_only(self) -> None:
        assert json.dumps(dict(REPORT.summary(order("cns_1").payload))) == '{"report_type": "RISK"}'
