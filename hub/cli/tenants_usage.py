"""`hub tenants usage`: what a tenant uses of what its plan allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hub.cli.opening import opened
from hub.cli.options import JsonOption
from hub.cli.output import show_json, show_table
from hub.cli.tenants import TenantArgument
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.control.usage import Usage

_NAMES = {
    "integrations": N_("Integrations"),
    "analysts": N_("Analysts with SQL"),
    "actions_per_day": N_("Actions today"),
    "syncs_per_day": N_("Syncs asked for today"),
    "storage_bytes": N_("Storage (MB)"),
    "api_calls_per_minute": N_("API calls a minute"),
    "api_burst": N_("API calls at once"),
    "webhooks_per_minute": N_("Events of providers a minute"),
}
_MEGABYTE = 1_000_000


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("usage", help=N_("Show what a tenant uses of what its plan allows."))(usage)


def usage(tenant: TenantArgument, as_json: JsonOption = False) -> None:
    """Days are Istanbul's."""
    from hub.control.usage import usage_of

    with opened() as hub:
        found = usage_of(hub.database, hub.tenant_id(tenant))
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Limit"), _("Used"), _("Allowed")],
        [[_(_NAMES[each.name]), _shown(each, each.used), _shown(each, each.allowed)] for each in found.usage],
        title=_("Plan {plan}").format(plan=found.plan),
    )


def _shown(each: Usage, number: int | None) -> str:
    if number is None:
        return "–"
    return f"{number / _MEGABYTE:.1f}" if each.name == "storage_bytes" else str(number)
