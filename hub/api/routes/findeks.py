"""Findeks reports: ordered in three calls, with a PIN that the person gets between them and reads out."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from pydantic import Field

from connectors.secret import Secret
from hub.api.asked import Asked, Call
from hub.api.asking import provider_client
from hub.api.models import Answer, Body
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.findeks_orders import steps
from hub.findeks_orders.order import Wanted
from hub.identity.permissions import Permission

if TYPE_CHECKING:
    import httpx

router = make_router("findeks", "/findeks/orders")

_ORDER = Field(
    min_length=1,
    max_length=4_000,
    repr=False,
    examples=["the-order-of-the-first-answer"],
    description="`order` of the first call's answer.",
)


class ReportToOrder(Body):
    """On whom a report is wanted. A person's needs a legal basis that stands (consent or another)."""

    report: Literal["risk", "cheque"] = "risk"
    subject_kind: Literal["tckn", "vkn"] = "tckn"
    number: str = Field(min_length=10, max_length=11, repr=False, examples=["10000000146"])
    company: bool = Field(default=False, description="The VKN is a legal person's; a sole trader's is a person's.")
    birth_date: date | None = Field(default=None, repr=False)
    customer_ref: str | None = Field(default=None, max_length=100, repr=False)
    again: bool = Field(default=False, description="One more, although today's was ordered already.")


class Telephone(Answer):
    """A telephone that the bureau knows, with as much of its number as its owner recognises it by."""

    key: str
    masked: str = Field(examples=["+90*******67"])


class OrderBegun(Answer):
    """An order under way. `order` stands for it in the next calls and means nothing to anybody else."""

    order: str
    telephones: list[Telephone]
    ends_at: datetime


class PinToSend(Body):
    """Where the PIN goes."""

    order: str = _ORDER
    telephone: str = Field(max_length=100, examples=["1"], description="`key` of one of the telephones.")


class PinSent(Answer):
    """How many more may be sent. A PIN serves for three minutes."""

    left: int


class PinToConfirm(Body):
    """The PIN that the person read out."""

    order: str = _ORDER
    pin: str = Field(min_length=1, max_length=20, repr=False, examples=["482913"])


class PinConfirmed(Answer):
    """`confirmed`: the report is ordered, and comes with the next sync; `GET /actions/{action_id}` follows it."""

    outcome: Literal["confirmed", "pin_invalid", "pin_expired", "pin_locked"]
    action_id: UUID | None


@router.post("", status_code=201, summary="Begin an order", responses={502: {}})
@needs(Permission.ACTIONS_SEND, key_required=True)
async def begin_order(call: Call, body: ReportToOrder) -> OrderBegun:
    """The bureau is asked for the person's telephones; nothing is sent or bought yet."""
    wanted = Wanted(
        body.subject_kind, Secret(body.number), body.report.upper(), body.company, body.birth_date, body.customer_ref
    )
    async with provider_client() as client:
        begun = await steps.begin(_desk(call, client), wanted, again=body.again)
    telephones = [Telephone.model_validate(each) for each in begun.phones]
    return OrderBegun(order=begun.order, telephones=telephones, ends_at=begun.ends_at)


@router.post("/pin", status_code=202, summary="Send the PIN", responses={502: {}})
@needs(Permission.ACTIONS_SEND, key_required=True)
async def send_pin(call: Call, body: PinToSend) -> PinSent:
    """To the person; at most three for an order. A new one makes the one before it worthless."""
    async with provider_client() as client:
        return PinSent(left=await steps.send_pin(_desk(call, client), body.order, body.telephone))


@router.post("/confirm", status_code=202, summary="Confirm with the PIN", responses={502: {}})
@needs(Permission.ACTIONS_SEND, key_required=True)
async def confirm_order(call: Call, body: PinToConfirm) -> PinConfirmed:
    """Orders the report, which costs money, where its ground still stands."""
    async with provider_client() as client:
        done = await steps.confirm(_desk(call, client), body.order, Secret(body.pin))
    return PinConfirmed(outcome=done.answer, action_id=done.action_id)


def _desk(call: Asked, client: httpx.AsyncClient) -> steps.Desk:
    return steps.Desk(call.database, call.keyring, call.tenant, client, call.actor)
