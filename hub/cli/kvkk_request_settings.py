"""`hub kvkk requests settings`: what a tenant decides about its desk."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.kvkk_request_options import ByOption, actor
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import show_json, show_table
from hub.i18n import N_, _


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(
        "settings",
        help=N_("Show or set how soon a tenant answers, and where warnings and alarms are mailed."),
    )(settings)


def settings(
    tenant: TenantOption,
    dpo_email: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help=N_("The office's mailbox for warnings and alarms; empty takes it away.")),
    ] = None,
    answer_days: Annotated[
        int | None, typer.Option(metavar="DAYS", help=N_("Days in which the tenant answers, 1 to 30."))
    ] = None,
    clock_starts: Annotated[
        str | None, typer.Option(metavar="receipt|identity", help=N_("From when they run: receipt, or identity."))
    ] = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Without options it shows what holds."""
    from hub.kvkk.requests import desk_settings

    given: dict[str, Any] = {
        "dpo_email": dpo_email,
        "request_answer_days": answer_days,
        "request_clock_starts": clock_starts,
    }
    changes = {name: value if value != "" else None for name, value in given.items() if value is not None}
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        if changes:
            found = desk_settings.change(hub.database, tenant_id, changes, actor=actor(hub, tenant, by))
        else:
            found = desk_settings.of_tenant(hub.database, tenant_id)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Setting"), _("Value")],
        [
            [_("Mailbox for warnings"), found.dpo_email or "–"],
            [_("Days to answer"), str(found.request_answer_days)],
            [_("They run from"), found.request_clock_starts],
        ],
    )
