"""From a queued action to an integrator's call and back: the same for every integrator."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from connectors.actions import Absent, Act, CannotTell, Finding, Found, Outcome, Refused
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.einvoice.contract import Document, Integrator, Kind, Status
from connectors.einvoice.gib import resend
from connectors.einvoice.ubl import read_head
from connectors.failure import ProviderFailure

Do = Callable[[Act], Awaitable[Outcome]]
Ask = Callable[[Act], Awaitable[Finding]]


class InvoicePerformer:
    """One kind of action at one integrator. Its `repr` shows nothing of a document."""

    def __init__(self, do: Do, ask: Ask) -> None:
        self._do = do
        self._ask = ask

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        """One attempt at each."""
        return [await self._do(act) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        """What became of each, by its document's ETTN."""
        return [await self._asked(act) for act in acts]

    async def _asked(self, act: Act) -> Finding:
        try:
            return await self._ask(act)
        except ProviderFailure as failure:
            return CannotTell(failure)


def sender(integrator: Integrator, kind: Kind) -> InvoicePerformer:
    """Sends documents of that kind, and follows them to the end."""

    async def do(act: Act) -> Outcome:
        try:
            document = document_of(act.payload, kind)
        except ProviderFailure as failure:
            return Refused(failure)
        return await integrator.send(document)

    async def ask(act: Act) -> Finding:
        return finding(await integrator.status(act.payload["ettn"], kind), kind=kind, ettn=act.payload["ettn"])

    return InvoicePerformer(do, ask)


def canceller(integrator: Integrator, *, clock: Clock = SYSTEM_CLOCK, back: bool = False) -> InvoicePerformer:
    """Cancels e-Arşiv invoices; with `back`, takes cancellations back."""

    async def do(act: Act) -> Outcome:
        ettn = act.payload["ettn"]
        if back:
            return await integrator.revert_cancel(ettn)
        return await integrator.cancel(ettn, reason=str(act.payload.get("reason") or ""), at=clock.now())

    async def ask(act: Act) -> Finding:
        status = await integrator.status(act.payload["ettn"], "earchive")
        done = status is not None and status.cancelled is not back
        return Found("delivered", act.payload["ettn"]) if done else Absent()

    return InvoicePerformer(do, ask)


def answerer(integrator: Integrator) -> InvoicePerformer:
    """Answers incoming commercial invoices."""

    async def do(act: Act) -> Outcome:
        payload = act.payload
        return await integrator.answer(payload["ettn"], payload["answer"], note=str(payload.get("note") or ""))

    async def ask(act: Act) -> Finding:
        said = await integrator.answered(act.payload["ettn"])
        if said in ("accepted", "rejected", "returned", "implied"):
            # The first answer counts: another one than ours was given on another way, and ours can no longer be.
            ours = said == act.payload["answer"]
            facts = {"answer": said}
            return Found("delivered" if ours else "failed", act.payload["ettn"], code=said.upper(), facts=facts)
        return Absent()

    return InvoicePerformer(do, ask)


def document_of(payload: Any, kind: Kind) -> Document:
    """The document in a payload.

    Raises `ProviderFailure` request_refused, with the field: the bytes are missing or unreadable, are not the bytes
    that were signed (`sha256`), or belong to another invoice than the payload says. Such a document would be sent under
    one ETTN and asked for under another, and so be sent again.
    """
    try:
        ubl = base64.b64decode(str(payload.get("xml_base64") or ""), validate=True)
    except (binascii.Error, ValueError):
        ubl = b""
    expected = payload.get("sha256")
    if not ubl or (expected is not None and hashlib.sha256(ubl).hexdigest() != str(expected).lower()):
        raise ProviderFailure("permanent", "request_refused", field="xml_base64")
    head = read_head(ubl)
    for name, right in (("ettn", head.ettn), ("number", head.number)):
        if str(payload[name]).lower() != right.lower():
            raise ProviderFailure("permanent", "request_refused", field=name)
    return Document(
        ettn=head.ettn,
        kind=kind,
        number=head.number,
        ubl=ubl,
        alias=payload.get("alias") if kind == "einvoice" else None,
        delivery="paper" if payload.get("delivery") == "paper" else "electronic",
    )


def finding(status: Status | None, *, kind: Kind, ettn: str) -> Finding:
    """What a status means to the outbox.

    A delivered document is asked after on while something is still to come: a commercial answer, which may take eight
    days, or the e-Arşiv report.
    """
    if status is None:
        return Absent()
    facts: dict[str, str | int] = {"answer": status.answer} if kind == "einvoice" else {}
    if status.gib_code is not None:
        facts["gib_code"] = status.gib_code
        facts["resend"] = resend(status.gib_code)
    if status.reported is not None:
        facts["reported"] = int(status.reported)
    if status.cancelled:
        facts["cancelled"] = 1
    if status.state == "failed":
        code = str(status.gib_code) if status.gib_code is not None else status.code
        return Found("failed", ettn, code=code, facts=facts)
    awaited = status.answer == "waiting" or (status.reported is False and not status.cancelled)
    final = status.state == "delivered" and not awaited
    return Found("delivered" if final else "accepted", ettn, facts=facts)
