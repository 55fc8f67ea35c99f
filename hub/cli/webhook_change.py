"""`hub webhooks change`: another address, other events, another contact; secret and history stay."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import note, say, show_json
from hub.cli.webhooks import WebhookArgument
from hub.errors import HubError
from hub.i18n import N_, _


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("change", help=N_("Change a webhook's address, events or contact; what is not given stays."))(change)


def change(
    webhook: WebhookArgument,
    tenant: TenantOption,
    address: Annotated[
        str | None, typer.Option("--address", metavar="ADDRESS", help=N_("Where to from now on; checked as at first."))
    ] = None,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help=N_("What to tell instead of what was told. May be repeated.")),
    ] = None,
    notify: Annotated[
        str | None, typer.Option("--notify", metavar="MAIL", help=N_("Who is told by mail when it is disabled."))
    ] = None,
    nobody: Annotated[
        bool, typer.Option("--notify-nobody", help=N_("Tell nobody by mail when it is disabled."))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """What waits goes to the new address."""
    import asyncio

    from hub.kvkk.audit import operator
    from hub.subscriptions import changing
    from hub.subscriptions.reach import reach_of

    if nobody and notify is not None:
        raise HubError("webhook_notify_whom")
    given: dict[str, Any] = {"address": address, "types": types, "contact": notify}
    changes = {name: value for name, value in given.items() if value is not None} | (
        {"contact": None} if nobody else {}
    )
    with opened() as hub:
        after = asyncio.run(
            changing.change(
                hub.database,
                hub.keyring,
                reach_of(hub.settings),
                hub.tenant_id(tenant),
                webhook,
                changes,
                actor=operator(),
            )
        )
    if as_json:
        show_json(after)
        return
    say(_("{webhook} is changed.").format(webhook=webhook))
    if after.subscription.state != "active":
        note(_("It is {state}; hub webhooks resume has it told again.").format(state=after.subscription.state))
