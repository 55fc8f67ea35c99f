"""Nilvera as an integrator of the neutral contract: documents sent, followed, fetched, cancelled, answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from connectors.actions import Outcome, Refused, Taken, Unclear
from connectors.attempt import refused_or_unclear
from connectors.einvoice.contract import (
    Answered,
    Box,
    Document,
    Format,
    Incoming,
    IncomingPage,
    Kind,
    Status,
    Taxpayer,
    Verdict,
)
from connectors.einvoice.user_list import moment
from connectors.failure import ProviderFailure
from connectors.nilvera import statuses, taxpayers
from connectors.nilvera.client import NilveraClient, decoded, record, records
from connectors.nilvera.failures import failure_of
from connectors.nilvera.settings import ALREADY_DONE_STATUSES, ANSWERS, PAGE_SIZE, NilveraSettings

if TYPE_CHECKING:
    from connectors.http import Answer

_FOLDERS: dict[Box, str] = {
    "einvoice": "/einvoice/Sale",
    "earchive": "/earchive/Invoices",
    "incoming": "/einvoice/Purchase",
}


class Nilvera:
    """One company's account. Its `repr` shows no secret."""

    def __init__(self, client: NilveraClient, settings: NilveraSettings) -> None:
        self._client = client
        self._settings = settings

    async def lookup(self, number: str) -> Taxpayer | None:
        """See `Integrator.lookup`."""
        return await taxpayers.lookup(self._client, number)

    async def send(self, document: Document) -> Outcome:
        """See `Integrator.send`.

        Nilvera answers 409 for a document that it has, and for a number that another one has: a status read tells.
        """
        query: dict[str, str] = {}
        if document.kind == "einvoice" and document.alias:
            query["Alias"] = document.alias
        if self._settings.template_uuid:
            query["TemplateUUID"] = self._settings.template_uuid
        outcome = await self._client.upload(
            f"/{document.kind}/Send/Xml", query, document.ubl, name=f"{document.ettn}.xml", judge=_sent
        )
        if _status_of(outcome) != 409:
            return outcome
        return await self._reconciled(document.ettn, outcome, document.kind, _is_there)

    async def status(self, ettn: str, kind: Kind) -> Status | None:
        """See `Integrator.status`."""
        return await self._status(ettn, kind)

    async def check_at_gib(self, ettn: str) -> int | None:
        """Have Nilvera ask GİB for the envelope's state now; the code. None before there is one.

        Raises `ProviderFailure`.
        """
        found = record(await self._client.get(f"/einvoice/Sale/{ettn}/CheckFromGib"))
        return statuses.gib_code(found.get("EnvelopeGibCode"))

    async def fetch(self, ettn: str, format: Format, *, box: Box) -> bytes:
        """See `Integrator.fetch`."""
        return (await self._client.answer(f"{_FOLDERS[box]}/{ettn}/{format}")).content

    async def cancel(self, ettn: str, *, reason: str, at: datetime) -> Outcome:
        """See `Integrator.cancel`. Nilvera takes neither a reason nor a date."""
        del reason, at
        return await self._changed(ettn, "Cancel", cancelled=True)

    async def revert_cancel(self, ettn: str) -> Outcome:
        """See `Integrator.revert_cancel`."""
        return await self._changed(ettn, "RevertCancel", cancelled=False)

    async def answer(self, ettn: str, verdict: Verdict, *, note: str) -> Outcome:
        """See `Integrator.answer`."""
        body = {"UUID": ettn, "AnswerCode": ANSWERS[verdict], "RejectNote": note or None}
        outcome = await self._client.act(
            "POST", "/einvoice/Purchase/SendAnswer", lambda answer: _done(answer, ettn), body=body
        )
        if _status_of(outcome) not in ALREADY_DONE_STATUSES:
            return outcome
        try:
            said = await self.answered(ettn)
        except ProviderFailure as failure:
            return Unclear(failure)
        return Taken(ettn, delivered=True, facts={"already_there": 1}) if said == verdict else outcome

    async def answered(self, ettn: str) -> Answered | None:
        """See `Integrator.answered`."""
        answer = await self._client.answer(f"/einvoice/Purchase/{ettn}/Status", bear=(404,), once=True)
        return None if answer.status == 404 else statuses.answered(decoded(answer))

    async def incoming(self, start: datetime, end: datetime, *, page: int = 1) -> IncomingPage:
        """See `Integrator.incoming`."""
        found = record(
            await self._client.get(
                "/einvoice/Purchase",
                {
                    "Page": page,
                    "PageSize": PAGE_SIZE,
                    "StartDate": start.isoformat(),
                    "EndDate": end.isoformat(),
                    "DateFilterType": "EnvelopeDate",
                    "SortColumn": "EnvelopeDate",
                    "SortType": "ASC",
                },
            )
        )
        rows = tuple(_incoming(row) for row in records(found.get("Content") or []))
        more = int(found.get("TotalPages") or 0) > page
        return IncomingPage(rows, page + 1 if more else None)

    async def _status(self, ettn: str, kind: Kind) -> Status | None:
        answer = await self._client.answer(f"{_FOLDERS[kind]}/{ettn}/Status", bear=(404,), once=True)
        if answer.status == 404:
            return None
        read = statuses.of_einvoice if kind == "einvoice" else statuses.of_earchive
        return read(decoded(answer))

    async def _changed(self, ettn: str, what: str, *, cancelled: bool) -> Outcome:
        outcome = await self._client.act("PUT", f"/earchive/Invoices/{ettn}/{what}", lambda answer: _done(answer, ettn))
        if _status_of(outcome) not in ALREADY_DONE_STATUSES:
            return outcome

        def as_wanted(status: Status) -> bool:
            return status.cancelled is cancelled

        return await self._reconciled(ettn, outcome, "earchive", as_wanted, delivered=True)

    async def _reconciled(
        self,
        ettn: str,
        refusal: Outcome,
        kind: Kind,
        as_wanted: Callable[[Status], bool],
        *,
        delivered: bool = False,
    ) -> Outcome:
        """A refusal because it was done before is a success; one for another reason stays a refusal."""
        try:
            status = await self._status(ettn, kind)
        except ProviderFailure as failure:
            return Unclear(failure)
        if status is None or not as_wanted(status):
            return refusal
        return Taken(ettn, delivered=delivered, facts={"already_there": 1})


