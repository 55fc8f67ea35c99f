"""`hub whatsapp templates`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from connectors.whatsapp.templates import Template


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "templates", help=N_("List the account's message templates, their state at Meta, and what fills them.")
    )(templates)


def templates(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Asked of Meta now: nothing is stored."""
    import asyncio

    from connectors.whatsapp import PROVIDER
    from connectors.whatsapp.templates import catalogue
    from hub.control import integrations
    from hub.sync.fetch import http_client

    with opened() as hub:
        spec = integrations.connection_spec(hub.database, hub.keyring, PROVIDER, hub.tenant_id(tenant))

    async def ask() -> list[Template]:
        async with http_client() as client:
            return await catalogue(spec, client)

    found = asyncio.run(ask())
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Template"), _("Language"), _("State"), _("Category"), _("Filled with"), _("Text")],
        [
            [each.name, each.language, each.status, each.category, ", ".join(each.parameters) or "–", each.body]
            for each in sorted(found, key=lambda each: (each.name, each.language))
        ],
    )
