"""Invoices that others sent: listed at the integrator, fetched, answered within the eight days. None is kept here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.asking import Form, named, provider_client
from hub.api.models import Answer, Body, Page, cursor_of, keys_of
from hub.api.need import needs
from hub.api.paging import AT_ONCE, Cursor, Limit, page_of
from hub.api.route import documented
from hub.api.route import router as make_router
from hub.api.routes.invoice_documents import SANDBOX
from hub.api.routes.invoices import QueuedAction
from hub.einvoice.issue import received
from hub.errors import HubError
from hub.identity.permissions import Permission

router = make_router("invoices")

Ettn = Annotated[UUID, Path()]
Format = Literal["xml", "pdf", "html"]
_MEDIA_TYPES: dict[Format, str] = {"xml": "application/xml", "pdf": "application/pdf", "html": "text/html"}


class IncomingInvoice(Answer):
    """An invoice that somebody sent; `sender` is a pseudonym. `last_day` is the last on which an answer counts."""

    ettn: str
    number: str
    profile: str
    type: str
    issued: date
    received: datetime | None
    answer: str
    may_answer: bool
    last_day: date | None
    sender: str


class InvoiceAnswer(Body):
    """What is said to the sender; a rejection has a note, which names nobody."""

    verdict: Literal["accepted", "rejected"]
    note: str = Field(default="", max_length=500, repr=False)


class TaxpayerToAsk(Body):
    """A VKN or TCKN; neither kept nor answered."""

    number: str = Field(min_length=10, max_length=11, repr=False, examples=["1111111114"])


class Mailbox(Answer):
    """A mailbox of e-Fatura's."""

    alias: str
    since: datetime | None
    until: datetime | None


class Taxpayer(Answer):
    """Whether a buyer is registered for e-Fatura; the name is not told, since a sole trader's is a person's."""

    registered: bool
    mailboxes: list[Mailbox]


@router.get("/incoming-invoices", summary="List invoices that came in", responses={409: documented(409), 502: {}})
@needs(Permission.INVOICES_READ)
async def list_incoming(
    call: Call,
    days: Annotated[int, Query(ge=1, le=366, description="Of the last so many days.")] = 9,
    limit: Limit = AT_ONCE,
    cursor: Cursor = None,
) -> Page[IncomingInvoice]:
    """Asked of the integrator now; by the day of issue, oldest first.

    Without an invoice profile there is no integrator to ask, which is 409 and no empty list: invoices may wait there.
    """
    place = tuple(map(str, keys_of(cursor, 2))) if cursor else None
    async with provider_client() as client:
        try:
            found = await received.received(_desk(call), client, days=days)
        except HubError as error:
            raise HubError("einvoice_nobody_to_ask") if error.code == "einvoice_profile_missing" else error from None
    ordered = sorted(found, key=_place)
    left = [each for each in ordered if place is None or _place(each) > place]
    return page_of(IncomingInvoice, left, limit, place=lambda last: cursor_of(*_place(last)))


@router.get(
    "/incoming-invoices/{ettn}/document",
    summary="Download an invoice that came in",
    responses={
        200: {"content": {media_type: {} for media_type in _MEDIA_TYPES.values()}},
        502: {},
    },
    response_class=Response,
)
@needs(Permission.INVOICES_DOWNLOAD)
async def download_incoming(
    call: Call, ettn: Ettn, format_: Annotated[Format, Query(alias="format")] = "xml"
) -> Response:
    """As the integrator has it. The reading is in the audit log."""
    async with provider_client() as client:
        content = await received.fetched(_desk(call), client, ettn, format_, actor=call.actor)
    headers = {
        "Content-Disposition": f'attachment; filename="invoice.{format_}"',
        "Content-Security-Policy": SANDBOX,
    }
    return Response(content, media_type=_MEDIA_TYPES[format_], headers=headers)


@router.post(
    "/incoming-invoices/{ettn}/answer", status_code=202, summary="Accept or reject an invoice", responses={502: {}}
)
@needs(Permission.INVOICES_ISSUE, key_required=True)
async def answer_incoming(call: Call, ettn: Ettn, body: InvoiceAnswer) -> QueuedAction:
    """Within eight days of the receipt; the first answer counts, and who says nothing has accepted."""
    async with provider_client() as client:
        with named(Form(payload="")):
            action_id = await received.answer(
                _desk(call), client, ettn, body.verdict, reason=body.note, actor=call.actor
            )
    return QueuedAction(action_id=action_id)


@router.post("/taxpayers/lookup", summary="Is a buyer registered for e-Fatura?", responses={502: {}})
@needs(Permission.INVOICES_READ)
async def look_up_taxpayer(call: Call, body: TaxpayerToAsk) -> Taxpayer:
    """Asked of the integrator now."""
    from hub.einvoice.identity import checksum_fits

    if not checksum_fits(body.number):
        raise HubError("einvoice_taxpayer_number_wrong")
    async with provider_client() as client:
        found = await received.taxpayer(_desk(call), client, body.number)
    aliases = () if found is None else found.aliases
    boxes = [Mailbox(alias=each.name, since=each.since, until=each.until) for each in aliases]
    return Taxpayer(registered=found is not None, mailboxes=boxes)


def _place(invoice: received.Received) -> tuple[str, str]:
    return invoice.issued.isoformat(), invoice.ettn


def _desk(call: Asked) -> received.Desk:
    return received.Desk(call.database, call.keyring, call.tenant)
