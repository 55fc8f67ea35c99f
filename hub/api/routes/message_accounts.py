"""What a tenant's message accounts have, asked of the provider now: credit, sender names, templates at Meta."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.asking import provider_client
from hub.api.models import Answer
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.control import integrations
from hub.identity.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from connectors.netgsm.client import NetgsmClient
    from connectors.whatsapp.templates import Template

router = make_router("messages", "/messages")

T = TypeVar("T")


class Package(Answer):
    """What is left of something bought by the piece, by Netgsm's name."""

    name: str = Field(examples=["Adet OTP Sms"])
    amount: Decimal


class Balance(Answer):
    """Credit in TRY, and packages."""

    credit: Decimal
    packages: list[Package]


class SenderNames(Answer):
    """Approved sender names; a new one is applied for on Netgsm's pages."""

    headers: list[str] = Field(examples=[["LALELOJISTK"]])


class MetaTemplate(Answer):
    """A template in one language, as Meta has it. `sendable`: Meta would take it now."""

    template_id: str
    name: str = Field(examples=["siparis_hazir"])
    language: str = Field(examples=["tr"])
    status: str = Field(examples=["APPROVED"])
    category: str = Field(examples=["utility"])
    body: str
    parameters: list[str]
    header: str | None
    buttons: list[int] = Field(description="Places of the buttons that must be filled.")
    replies: list[int] = Field(description="Places of the buttons that may be given what comes back.")
    sendable: bool


@router.get("/sms/balance", summary="What credit is left?", responses={502: {}})
@needs(Permission.ACTIONS_SEND)
def show_balance(call: Call) -> Balance:
    """Asks Netgsm; 502 says why it did not tell."""
    from connectors.netgsm import account

    return Balance.model_validate(_netgsm(call, account.balance))


@router.get("/sms/headers", summary="List the sender names", responses={502: {}})
@needs(Permission.ACTIONS_SEND)
def list_headers(call: Call) -> SenderNames:
    """Asks Netgsm; 502 says why it did not tell."""
    from connectors.netgsm import account

    return SenderNames(headers=_netgsm(call, account.headers))


@router.get("/whatsapp/templates", summary="List the templates at Meta", responses={502: {}})
@needs(Permission.TEMPLATES_READ)
def list_meta_templates(call: Call) -> list[MetaTemplate]:
    """By name and language. Asks Meta; 502 says why it did not tell."""
    from connectors.whatsapp.templates import catalogue

    spec = integrations.connection_spec(
        call.database, call.keyring, integrations.provider_named("whatsapp"), call.tenant
    )

    async def ask() -> list[Template]:
        async with provider_client() as client:
            return await catalogue(spec, client)

    # In this call's own thread: what a provider takes its time for must not hold up other calls.
    found = sorted(asyncio.run(ask()), key=lambda each: (each.name, each.language))
    return [MetaTemplate.model_validate(each) for each in found]


def _netgsm(call: Asked, question: Callable[[NetgsmClient], Awaitable[T]]) -> T:
    from connectors.netgsm.session import open_session

    spec = integrations.connection_spec(call.database, call.keyring, integrations.provider_named("netgsm"), call.tenant)

    async def ask() -> T:
        async with provider_client() as client, open_session(spec, client) as session:
            return await question(session.client)

    return asyncio.run(ask())
