"""Uyumsoft as an integrator of the neutral contract."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from connectors.actions import Outcome, Refused, Taken, Unclear
from connectors.clock import Clock
from connectors.einvoice.contract import Answered, Box, Document, Format, IncomingPage, Kind, Status, Taxpayer, Verdict
from connectors.failure import ProviderFailure
from connectors.uyumsoft import inbox, statuses, taxpayers
from connectors.uyumsoft.client import UyumsoftClient
from connectors.uyumsoft.envelope import element, operation, strings
from connectors.uyumsoft.invoices import invoice_info
from connectors.xml import Element, child, local, text_at

_RESPONSES = {"accepted": "Approved", "rejected": "Declined"}
_FETCHED = {"xml": "Data", "pdf": "Pdf", "html": "View"}


class Uyumsoft:
    """One company's account. Its `repr` shows no secret.

    Uyumsoft signs by itself: the document with legal force is the one that `fetch(ettn, "xml")` gives back.
    """

    def __init__(self, client: UyumsoftClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def lookup(self, number: str) -> Taxpayer | None:
        """See `Integrator.lookup`."""
        return await taxpayers.lookup(self._client, number)

    async def send(self, document: Document) -> Outcome:
        """See `Integrator.send`.

        Uyumsoft refuses in words only, so every refusal is followed by a status read: a document that is there was
        taken before, whatever the words say.
        """
        try:
            info = invoice_info(document, now=self._clock.now())
        except ProviderFailure as failure:
            return Refused(failure)
        call = operation("SendInvoice", {"invoices": [info]})
        outcome = await self._client.act("SendInvoice", call, _sent)
        return await self._reconciled(document.ettn, outcome, document.kind, _is_there, delivered=False)

    async def status(self, ettn: str, kind: Kind) -> Status | None:
        """See `Integrator.status`."""
        value = await self._asked("GetOutboxInvoiceStatusWithLogs", ettn)
        if value is None:
            return None
        approved = statuses.state_code(value) == statuses.APPROVED
        commercial = kind == "einvoice" and approved and await inbox.is_commercial(self._client, ettn)
        return statuses.of_outbox(value, commercial=commercial)

    async def fetch(self, ettn: str, format: Format, *, box: Box) -> bytes:
        """See `Integrator.fetch`."""
        name = f"Get{'Inbox' if box == 'incoming' else 'Outbox'}Invoice{_FETCHED[format]}"
        value = child(await self._client.call(name, operation(name, {"invoiceId": ettn})), "Value")
        if format == "html":
            return text_at(value, "Html").encode()
        return taxpayers.unpacked(text_at(value, "Data"))

    async def cancel(self, ettn: str, *, reason: str, at: datetime) -> Outcome:
        """See `Integrator.cancel`. Uyumsoft takes no reason."""
        del reason
        request = operation("CancelEArchiveInvoice", {"request": []})
        context = next(iter(request))
        context.set("InvoiceId", ettn)
        context.set("CancelDate", at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        outcome = await self._client.act("CancelEArchiveInvoice", request, _flagged(ettn))
        return await self._reconciled(ettn, outcome, "earchive", lambda status: status.cancelled)

    async def revert_cancel(self, ettn: str) -> Outcome:
        """See `Integrator.revert_cancel`."""
        request = operation("RecoverEArchiveCancel", {"documentId": ettn})
        outcome = await self._client.act("RecoverEArchiveCancel", request, _flagged(ettn))
        return await self._reconciled(ettn, outcome, "earchive", lambda status: not status.cancelled)

    async def answer(self, ettn: str, verdict: Verdict, *, note: str) -> Outcome:
        """See `Integrator.answer`."""
        response = element("DocumentResponseInfo")
        response.append(element("InvoiceId", ettn))
        response.append(element("ResponseStatus", _RESPONSES[verdict]))
        response.append(element("Reason", note))
        request = operation("SendDocumentResponse", {"responses": [response]})
        outcome = await self._client.act("SendDocumentResponse", request, _flagged(ettn))
        if not isinstance(outcome, Refused) or outcome.failure.status != 200:
            return outcome
        try:
            said = await self.answered(ettn)
        except ProviderFailure as failure:
            return Unclear(failure)
        return Taken(ettn, delivered=True, facts={"already_there": 1}) if said == verdict else outcome

    async def answered(self, ettn: str) -> Answered | None:
        """See `Integrator.answered`."""
        value = await self._asked("QueryInboxInvoiceStatus", ettn)
        return None if value is None else statuses.of_inbox(statuses.state_code(value))

    async def incoming(self, start: datetime, end: datetime, *, page: int = 1) -> IncomingPage:
        """See `Integrator.incoming`."""
        return await inbox.page(self._client, start, end, number=page)

    async def _asked(self, name: str, ettn: str) -> Element | None:
        """The state of one document; None when Uyumsoft has no such document."""
        try:
            found = await self._client.call(name, operation(name, {"invoiceIds": strings((ettn,))}), once=True)
        except ProviderFailure as failure:
            if failure.provider_code == "NOT_FOUND":
                return None
            raise
        values = (each for each in found if local(each) == "Value")
        return next((each for each in values if each.attrib.get("InvoiceId", "").lower() == ettn.lower()), None)

    async def _reconciled(
        self,
        ettn: str,
        outcome: Outcome,
        kind: Kind,
        as_wanted: Callable[[Status], bool],
        *,
        delivered: bool = True,
    ) -> Outcome:
        """A refusal of what is done already is a success. Only one that Uyumsoft itself worded may be that."""
        if not isinstance(outcome, Refused) or outcome.failure.status != 200:
            return outcome
        if outcome.failure.code == "credentials_rejected":
            return outcome
        try:
            status = await self.status(ettn, kind)
        except ProviderFailure as failure:
            return Unclear(failure)
        if status is None or not as_wanted(status):
            return outcome
        return Taken(ettn, delivered=delivered, facts={"already_there": 1})


def _is_there(_status: Status) -> bool:
    return True


def _sent(found: Element) -> Outcome:
    identity = child(found, "Value")
    if identity is None or not identity.attrib.get("Id"):
        raise ProviderFailure("transient", "answer_malformed")
    number = identity.attrib.get("Number")
    return Taken(identity.attrib["Id"].lower(), facts={"number": number} if number else {})


def _flagged(ettn: str) -> Callable[[Element], Outcome]:
    def taken(found: Element) -> Outcome:
        if found.attrib.get("Value") != "true":
            return Refused(ProviderFailure("permanent", "request_refused", status=200, provider_code="REFUSED"))
        return Taken(ettn, delivered=True)

    return taken
