"""Invoices that a tenant issues: checked, issued, followed, cancelled. The buyer is shown in documents alone."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.asking import Form, key_of, named, provider_client
from hub.api.findings import FindingShown, finding_shown
from hub.api.headers import tells
from hub.api.models import Answer, Body, Page
from hub.api.moments import after, moment_and_id
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.einvoice.issue import acts, archive, pages
from hub.identity.permissions import Permission
from hub.messages import failure_text
from hub.validation import InvalidInput

if TYPE_CHECKING:
    from hub.einvoice.issue import issuing as issuing_module

router = make_router("invoices", "/invoices")

State = Literal["issued", "sent", "delivered", "refused", "void", "cancelled"]
Kind = Literal["einvoice", "earchive"]
Reference = Annotated[str, Path(max_length=36, description="Number, ETTN or id.", examples=["FTR2026000000001"])]
_INDEX = re.compile(r"\[(\d+)\]")
EXAMPLE = {
    "type": "SATIS",
    "customer": {
        "identity": "11111111111",
        "first_name": "Ayşe",
        "family_name": "Yılmaz",
        "address": {"district": "Kadıköy", "city": "İstanbul"},
    },
    "lines": [{"name": "Taşıma", "quantity": "1", "price": "100.00", "vat_rate": "20"}],
}


class Invoice(Answer):
    """Where an issued document stands, in codes, numbers and amounts."""

    document_id: UUID
    ettn: UUID
    number: str = Field(examples=["FTR2026000000001"])
    kind: Kind
    profile: str
    type: str
    issue_date: date
    state: State
    reason: str | None
    reason_text: str | None
    provider_code: str | None
    facts: dict[str, Any]
    currency: str
    payable: Decimal
    sealed_here: bool = Field(description="Signed by the hub; else the integrator signs.")
    sha256: str
    bytes: int
    action_id: UUID | None = Field(description="Its delivery: `GET /actions/{action}`.")
    issued_by: str
    issued_at: datetime
    kept_until: date


class Order(Answer):
    """An action about a document: its delivery, a cancellation."""

    kind: str
    state: str
    reason: str | None
    asked_at: datetime
    provider_code: str | None


class InvoiceInFull(Invoice):
    """A document with what was asked for with it, oldest first."""

    orders: list[Order]


class InvoiceIssued(Invoice):
    """An issued document, and what in it is allowed and most likely a mistake."""

    warnings: list[FindingShown] = Field(description="None when it had been issued under this key before.")


class InvoiceToIssue(Body):
    """An invoice without its supplier, which is you. Whether it is an e-Fatura says the tax office's list."""

    invoice: dict[str, Any] = Field(repr=False, examples=[EXAMPLE])
    alias: str | None = Field(default=None, max_length=300, description="The receiver's mailbox, where it has several.")
    paper: bool = Field(default=False, description="The buyer gets this e-Arşiv invoice on paper.")


class PaymentToInvoice(Body):
    """An iyzico payment that stands in the warehouse; amounts are the payment's, VAT within them."""

    payment_id: str = Field(max_length=40, examples=["12345678"])
    customer: dict[str, Any] = Field(repr=False, examples=[EXAMPLE["customer"]])
    vat_rate: Decimal = Field(gt=0, le=100, max_digits=5, decimal_places=2, examples=["20"])
    name: str = Field(default="Satış bedeli", min_length=1, max_length=200, description="What was sold.")


class Cancellation(Body):
    """Why, for the integrator; name nobody."""

    reason: str = Field(min_length=1, max_length=500, repr=False, examples=["Sipariş iptal edildi"])


class QueuedAction(Answer):
    """What was queued: `GET /actions/{action}` follows it."""

    action_id: UUID


