"""Refunds and cancels over real HTTP: what an answer, or none, means, and that money never goes back twice."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from connectors.actions import Absent, Act, CannotTell, Found, Outcome, Refused, Taken, Unclear
from connectors.iyzico.actions import CANCEL, REFUND
from connectors.iyzico.signing import response_signature
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.iyzico.acts import Trouble, acts_of
from connectors.sandbox.iyzico.ledger import Payment
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from tests.connectors.acting import act, asked, attempted
from tests.connectors.findeks.bureau import ScriptedGateway
from tests.connectors.iyzico.shop import lira, of_today, untouched
from tests.connectors.stand_still import START, StandStill, read, spec, spec_at

_SHOPS = count()
KEYS = {"api_key": "key", "secret_key": "secret"}


@pytest.fixture
def shop() -> str:
    """A company of its own: what is given back stays given back."""
    return f"refunds-{next(_SHOPS)}"


def of_line(payment: Payment, kurus: int, reference: str = "ref1", **changes: Any) -> Act:
    payload = {
        "payment_id": str(payment.payment_id),
        "payment_transaction_id": str(payment.item_id(0)),
        "amount": lira(kurus),
        "currency": "TRY",
    }
    return act(reference, payload | changes.pop("payload", {}), at=START, **changes)


def deeds(sandbox: Sandbox, shop: str, what: str = "refund") -> dict[str, int]:
    return dict(sandbox.world.ledger.counts(provider="iyzico", company=shop, what=what))


class TestARefund:
    def test_of_a_line_is_done_once_and_found_by_our_reference(self, sandbox: Sandbox, shop: str) -> None:
        payment = untouched(sandbox, shop)
        one = of_line(payment, 150)
        outcome = attempted(REFUND, spec(sandbox, shop), one)
        assert isinstance(outcome, Taken)
        assert outcome.delivered
        assert deeds(sandbox, shop) == {"ref1": 1}
        found = asked(REFUND, spec(sandbox, shop), one)
        assert isinstance(found, Found)
        assert (found.state, found.facts) == ("delivered", {"refunds": 1})

    def test_is_told_by_the_reports_from_then_on(self, sandbox: Sandbox, shop: str) -> None:
        payment = untouched(sandbox, shop)
        attempted(REFUND, spec(sandbox, shop), of_line(payment, 150))
        told = read(spec(sandbox, shop), "transactions")["transactions"]
        ours = [row for row in told if row["conversation_id"] == "ref1"]
        assert [(row["transaction_type"], row["payment_id"]) for row in ours] == [("REFUND", str(payment.payment_id))]
        details = read(spec(sandbox, shop), "payment_details")
        assert [str(row["refund_price"]) for row in details["refunds"] if row["refund_conversation_id"] == "ref1"] == [
            "1.5"
        ]

    def test_of_a_payment_takes_from_as_many_lines_as_it_needs(self, sandbox: Sandbox, shop: str) -> None:
        payment = untouched(sandbox, shop, items=2)
        payload = {"payment_id": str(payment.payment_id), "amount": lira(payment.total), "currency": "TRY"}
        one = act("whole", payload, at=START)
        assert isinstance(attempted(REFUND, spec(sandbox, shop), one), Taken)
        assert asked(REFUND, spec(sandbox, shop), one) == Found(
            "delivered", str(payment.payment_id * 1000 + 500), facts={"refunds": 2}
        )
        assert deeds(sandbox, shop) == {"whole": 1}

    def test_by_the_same_amount_again_is_another_one(self, sandbox: Sandbox, shop: str) -> None:
        payment = untouched(sandbox, shop)
        for reference in ("ref1", "ref2"):
            assert isinstance(attempted(REFUND, spec(sandbox, shop), of_line(payment, 100, reference)), Taken)
        assert deeds(sandbox, shop) == {"ref1": 1, "ref2": 1}
        assert asked(REFUND, spec(sandbox, shop), of_line(payment, 100, "ref3")) == Absent()

    def test_of_more_than_is_left_is_refused_for_good(self, sandbox: Sandbox, shop: str) -> None:
        payment = untouched(sandbox, shop)
        attempted(REFUND, spec(sandbox, shop), of_line(payment, 100))
        outcome = attempted(REFUND, spec(sandbox, shop), of_line(payment, payment.amounts[0] - 99, "ref2"))
        assert isinstance(outcome, Refused)
        assert (outcome.failure.kind, outcome.failure.code) == ("permanent", "request_refused")
        assert deeds(sandbox, shop) == {"ref1": 1}

    def test_of_a_payment_that_nobody_made_is_refused(self, sandbox: Sandbox, shop: str) -> None:
        payload = {"payment_id": "12345", "amount": "1.00", "currency": "TRY"}
        outcome = attempted(REFUND, spec(sandbox, shop), act("ref1", payload))
        assert isinstance(outcome, Refused)
        assert outcome.failure.kind == "permanent"


UNCLEAR: dict[FaultKind, int] = {
    "cut_after": 1,
    "cut_before": 0,
    "truncated": 1,
    "not_json": 0,
    "server_error": 0,
    "late": 1,
}
"""Faults after which nobody knows, and how many refunds there were."""


class TestWithoutAGoodAnswer:
    @pytest.mark.parametrize("kind", UNCLEAR)
    def test_nobody_knows_until_iyzico_is_asked(self, sandbox: Sandbox, shop: str, kind: FaultKind) -> None:
        payment = untouched(sandbox, shop)
        sandbox.world.faults.add(Fault(kind, company=shop, path="/payment/", times=1, seconds=30))
        one = of_line(payment, 100)
        connection = spec(sandbox, shop, request_timeout_seconds=0.3 if kind == "late" else 30)
        assert isinstance(attempted(REFUND, connection, one), Unclear)
        assert sum(deeds(sandbox, shop).values()) == UNCLEAR[kind]
        finding = asked(REFUND, connection, one)
        assert isinstance(finding, Found) if UNCLEAR[kind] else finding == Absent()

    @pytest.mark.parametrize(
        ("kind", "failure", "code"),
        [
            ("rate_limited", "transient", "rate_limited"),
            ("credentials_expired", "permanent", "credentials_rejected"),
            ("error_with_personal_data", "permanent", "request_refused"),
            ("redirect", "permanent", "address_refused"),
        ],
    )
    def test_a_refusal_in_words_is_certain(
        self, sandbox: Sandbox, shop: str, kind: FaultKind, failure: str, code: str
    ) -> None:
        sandbox.world.faults.add(Fault(kind, company=shop, path="/payment/", times=1, seconds=7))
        outcome = attempted(REFUND, spec(sandbox, shop), of_line(untouched(sandbox, shop), 100))
        assert isinstance(outcome, Refused)
        assert (outcome.failure.kind, outcome.failure.code) == (failure, code)
        assert deeds(sandbox, shop) == {}

    @pytest.mark.parametrize("done", [True, False])
    @pytest.mark.parametrize("code", ["10202", "10204", "10236", "10214", "10219", "10228", "10240", "1", "10999"])
    def test_codes_that_leave_it_open(self, sandbox: Sandbox, shop: str, code: str, done: bool) -> None:
        acts_of(sandbox.world).troubles.append(Trouble(shop, code, done))
        one = of_line(untouched(sandbox, shop), 100)
        outcome = attempted(REFUND, spec(sandbox, shop), one)
        assert isinstance(outcome, Unclear)
        assert outcome.failure.provider_code == code
        finding = asked(REFUND, spec(sandbox, shop), one)
        assert isinstance(finding, Found) if done else finding == Absent()

    @pytest.mark.parametrize(
        ("code", "kind", "wait"),
        [
            ("10246", "transient", None),
            ("50000", "transient", 60.0),
            ("10051", "permanent", None),
            ("10012", "permanent", None),
            ("1000", "permanent", None),
            ("9000", "permanent", None),
            ("11", "permanent", None),
            ("7777", "permanent", None),
        ],
    )
    def test_codes_that_say_no(self, sandbox: Sandbox, shop: str, code: str, kind: str, wait: float | None) -> None:
        acts_of(sandbox.world).troubles.append(Trouble(shop, code, done=False))
        outcome = attempted(REFUND, spec(sandbox, shop), of_line(untouched(sandbox, shop), 100))
        assert isinstance(outcome, Refused)
        assert (outcome.failure.kind, outcome.failure.provider_code, outcome.failure.retry_after) == (kind, code, wait)


class TestAnAnswer:
    """From a far end that says what the test wants."""

    def outcome(self, **changes: Any) -> Outcome:
        document = {"status": "success", "conversationId": "ref1", "paymentId": "7", "price": 1.5, "currency": "TRY"}
        document["signature"] = response_signature(Secret("secret"), ["7", "1.5", "TRY", "ref1"])
        with ScriptedGateway(lambda _path: (200, document | changes)) as far:
            payload = {"payment_id": "7", "amount": "1.50", "currency": "TRY"}
            return attempted(REFUND, spec_at(far.url, KEYS), act("ref1", payload))

    def test_with_iyzicos_signature_is_believed(self) -> None:
        assert isinstance(self.outcome(), Taken)

    @pytest.mark.parametrize(
        "changes",
        [{"signature": "0" * 64}, {"signature": None}, {"price": 1.6}, {"conversationId": "another"}, {"price": [1]}],
    )
    def test_that_is_not_ours_or_not_iyzicos_leaves_it_open(self, changes: dict[str, Any]) -> None:
        assert isinstance(self.outcome(**changes), Unclear)

    def test_a_failure_that_may_be_tried_again_says_so(self) -> None:
        outcome = self.outcome(status="failure", errorCode="10777", retryable=True)
        assert isinstance(outcome, Refused)
        assert outcome.failure.kind == "transient"

    def test_a_failure_without_a_code_leaves_it_open(self) -> None:
        assert isinstance(self.outcome(status="failure"), Unclear)

    def test_another_status_than_the_two_leaves_it_open(self) -> None:
        assert isinstance(self.outcome(status="pending"), Unclear)


class TestASecondAttempt:
    def test_finds_what_the_first_one_did_and_pays_nothing(self, sandbox: Sandbox, shop: str) -> None:
        payment = untouched(sandbox, shop)
        sandbox.world.faults.add(Fault("cut_after", company=shop, times=1))
        attempted(REFUND, spec(sandbox, shop), of_line(payment, 100))
        again = attempted(REFUND, spec(sandbox, shop), of_line(payment, 100, attempt=2))
        assert isinstance(again, Taken)
        assert deeds(sandbox, shop) == {"ref1": 1}

    def test_pays_where_the_first_one_did_not(self, sandbox: Sandbox, shop: str) -> None:
        payment = untouched(sandbox, shop)
        assert isinstance(attempted(REFUND, spec(sandbox, shop), of_line(payment, 100, attempt=2)), Taken)
        assert deeds(sandbox, shop) == {"ref1": 1}

    def test_pays_nothing_while_iyzico_cannot_be_asked(self, sandbox: Sandbox, shop: str) -> None:
        payment = untouched(sandbox, shop)
        sandbox.world.faults.add(Fault("server_error", company=shop, path="/v2/reporting/"))
        assert isinstance(attempted(REFUND, spec(sandbox, shop), of_line(payment, 100, attempt=2)), Unclear)
        assert deeds(sandbox, shop) == {}


class TestAsking:
    """What the reports may hold, from a far end that says what the test wants."""

    def finding(self, payments: list[Any], listed: list[Any]) -> object:
        def answer(path: str) -> tuple[int, Any]:
            rows = {"payments": payments} if "details" in path else {"transactions": listed, "totalPageCount": 1}
            return 200, {"status": "success", **rows}

        with ScriptedGateway(answer) as far:
            payload = {"payment_id": "7", "amount": "1.50", "currency": "TRY"}
            return asked(REFUND, spec_at(far.url, KEYS), act("ref1", payload, at=START))

    def entry(self, **changes: Any) -> list[Any]:
        entry = {"refundTxId": 9, "refundConversationId": "ref1", "refundStatus": 1, "createdDate": _later(minutes=1)}
        return [{"paymentId": 7, "itemTransactions": [{"refunds": [entry | changes]}]}]

    def test_a_refund_of_the_same_day_may_stand_among_the_cancels(self) -> None:
        cancel = {"refundId": 3, "cancelConversationId": "ref1", "refundStatus": 1}
        assert self.finding([{"cancels": [cancel]}], []) == Found("delivered", "3", facts={"refunds": 1})

    def test_the_daily_list_may_know_it_before_the_details(self) -> None:
        row = {"transactionType": "REFUND", "conversationId": "ref1"}
        assert self.finding([{"paymentId": 7}], [row]) == Found("delivered")

    def test_a_payment_that_went_out_under_our_reference_is_no_refund(self) -> None:
        row = {"transactionType": "PAYMENT", "conversationId": "ref1"}
        assert self.finding([{"paymentId": 7}], [row]) == Absent()

    def test_details_that_do_not_know_the_payment_tell_nothing(self) -> None:
        assert self.finding([], []) == CannotTell()

    def test_one_that_is_still_under_way_is_accepted(self) -> None:
        finding = self.finding(self.entry(refundStatus=0), [])
        assert isinstance(finding, Found)
        assert finding.state == "accepted"

    def test_one_that_the_bank_refused_has_failed(self) -> None:
        assert self.finding(self.entry(refundStatus=0, errorCode="10051"), []) == Found("failed", code="10051")

    def test_one_that_failed_in_an_earlier_attempt_says_nothing_of_the_last(self) -> None:
        earlier = self.entry(refundStatus=0, errorCode="10051", createdDate=_later(minutes=-1))
        assert self.finding(earlier, []) == Absent()

    def test_anothers_refund_is_not_ours(self) -> None:
        assert self.finding(self.entry(refundConversationId="ref2"), []) == Absent()

    def test_reports_of_a_strange_shape_tell_nothing(self) -> None:
        assert isinstance(self.finding([{"cancels": "none"}], []), CannotTell)


def _later(**step: float) -> str:
    return f"{START + timedelta(**step):%Y-%m-%dT%H:%M:%SZ}"


class TestACancel:
    def test_voids_a_payment_of_the_day_once_and_is_found(self, sandbox: Sandbox, shop: str) -> None:
        company, payment = of_today(sandbox, f"cancel-{shop}")
        one = act("void1", {"payment_id": str(payment.payment_id)}, at=START)
        assert isinstance(attempted(CANCEL, spec(sandbox, company), one), Taken)
        assert isinstance(asked(CANCEL, spec(sandbox, company), one), Found)
        again = attempted(CANCEL, spec(sandbox, company), act("void2", one.payload, at=START))
        assert isinstance(again, Refused)
        assert deeds(sandbox, company, "cancel") == {"void1": 1}
        told = read(spec(sandbox, company), "transactions")["transactions"]
        assert ("CANCEL", "void1") in {(row["transaction_type"], row["conversation_id"]) for row in told}

    def test_of_yesterdays_payment_is_refused(self, sandbox: Sandbox, shop: str) -> None:
        payment = untouched(sandbox, shop)
        outcome = attempted(CANCEL, spec(sandbox, shop), act("void1", {"payment_id": str(payment.payment_id)}))
        assert isinstance(outcome, Refused)
        assert deeds(sandbox, shop, "cancel") == {}

    def test_whose_answer_is_lost_is_found(self, sandbox: Sandbox, shop: str) -> None:
        company, payment = of_today(sandbox, f"lost-{shop}")
        sandbox.world.faults.add(Fault("cut_after", company=company, times=1))
        one = act("void1", {"payment_id": str(payment.payment_id)}, at=START)
        assert isinstance(attempted(CANCEL, spec(sandbox, company), one), Unclear)
        assert isinstance(asked(CANCEL, spec(sandbox, company), one), Found)

    def test_whose_answer_is_anothers_is_left_open(self) -> None:
        document = {"status": "success", "conversationId": "another", "paymentId": "7"}
        with ScriptedGateway(lambda _path: (200, document)) as far:
            assert isinstance(attempted(CANCEL, spec_at(far.url, KEYS), act("void1", {"payment_id": "7"})), Unclear)


class TestTheRate:
    def test_refunds_have_a_limit_of_their_own(self, sandbox: Sandbox, shop: str) -> None:
        payment, time = untouched(sandbox, shop), StandStill()
        connection = spec(sandbox, shop, refunds_per_minute=2)
        for number in range(4):
            attempted(REFUND, connection, of_line(payment, 1, f"ref{number}"), time)
        assert sum(time.slept) == 60.0
        asked(REFUND, connection, of_line(payment, 1), time)
        assert sum(time.slept) == 60.0, "asking is not refunding"

    def test_they_are_counted_apart_from_reading_and_by_endpoint(self, sandbox: Sandbox, shop: str) -> None:
        payment, time = untouched(sandbox, shop), StandStill()
        connection = spec(sandbox, shop, refunds_per_minute=2, requests_per_minute=2)
        for number in range(2):
            attempted(REFUND, connection, of_line(payment, 1, f"line{number}"), time)
            whole = {"payment_id": str(payment.payment_id), "amount": "0.01", "currency": "TRY"}
            attempted(REFUND, connection, act(f"whole{number}", whole), time)
        asked(REFUND, connection, of_line(payment, 1, "line0"), time)
        assert time.slept == []


class TestSecrets:
    def test_no_secret_is_in_a_repr(self, sandbox: Sandbox, shop: str) -> None:
        import asyncio

        import httpx

        async def shown() -> str:
            async with httpx.AsyncClient() as client, REFUND.open(spec(sandbox, shop), client) as performer:
                return repr(performer) + repr(vars(performer)) + repr([vars(each) for each in _parts(performer)])

        text = asyncio.run(shown())
        keys = sandbox.credentials(shop)
        assert keys["api_key"] not in text
        assert keys["secret_key"] not in text


def _parts(performer: object) -> list[object]:
    return [each for each in vars(performer).values() if type(each).__module__.startswith("connectors.iyzico")]
