"""`hub sms preview|balance|headers`: what a text would become and cost, and what the account at Netgsm has."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _, language_in_use

if TYPE_CHECKING:
    from connectors.netgsm.client import NetgsmClient
    from connectors.netgsm.segments import Segments

T = TypeVar("T")


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "preview", help=N_("Show how many parts a text becomes in each encoding, and what it costs. Nothing is sent.")
    )(preview)
    group.command("balance", help=N_("Show the account's credit and packages."))(balance)
    group.command("headers", help=N_("List the account's approved sender names."))(headers)


def preview(
    text: Annotated[
        str | None,
        typer.Option(
            "--text", metavar="TEXT", help=N_("The text; standard input without it, as personal data should come.")
        ),
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(metavar="TENANT", help=N_("Price by this tenant's account; no costs without it."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The marked encoding is the one that `auto` takes: the cheapest in which the text arrives letter for letter."""
    from connectors.netgsm.segments import ENCODINGS, chosen, measured

    whole = _from_stdin() if text is None else text
    if not whole.strip():
        raise HubError("input_empty", field="text")
    price = None if tenant is None else _part_price(tenant)
    best = chosen(whole)
    found = [measured(whole, encoding) for encoding in ENCODINGS]
    if as_json:
        show_json([_plain(each, best, price) for each in found])
        return
    show_table(
        ["", _("Encoding"), _("Characters"), _("Parts"), _("Text"), _("Cost")],
        [
            [
                "→" if each.encoding == best.encoding else "",
                each.encoding,
                f"{each.characters}/{each.limit}",
                str(each.parts) if each.sendable else "–",
                _what_becomes(each),
                _money(price * each.parts) if price and each.sendable else "–",
            ]
            for each in found
        ],
    )
    plain = found[0]
    if plain.changed and plain.sendable:
        say(_("With {encoding} arrives: {text}").format(encoding=plain.encoding, text=plain.text))


def balance(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Asks Netgsm."""
    from connectors.netgsm import account

    found = _asked(tenant, account.balance)
    if as_json:
        show_json(found)
        return
    say(_("Credit: {amount}").format(amount=_money(found.credit)))
    for package in found.packages:
        say(f"{package.name}: {package.amount:f}")


def headers(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Asks Netgsm. A new one is applied for on its pages."""
    from connectors.netgsm import account

    found = _asked(tenant, account.headers)
    if as_json:
        show_json(found)
        return
    for each in found:
        say(each)


def _asked(tenant: str, question: Callable[[NetgsmClient], Awaitable[T]]) -> T:
    """What a question answers to a tenant's account."""
    from connectors.netgsm import PROVIDER
    from connectors.netgsm.session import open_session
    from hub.control.integrations import connection_spec
    from hub.sync.fetch import http_client

    with opened() as hub:
        spec = connection_spec(hub.database, hub.keyring, PROVIDER, hub.tenant_id(tenant))

    async def ask() -> T:
        async with http_client() as client, open_session(spec, client) as session:
            return await question(session.client)

    return asyncio.run(ask())


def _part_price(tenant: str) -> Decimal:
    from connectors.netgsm import PROVIDER
    from connectors.netgsm.settings import NetgsmSettings
    from hub.control.integrations import connection_spec

    with opened() as hub:
        spec = connection_spec(hub.database, hub.keyring, PROVIDER, hub.tenant_id(tenant))
    return NetgsmSettings.of(spec.settings).sms_part_price


def _from_stdin() -> str:
    """Standard input as UTF-8, whatever the terminal's locale is, without its last line end."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8")
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise HubError("file_unreadable", path="-")
    return text.removesuffix("\n").removesuffix("\r")


def _what_becomes(found: Segments) -> str:
    if found.lost:
        return _("{count} characters cannot be sent").format(count=found.lost)
    if found.too_long:
        return _("too long")
    return _("letters change") if found.changed else _("unchanged")


def _plain(found: Segments, best: Segments, price: Decimal | None) -> dict[str, Any]:
    return {
        "encoding": found.encoding,
        "chosen": found.encoding == best.encoding,
        "characters": found.characters,
        "limit": found.limit,
        "parts": found.parts,
        "sendable": found.sendable,
        "changed": found.changed,
        "lost": found.lost,
        "text": found.text,
        "cost": None if not price or not found.sendable else price * found.parts,
    }


def _money(amount: Decimal) -> str:
    from babel.numbers import format_currency

    return format_currency(amount, "TRY", locale=language_in_use())