@router.get("", summary="List invoices")
@needs(Permission.INVOICES_READ)
def list_invoices(
    call: Call,
    state: Annotated[list[State] | None, Query(max_length=10)] = None,
    kind: Annotated[Kind | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Invoice]:
    """Newest first."""
    found = pages.page(
        call.database, call.tenant, states=state or None, kind=kind, after=moment_and_id(cursor), limit=limit + 1
    )
    last = found[limit - 1] if len(found) > limit else None
    items = [shown(each) for each in found[:limit]]
    return Page(items=items, next=after(last.issued_at, last.document_id) if last else None)


@router.post("", status_code=201, summary="Issue an invoice", responses={502: {}})
@needs(Permission.INVOICES_ISSUE, key_required=True)
@tells("Location")
async def issue_invoice(call: Call, body: InvoiceToIssue, request: Request, response: Response) -> InvoiceIssued:
    """Numbered, signed and kept, and its delivery queued; the same key never issues it twice.

    `warnings` are what `POST /invoices/check` warns of: a rate of VAT that is not in force, an invoice to yourself.
    """
    from hub.einvoice.issue.issuing import Asked as AskedInvoice

    # Amounts as they were written: a float has lost what it cannot hold.
    values = json.loads(await request.body(), parse_float=Decimal)["invoice"]
    asked = AskedInvoice(key_of(call), values, alias=body.alias, paper=body.paper)
    with of_invoice("invoice."):
        return await _issued(call, asked, response)


@router.post("/from-payment", status_code=201, summary="Issue a payment's invoice", responses={502: {}})
@needs(Permission.INVOICES_ISSUE, key_required=True)
@tells("Location")
async def issue_from_payment(call: Call, body: PaymentToInvoice, response: Response) -> InvoiceIssued:
    """To the kuruş of what was paid. A payment is invoiced once, whatever the key."""
    import asyncio

    from hub.einvoice.issue import payment

    paid = await asyncio.to_thread(payment.payment, call.database, call.tenant, body.payment_id)
    asked = payment.asked_for(paid, body.customer, body.vat_rate, name=body.name)
    with of_invoice(""):
        return await _issued(call, asked, response)


@router.get("/{invoice}", summary="Show an invoice")
@needs(Permission.INVOICES_READ)
def show_invoice(call: Call, invoice: Reference) -> InvoiceInFull:
    """With codes of GİB and the integrator as they came."""
    with call.database.tenant(call.tenant, "app") as connection:
        found = archive.find(connection, call.tenant, invoice)
        orders = archive.orders(connection, call.tenant, found)
    values = _values(found) | {"orders": [Order.model_validate(each) for each in orders]}
    return InvoiceInFull.model_validate(values)


@router.post("/{invoice}/cancel", status_code=202, summary="Cancel an e-Arşiv invoice")
@needs(Permission.INVOICES_ISSUE, key_required=True)
def cancel_invoice(call: Call, invoice: Reference, body: Cancellation) -> QueuedAction:
    """An e-Fatura is cancelled on GİB's portal, or rejected by who received it."""
    with named(Form(payload="")):
        action_id = acts.cancel(call.database, call.keyring, call.tenant, invoice, body.reason, actor=call.actor)
    return QueuedAction(action_id=action_id)


@router.post("/{invoice}/void", summary="Mark a refused invoice void")
@needs(Permission.INVOICES_ISSUE)
def void_invoice(call: Call, invoice: Reference) -> Invoice:
    """Its number stays used, and it goes out no more."""
    return shown(acts.void(call.database, call.tenant, invoice, actor=call.actor))


def shown(found: archive.Document) -> Invoice:
    """A document as it is answered."""
    return Invoice.model_validate(_values(found))


def issuing_of(call: Asked) -> issuing_module.Issuing:
    """One for the process: the rules are compiled once, and a token is opened once."""
    from hub.einvoice.issue.issuing import Issuing

    kept = call.services.extra
    if "issuing" not in kept:
        kept["issuing"] = Issuing(call.database, call.keyring)
    return kept["issuing"]


async def _issued(call: Asked, asked: issuing_module.Asked, response: Response) -> InvoiceIssued:
    from hub.einvoice.issue.issuing import issue

    async with provider_client() as client:
        done = await issue(issuing_of(call), call.tenant, asked, client, issued_by=call.actor.name)
    response.headers["Location"] = f"/api/v1/invoices/{done.document.document_id}"
    warnings = [finding_shown(each) for each in done.warnings]
    return InvoiceIssued.model_validate(_values(done.document) | {"warnings": warnings})


@contextmanager
def of_invoice(prefix: str) -> Generator[None]:
    """`lines[2].price` as `invoice.lines.2.price`, like every field of a body."""
    try:
        yield
    except InvalidInput as error:
        renamed = [replace(each, field=prefix + _INDEX.sub(r".\1", each.field)) for each in error.problems]
    else:
        return
    raise InvalidInput(renamed)


def _values(found: archive.Document) -> dict[str, Any]:
    text = failure_text(found.reason, provider_code=found.provider_code) if found.reason else None
    return {**vars(found), "reason_text": text}
