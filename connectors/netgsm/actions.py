"""What the hub can do through Netgsm: SMS, one-time passwords by SMS, one-time passwords by WhatsApp."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.actions import ActionKind, Cost
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.netgsm.client import NetgsmClient
from connectors.netgsm.otp import OtpPerformer
from connectors.netgsm.payloads import otp_problems, recipient, segments, sms_problems, whatsapp_problems
from connectors.netgsm.settings import (
    MESSAGES_TOGETHER,
    MOST_JOBS_ASKED,
    OTP_LIVES,
    SETTLES_AFTER,
    NetgsmSettings,
)
from connectors.netgsm.sms import SmsPerformer
from connectors.netgsm.whatsapp_otp import WhatsappOtpPerformer

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Payload
    from connectors.contract import ConnectionSpec


@asynccontextmanager
async def open_sms(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[SmsPerformer]:
    """A tenant's SMS. `ProviderFailure` settings_invalid; no request is made yet."""
    yield SmsPerformer(_client(spec, client, clock))


@asynccontextmanager
async def open_otp(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[OtpPerformer]:
    """A tenant's one-time passwords by SMS. `ProviderFailure` settings_invalid; no request is made yet."""
    yield OtpPerformer(_client(spec, client, clock))


@asynccontextmanager
async def open_whatsapp_otp(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[WhatsappOtpPerformer]:
    """A tenant's one-time passwords by WhatsApp. `ProviderFailure` settings_invalid; no request is made yet."""
    yield WhatsappOtpPerformer(_client(spec, client, clock))


def _client(spec: ConnectionSpec, client: httpx.AsyncClient, clock: Clock) -> NetgsmClient:
    return NetgsmClient(spec, client, settings=NetgsmSettings.of(spec.settings), clock=clock)


def sms_cost(payload: Payload, settings: Mapping[str, Any]) -> Cost:
    """Parts, at the price of a part. `ProviderFailure` settings_invalid for a price that is none."""
    parts = segments(payload).parts
    return Cost(units=parts, amount=parts * NetgsmSettings.of(settings).sms_part_price)


def otp_cost(_payload: Payload, settings: Mapping[str, Any]) -> Cost:
    """One password of the package."""
    return Cost(amount=NetgsmSettings.of(settings).otp_price)


def whatsapp_otp_cost(_payload: Payload, settings: Mapping[str, Any]) -> Cost:
    """One message."""
    return Cost(amount=NetgsmSettings.of(settings).whatsapp_otp_price)


def _sms_summary(payload: Payload) -> Mapping[str, str | int]:
    found = segments(payload)
    return {
        "parts": found.parts,
        "characters": found.characters,
        "encoding": found.encoding,
        "purpose": "commercial" if payload.get("commercial") else "informational",
        **_template(payload),
    }


def _template(payload: Payload) -> Mapping[str, str | int]:
    template = payload.get("template")
    return {"template": template} if isinstance(template, str) else {}


SMS = ActionKind(
    name="netgsm.sms",
    provider="netgsm",
    title="SMS",
    check=sms_problems,
    open=open_sms,
    asking="by_reference",
    settles_after=SETTLES_AFTER,
    polls_after=timedelta(minutes=1),
    together=MESSAGES_TOGETHER,
    asked_together=MOST_JOBS_ASKED,
    recipient=recipient,
    is_message=True,
    cost=sms_cost,
    costs=True,
    summary=_sms_summary,
    says_commercial=lambda payload: payload.get("commercial") is True,
)
OTP = ActionKind(
    name="netgsm.otp",
    provider="netgsm",
    title="One-time password (SMS)",
    check=otp_problems,
    open=open_otp,
    asking="never",
    polls_after=timedelta(minutes=1),
    gives_up_after=timedelta(hours=1),
    expires_after=OTP_LIVES,
    urgent=True,
    asked_together=MOST_JOBS_ASKED,
    attempts=3,
    recipient=recipient,
    is_message=True,
    cost=otp_cost,
    costs=True,
    summary=_template,
)
WHATSAPP_OTP = ActionKind(
    name="netgsm.whatsapp_otp",
    provider="netgsm",
    title="One-time password (WhatsApp)",
    check=whatsapp_problems,
    open=open_whatsapp_otp,
    asking="never",
    gives_up_after=OTP_LIVES,
    expires_after=OTP_LIVES,
    urgent=True,
    attempts=3,
    recipient=recipient,
    is_message=True,
    cost=whatsapp_otp_cost,
    costs=True,
    summary=_template,
)
KINDS = (SMS, OTP, WHATSAPP_OTP)
