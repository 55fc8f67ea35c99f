"""Money back, in part or whole, and payments voided before the bank's day ends.

iyzico repeats neither by itself, and nothing keeps it from doing either twice: a payment may well be refunded twice by
the same amount. What tells one from the other is our reference alone, sent as conversationId and found again beside the
refund in the payment's details and in the daily list.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.actions import Absent, CannotTell, Found, Taken, Unclear
from connectors.attempt import AttemptClient
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import Window
from connectors.failure import ProviderFailure
from connectors.fields import to_moment, to_text
from connectors.iyzico.acts.judging import judged, same_conversation
from connectors.iyzico.client import IyzicoClient
from connectors.iyzico.readers import payments, transactions
from connectors.iyzico.settings import IyzicoSettings
from connectors.iyzico.signed import Signed
from connectors.iyzico.signing import SIGNED_FIELDS_OF_REFUND, response_signature, same_signature
from connectors.limits import LIMITS
from connectors.nested import record_in, records_in

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Act, Finding, Outcome
    from connectors.contract import ConnectionSpec, RateLimit

CANCEL = "/payment/cancel"
REFUND_OF_A_LINE = "/payment/refund"
REFUND_OF_A_PAYMENT = "/v2/payment/refund"
_GIVEN_BACK = frozenset({"REFUND", "CANCEL"})
_DONE = "1"
Order = tuple[str, dict[str, Any]]
"""Path and body of a request."""


def refund_order(act: Act) -> Order:
    """Of one line where the payload names it; else iyzico picks the line."""
    given = act.payload
    line = given.get("payment_transaction_id")
    named = {"paymentId": given["payment_id"]} if line is None else {"paymentTransactionId": line}
    body = {**named, "price": given["amount"], "currency": given["currency"]}
    return (REFUND_OF_A_PAYMENT if line is None else REFUND_OF_A_LINE), _common(act) | body


def cancel_order(act: Act) -> Order:
    """Of a whole payment."""
    return CANCEL, _common(act) | {"paymentId": act.payload["payment_id"]}


class MoneyBack:
    """One merchant's refunds or cancels. Its `repr` shows no secret."""

    def __init__(
        self,
        spec: ConnectionSpec,
        client: httpx.AsyncClient,
        *,
        clock: Clock,
        order: Callable[[Act], Order],
        rate: Callable[[IyzicoSettings], RateLimit],
    ) -> None:
        self._spec = spec
        self._shared = client
        self._settings = IyzicoSettings.of(spec.settings)
        self._clock = clock
        self._order = order
        self._rate = rate(self._settings)
        self._signed = Signed(spec)
        self._reading = IyzicoClient(spec, client, settings=self._settings, clock=clock)

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        """Each with one request that changes something; a repeated one is looked for first."""
        return [await self._one(act) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        """By our reference, in the payment's details and then in the daily list."""
        return [await self._found(act) for act in acts]

    async def _one(self, act: Act) -> Outcome:
        if act.attempt > 1:
            # Whoever decided to try again (a person, too) may not have seen what the reports show by now.
            match await self._found(act):
                case Found(state="accepted" | "delivered") as found:
                    return Taken(found.provider_reference, delivered=True, facts=found.facts)
                case CannotTell(failure):
                    return Unclear(failure or ProviderFailure("transient", "provider_error"))
                case _:
                    pass
        path, body = self._order(act)
        limit = self._signed.limit(LIMITS, self._rate, self._clock, endpoint=path)
        http = AttemptClient(self._shared, limit=limit, settings=self._settings.http, clock=self._clock)
        signed = path != CANCEL
        return await http.attempt(
            self._signed.post(http, path, body),
            lambda answer: judged(answer, lambda document: self._taken(document, act, signed=signed)),
        )

    def _taken(self, document: dict[str, Any], act: Act, *, signed: bool) -> Taken:
        same_conversation(document, act.reference)
        if signed:
            self._require_signature(document)
        number = _text(document.get("paymentTransactionId") or document.get("paymentId"))
        return Taken(
            _text(document.get("refundHostReference") or document.get("cancelHostReference")),
            delivered=True,
            facts={} if number is None else {"payment": number},
        )

    def _require_signature(self, document: dict[str, Any]) -> None:
        """Raises `ProviderFailure` for an answer without iyzico's signature: then the reports have the last word."""
        values = [document.get(name) for name in SIGNED_FIELDS_OF_REFUND]
        given = document.get("signature")
        right = all(isinstance(value, str | int | Decimal) for value in values) and isinstance(given, str)
        if not right or not same_signature(response_signature(self._signed.secret_key, values), str(given)):
            raise ProviderFailure("transient", "answer_malformed", field="signature")

    async def _found(self, act: Act) -> Finding:
        try:
            document = await self._reading.get(payments.PATH, {"paymentId": act.payload["payment_id"]})
            told = [record_in(payment) for payment in records_in(document, "payments")]
            found = _among([entry for payment in told for entry in _entries(payment)], act)
            if found is None and await self._listed(act):
                found = Found("delivered")
        except ProviderFailure as failure:
            return CannotTell(failure)
        # Details that do not know the payment itself say nothing of its refunds.
        return found or (Absent() if told else CannotTell())

    async def _listed(self, act: Act) -> bool:
        now = self._clock.now()
        window = Window(min(act.first_attempt_at or now - timedelta(days=1), now), now)
        async for records in transactions.record_pages(self._reading, window, now=now):
            for record in map(record_in, records):
                if record.get("transactionType") in _GIVEN_BACK and record.get("conversationId") == act.reference:
                    return True
        return False


def _common(act: Act) -> dict[str, Any]:
    names = ("ip", "reason", "description")
    given = {name: act.payload[name] for name in names if act.payload.get(name) is not None}
    return {"conversationId": act.reference, **given}


def _entries(payment: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Everything given back of a payment, with its reference. A refund of the same day may be told as a cancel."""
    cancels = [record_in(each) for each in records_in(payment, "cancels")]
    items = [record_in(each) for each in records_in(payment, "itemTransactions")]
    refunds = [record_in(each) for item in items for each in records_in(item, "refunds")]
    named = [(each.get("cancelConversationId"), each) for each in cancels]
    named += [(each.get("refundConversationId"), each) for each in refunds]
    return [(reference, each) for reference, each in named if isinstance(reference, str)]


def _among(entries: Sequence[tuple[str, dict[str, Any]]], act: Act) -> Found | None:
    ours = [entry for reference, entry in entries if reference == act.reference]
    done = [entry for entry in ours if not _failed(entry)]
    if done:
        settled = all(_text(entry.get("refundStatus")) == _DONE for entry in done)
        number = _text(done[0].get("refundTxId") or done[0].get("refundId"))
        return Found("delivered" if settled else "accepted", number, facts={"refunds": len(done)})
    # One that failed before the last attempt says nothing of that one.
    latest = [entry for entry in ours if _is_since(entry.get("createdDate"), act.last_attempt_at)]
    return Found("failed", code=_code(latest[-1])) if latest else None


def _failed(entry: dict[str, Any]) -> bool:
    return entry.get("errorCode") not in (None, "")


def _code(entry: dict[str, Any]) -> str | None:
    code = _text(entry.get("errorCode"))
    return code if code is not None and code.isascii() and code.isalnum() and len(code) <= 10 else None


def _is_since(written: object, moment: datetime | None) -> bool:
    try:
        return moment is not None and to_moment(written) >= moment
    except (ValueError, TypeError, OverflowError):
        return False


def _text(value: object) -> str | None:
    try:
        return to_text(value)
    except TypeError:
        return None


@asynccontextmanager
async def open_refunds(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[MoneyBack]:
    """Refunds on the shared client. No request is made yet. Raises `ProviderFailure` settings_invalid."""
    yield MoneyBack(spec, client, clock=clock, order=refund_order, rate=lambda settings: settings.refunds)


@asynccontextmanager
async def open_cancels(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[MoneyBack]:
    """Cancels on the shared client. No request is made yet. Raises `ProviderFailure` settings_invalid."""
    yield MoneyBack(spec, client, clock=clock, order=cancel_order, rate=lambda settings: settings.cancels)
