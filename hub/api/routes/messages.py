"""SMS, one-time passwords and WhatsApp. Numbers and texts go in and are never answered."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from fastapi import Response
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.asking import Form, Terms, Wanted, Wording, queue, queue_one
from hub.api.headers import tells
from hub.api.models import Answer, Body
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.routes.actions import Action, Batch, batch_answer, placed, shown
from hub.identity.permissions import Permission
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from connectors.netgsm.segments import Segments

router = make_router("messages", "/messages")

_PHONE = "+905321234567"


class Sms(Terms):
    """One SMS: a text, or a template that makes it."""

    to: str = Field(max_length=30, repr=False, examples=[_PHONE], description="A Turkish mobile number.")
    text: str | None = Field(default=None, max_length=2_000, repr=False, examples=["Siparişiniz yola çıktı."])
    template: Wording | None = None
    recipient_type: Literal["BIREYSEL", "TACIR"] | None = Field(
        default=None, description="As İYS names them; a commercial message has one."
    )
    header: str | None = Field(default=None, max_length=11, description="Sender's name; the account's unless given.")
    encoding: Literal["auto", "GSM", "TR", "UNICODE"] = Field(
        default="auto", description="`auto`: the cheapest in which the text arrives letter for letter."
    )


class SmsToSend(Body):
    """Up to a thousand messages, all or none."""

    messages: list[Sms] = Field(min_length=1, max_length=1_000)


class TextToPrice(Body):
    """A text whose parts are counted."""

    text: str = Field(min_length=1, max_length=2_000, repr=False, examples=["İyi günler, siparişiniz hazır."])


class Priced(Answer):
    """A text in one encoding. `changed`: letters arrive as others. `cost` is null without an account's price."""

    encoding: Literal["GSM", "TR", "UNICODE"]
    chosen: bool = Field(description="Whether `auto` takes it.")
    characters: int
    limit: int
    parts: int
    sendable: bool
    changed: bool
    lost: int = Field(description="Characters that it cannot carry.")
    cost: Decimal | None
    currency: Literal["TRY"] = "TRY"


class OneTimePassword(Body):
    """A password that is of use now or not at all."""

    to: str = Field(max_length=30, repr=False, examples=[_PHONE])
    channel: Literal["sms", "whatsapp"] = "sms"
    text: str | None = Field(
        default=None, max_length=300, repr=False, examples=["Kodunuz: 482913"],
        description="By SMS: one part without Turkish letters; or a template.",
    )  # fmt: skip
    template: Wording | None = None
    code: str | None = Field(default=None, max_length=8, repr=False, description="By WhatsApp: 4 to 8 digits.")
    header: str | None = Field(default=None, max_length=11)


class WhatsappMessage(Terms):
    """A message of one of the four forms; `message` is checked as its form says."""

    form: Literal["text", "template", "media", "interactive"] = Field(
        description="`template` may open a conversation; the others pass within 24 hours of the person's last message."
    )
    message: dict[str, Any] = Field(repr=False, examples=[{"to": _PHONE, "text": "Merhaba"}])
    wording: Wording | None = Field(default=None, description="A template of the hub's that makes a text's words.")


@router.post("/sms", status_code=202, summary="Send SMS")
@needs(Permission.ACTIONS_SEND, key_required=True)
def send_sms(call: Call, body: SmsToSend) -> Batch:
    """Queued, all or none; `GET /actions?batch=...` follows them."""
    wrong = [
        Problem(f"messages.{at}.text", "template_or_text")
        for at, each in enumerate(body.messages)
        if (each.text is None) == (each.template is None)
    ]
    if wrong:
        raise InvalidInput(wrong)
    wanted = [Wanted("netgsm.sms", _sms(each), each, each.template) for each in body.messages]
    return batch_answer(call, queue(call, wanted, Form("messages", payload="")))


@router.post("/sms/price", summary="What would a text cost?")
@needs(Permission.ACTIONS_SEND)
def price_sms(call: Call, body: TextToPrice) -> list[Priced]:
    """In each encoding, cheapest first. Nothing is sent."""
    from connectors.netgsm.segments import ENCODINGS, chosen, measured

    if not body.text.strip():
        raise InvalidInput([Problem("text", "field_empty")])
    best, price = chosen(body.text).encoding, _part_price(call)
    return [_priced(measured(body.text, each), best, price) for each in ENCODINGS]


@router.post("/otp", status_code=202, summary="Send a one-time password")
@needs(Permission.ACTIONS_SEND, key_required=True)
@tells("Location")
async def send_otp(call: Call, body: OneTimePassword, response: Response) -> Action:
    """Sent while you wait: `state` says whether the provider took it."""
    kind, payload = _otp(body)
    found, _ = await queue_one(call, Wanted(kind, payload, Terms(priority=0), body.template), Form(payload=""))
    placed(response, found.action_id)
    return shown(found)


@router.post("/whatsapp", status_code=202, summary="Send a WhatsApp message")
@needs(Permission.ACTIONS_SEND, key_required=True)
@tells("Location")
async def send_whatsapp(call: Call, body: WhatsappMessage, response: Response) -> Action:
    """A template that Meta does not know, or fills otherwise, is refused now."""
    wanted = Wanted(f"whatsapp.{body.form}", body.message, body, body.wording)
    found, _ = await queue_one(call, wanted, Form(payload="message."))
    placed(response, found.action_id)
    return shown(found)


def _sms(message: Sms) -> dict[str, Any]:
    names = ("to", "text", "recipient_type", "header", "encoding")
    payload = {name: value for name in names if (value := getattr(message, name)) is not None}
    return payload if message.template is not None else {**payload, "commercial": message.commercial}


def _otp(body: OneTimePassword) -> tuple[str, dict[str, Any]]:
    """Kind and payload. `InvalidInput` for a password without its words, or with those of another channel."""
    by_sms = body.channel == "sms"
    wrong: list[Problem] = []
    if by_sms and (body.text is None) == (body.template is None):
        wrong.append(Problem("text", "template_or_text"))
    if not by_sms and body.code is None:
        wrong.append(Problem("code", "otp_code_missing"))
    foreign = ("code",) if by_sms else ("text", "template", "header")
    wrong += [Problem(name, "field_unexpected") for name in foreign if getattr(body, name) is not None]
    if wrong:
        raise InvalidInput(wrong)
    given = {"to": body.to, "text": body.text, "header": body.header, "code": body.code}
    payload = {name: value for name, value in given.items() if value is not None}
    return "netgsm.otp" if by_sms else "netgsm.whatsapp_otp", payload


def _part_price(call: Asked) -> Decimal | None:
    from connectors.netgsm.settings import NetgsmSettings
    from hub.control import integrations
    from hub.errors import HubError

    try:
        account = integrations.connection_spec(
            call.database, call.keyring, integrations.provider_named("netgsm"), call.tenant
        )
    except HubError as error:
        if error.code != "integration_missing":
            raise
        return None
    return NetgsmSettings.of(account.settings).sms_part_price or None


def _priced(found: Segments, best: str, price: Decimal | None) -> Priced:
    return Priced(
        encoding=found.encoding,
        chosen=found.encoding == best,
        characters=found.characters,
        limit=found.limit,
        parts=found.parts,
        sendable=found.sendable,
        changed=found.changed,
        lost=found.lost,
        cost=price * found.parts if price is not None and found.sendable else None,
    )
