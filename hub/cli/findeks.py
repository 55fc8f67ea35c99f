"""`hub findeks order`: a report on somebody, from the legal basis to the order, in one conversation.

Identity number and PIN are typed without echo. Neither is an argument, is stored, or is ever shown.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.failure import ProviderFailure
from connectors.secret import Secret
from hub.cli import entering
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import Hub, opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import note, say, show_json
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from connectors.contract import ConnectionSpec
    from connectors.findeks.ordering import OrderingSession, Phone
    from hub.findeks_orders.order import Admitted, SubjectKind
    from hub.kvkk.audit import Actor
    from hub.outbox.enqueue import Enqueued

_NO_RECORD, _LOCKED = "6005", "6004"


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(
        "order",
        help=N_(
            "Order a Findeks report on a person or company, which costs money: checks the legal basis, has a PIN sent"
            " to the person and asks for it. Identity number and PIN are not shown and not kept."
        ),
    )(order)


def order(
    tenant: TenantOption,
    report: Annotated[str, typer.Option("--report", metavar="risk|cheque", help=N_("Kind of report."))] = "risk",
    subject_kind: Annotated[
        str, typer.Option("--subject-kind", metavar="tckn|vkn", help=N_("What the number is, tckn unless given."))
    ] = "tckn",
    company: Annotated[
        bool, typer.Option("--company", help=N_("The VKN is a legal person's; a sole trader needs a legal basis."))
    ] = False,
    identity_file: Annotated[
        Path | None,
        typer.Option("--identity-file", metavar="FILE", help=N_("File with the number; it is asked for unless given.")),
    ] = None,
    birth_date: Annotated[
        str | None, typer.Option("--birth-date", metavar="DATE", help=N_("The person's birth date: YYYY-MM-DD."))
    ] = None,
    customer_ref: Annotated[
        str | None, typer.Option("--customer-ref", metavar="ID", help=N_("Your own number for the customer."))
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help=N_("Order one more although today's was ordered already."))
    ] = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """The report comes with the next sync, where its legal basis still stands by then."""
    from connectors.findeks import PROVIDER
    from hub.control import integrations
    from hub.findeks_orders.order import Wanted, admitted

    kind, born, actor = _kind(subject_kind), _day(birth_date), acting(by)
    number = _from_file(identity_file) if identity_file else entering.hidden_value(_("Identity or tax number"))
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        spec = integrations.connection_spec(hub.database, hub.keyring, PROVIDER, tenant_id)
        if integrations.get(hub.database, tenant_id, PROVIDER.name).state == "paused":
            raise HubError("account_paused")  # the order would wait, and the person have been written to
        may = admitted(
            hub.database,
            hub.keyring,
            tenant_id,
            Wanted(kind, number, report.upper(), company, born, customer_ref),
            settings=spec.settings,
            at=datetime.now(UTC),
            again=again,
        )
        queued = asyncio.run(_conversation(hub, spec, may, actor))
    if as_json:
        show_json(queued)
    else:
        say(_("The report is ordered: action {action}. It comes with the next sync.").format(action=queued.action_id))


async def _conversation(hub: Hub, spec: ConnectionSpec, may: Admitted, actor: Actor) -> Enqueued:
    """Consent, telephone and PIN. Nothing is bought before the person has said yes."""
    from connectors.findeks.ordering import open_ordering
    from hub.findeks_orders.order import begun, enqueued
    from hub.sync.fetch import http_client

    begun(hub.database, spec.tenant_id, may, actor)
    async with http_client() as client, open_ordering(spec, client) as session:
        try:
            consent = await session.create_consent(may.request)
            phone = _chosen(await session.phones(consent))
            await _confirmed(session, consent, phone)
        except ProviderFailure as failure:
            known = {_NO_RECORD: "order_no_record", _LOCKED: "order_pin_locked"}.get(failure.provider_code or "")
            if known is None:
                raise
            raise HubError(known) from None
    return enqueued(hub.database, hub.keyring, spec.tenant_id, may, consent, settings=spec.settings, actor=actor)


async def _confirmed(session: OrderingSession, consent: str, phone: Phone) -> None:
    """Return when the gateway has taken the PIN. HubError `order_pin_locked`."""
    left = await session.send_pin(consent, phone.key)
    note(_("A PIN was sent to {phone}. It serves for 3 minutes.").format(phone=phone.masked))
    while True:
        pin = entering.optional_hidden_value(_("PIN that the person received (empty sends a new one)"))
        if not pin:
            if left == 0:
                raise HubError("order_pin_locked")
            left = await session.send_pin(consent, phone.key)
            note(_("A new PIN was sent to {phone}; left: {left}.").format(phone=phone.masked, left=left))
            continue
        match await session.confirm(consent, pin):
            case "confirmed":
                return
            case "pin_invalid":
                note(_("The PIN is wrong. Type it again."))
            case "pin_expired":
                note(_("The PIN has expired. Leave the next one empty for a new PIN."))
            case "pin_locked":
                raise HubError("order_pin_locked")


def _chosen(phones: Sequence[Phone]) -> Phone:
    """The telephone that the PIN goes to. HubError `order_no_phone`, `order_phone_unknown`."""
    if not phones:
        raise HubError("order_no_phone")
    for place, phone in enumerate(phones, start=1):
        note(f"{place}) {phone.masked}")
    typed = entering.shown_value(_("Which telephone gets the PIN? (1 to {count})").format(count=len(phones)))
    place = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    if not 1 <= place <= len(phones):
        raise HubError("order_phone_unknown", count=len(phones))
    return phones[place - 1]


def _kind(text: str) -> SubjectKind:
    if text not in ("tckn", "vkn"):
        raise HubError("subject_kind_unknown", known="tckn, vkn")
    return text


def _day(text: str | None) -> date | None:
    from datetime import date as calendar_date

    if text is None:
        return None
    try:
        return calendar_date.fromisoformat(text)
    except ValueError:
        raise HubError("date_malformed", option="--birth-date") from None


def _from_file(path: Path) -> Secret:
    try:
        number = Secret(path.read_text(encoding="utf-8-sig").strip())
    except (OSError, UnicodeDecodeError):
        raise HubError("file_unreadable", path=str(path)) from None
    if not number:
        raise HubError("input_empty", field="--identity-file")
    return number