def _is_there(_status: Status) -> bool:
    return True


def _sent(answer: Answer) -> Outcome:
    refused = _refused(answer)
    if refused is not None:
        return refused
    found = record(decoded(answer))
    number = found.get("InvoiceNumber")
    facts: dict[str, str | int] = {"number": number} if isinstance(number, str) else {}
    return Taken(str(found.get("UUID") or "") or None, facts=facts)


def _done(answer: Answer, ettn: str) -> Outcome:
    return _refused(answer) or Taken(ettn, delivered=True)


def _refused(answer: Answer) -> Outcome | None:
    """The refusal with Nilvera's own code, unless nobody can know whether it was done."""
    by_status = refused_or_unclear(answer)
    failure = failure_of(answer)
    if by_status is None or failure is None:
        return None
    return Refused(failure) if isinstance(by_status, Refused) else Unclear(failure)


def _status_of(outcome: Outcome) -> int | None:
    return outcome.failure.status if isinstance(outcome, Refused) else None


def _incoming(row: dict[str, Any]) -> Incoming:
    try:
        issued = date.fromisoformat(str(row.get("IssueDate"))[:10])
    except ValueError:
        raise ProviderFailure("transient", "wrong_type", field="IssueDate") from None
    return Incoming(
        ettn=str(row.get("UUID") or "").lower(),
        number=str(row.get("InvoiceNumber") or ""),
        profile=str(row.get("InvoiceProfile") or ""),
        type=str(row.get("InvoiceType") or ""),
        issued=issued,
        received=moment(str(row.get("EnvelopeDate") or "")),
        answer=statuses.answer_code(row.get("AnswerCode")),
        sender=str(row.get("SenderTaxNumber") or ""),
    )
