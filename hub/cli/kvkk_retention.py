"""`hub kvkk retention plan|run`: periodic destruction by policy and age."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import Hub, opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import say, show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.kvkk.retention.run import Retention, Settled


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("plan", help=N_("Count what policies keep no longer; nothing is changed."))(plan)
    group.command("run", help=N_("Destroy, empty or coarsen what policies keep no longer, after counting it."))(run)


def plan(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """What lies under a legal hold is not counted."""
    with opened() as hub:
        found = _retention(hub).plan(hub.tenant_id(tenant), now=datetime.now(UTC))
    _show(found, as_json=as_json)


def run(tenant: TenantOption, by: ActingOption = None, as_json: JsonOption = False) -> None:
    """Exit status 1 when a second count found something that should have gone."""
    actor = acting(by)
    with opened() as hub:
        done = _retention(hub).run(hub.tenant_id(tenant), now=datetime.now(UTC), actor=actor)
    _show(done, as_json=as_json)
    if done.left:
        raise typer.Exit(1)


def _retention(hub: Hub) -> Retention:
    from connectors.registry import PROVIDERS
    from hub.kvkk.retention.run import Retention
    from hub.kvkk.stores import Hub as Stores

    return Retention(Stores(hub.database, hub.keyring, PROVIDERS, hub.policies))


def _show(settled: Settled, *, as_json: bool) -> None:
    if as_json:
        show_json(settled)
        return
    show_table(
        [_("Dataset"), _("Category"), _("Records"), _("Method")],
        [[each.dataset, each.category, str(each.records), each.method] for each in settled.due],
    )
    for hold in settled.blocked_by:
        text = _("Under a legal hold: {scope} {target} ({hold})")
        say(text.format(scope=hold.scope, target=hold.target, hold=hold.hold_id))
    if settled.left:
        say(_("Left after a second count: {count}").format(count=settled.left))
