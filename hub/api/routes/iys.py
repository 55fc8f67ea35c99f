"""Permissions for commercial messages at İYS (law 6563): how the tenant stands there, and people who want no more.

What is owed to İYS and what people change there is exchanged by schedule; nothing of it waits for a call.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from connectors.secret import Secret
from hub.api.asked import Call
from hub.api.models import Answer, Body
from hub.api.naming import naming_fields
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.control.messaging import Channel
from hub.identity.permissions import Permission
from hub.messages import text_of

if TYPE_CHECKING:
    from hub.iys.overview import Overview

router = make_router("consents", "/iys")


class IysStanding(Answer):
    """Counts by state. `late`: İYS has not heard within two business days; `overdue`: within the three of the law."""

    account: str | None = Field(examples=["netgsm"], description="The provider that brings it to İYS; null for none.")
    usable: bool
    ran_at: datetime | None
    next_at: datetime | None
    pulled_at: datetime | None
    reconciled_at: datetime | None
    differences: dict[str, int] | None = Field(description="Of the last comparison, by kind.")
    failure_code: str | None
    failure_text: str | None
    pushes: dict[str, int]
    refusal_codes: dict[str, int] = Field(description="İYS's own codes of what it refused.")
    states: dict[str, int] = Field(description="What İYS says of people: ONAY, RET.")
    late: int
    overdue: int


class Unsubscribing(Body):
    """Who wants no more messages by which channel."""

    channel: Channel = Field(examples=["sms"])
    recipient: str = Field(
        min_length=1, max_length=320, repr=False, examples=["+905320000001"], description="Number, or e-mail address."
    )
    scope: Literal["commercial", "all"] = Field(
        default="commercial", description="`all`: they want no service messages by this channel either."
    )


class Unsubscribed(Answer):
    """Whose word was recorded, by pseudonym."""

    recipient: str = Field(examples=["phone_4kq2…"])
    channel: Channel
    scope: Literal["commercial", "all"]


@router.get("", summary="How do you stand with İYS?")
@needs(Permission.CONSENTS_READ)
def show_standing(call: Call) -> IysStanding:
    """In counts; nobody is named."""
    from hub.iys.overview import overview
    from hub.iys.work import clock

    return _standing(overview(call.database, call.keyring, call.tenant, clock(call.database)))


@router.post("/opt-outs", status_code=201, summary="Record that somebody wants no more messages")
@needs(Permission.CONSENTS_RECORD)
def opt_out(call: Call, body: Unsubscribing) -> Unsubscribed:
    """It holds from the next message on, and İYS hears of it. Safe to repeat; a wider scope stays."""
    from hub.iys.opt_out import opt_out as record

    with naming_fields({"subject_malformed": "recipient"}):
        recipient = record(
            call.database,
            call.keyring,
            call.tenant,
            body.channel,
            Secret(body.recipient),
            everything=body.scope == "all",
            actor=call.actor,
        )
    return Unsubscribed(recipient=recipient, channel=body.channel, scope=body.scope)


def _standing(found: Overview) -> IysStanding:
    code = found.run.failure_code
    values = vars(found) | vars(found.run) | {"failure_text": text_of(code) if code else None}
    return IysStanding.model_validate({name: values[name] for name in IysStanding.model_fields})
