"""`hub actions link`: where a payment link leads."""

from __future__ import annotations

import typer

from hub.cli.opening import opened
from hub.cli.options import ActionArgument, JsonOption, TenantOption
from hub.cli.output import say, show_json
from hub.i18n import N_


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("link", help=N_("Show the address of a payment link that an action made. The reading is audited."))(
        link
    )


def link(action: ActionArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """With `--json` also its token, by which it is taken out of use."""
    from hub.kvkk.audit import operator
    from hub.outbox.payment_links import read_link

    with opened() as hub:
        found = read_link(hub.database, hub.keyring, hub.tenant_id(tenant), action, actor=operator())
    if as_json:
        show_json(vars(found))
    else:
        say(found.url)
