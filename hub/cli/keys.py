"""`hub keys status` and `hub keys rotate master|tenant`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import JsonOption
from hub.cli.output import moment, note, progress, say, show_json, show_table
from hub.cli.users_scope import PlatformChoice
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.keys.tenant_rotation import TenantRotated


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("status", help=N_("Which master key is in force, and what is being rotated."))(status)


def register_rotation(group: typer.Typer) -> None:
    """Add what rotates to its group."""
    group.command(
        "master",
        help=N_(
            "Make a new master key and wrap every tenant's keys under it. Cut short, the next call finishes it."
            " Keep a copy of the old key file for as long as older backups of the key store are to be restored."
        ),
    )(rotate_master)
    group.command(
        "tenant",
        help=N_(
            "Seal what a tenant's or the platform's key seals under a new one, and destroy the old one."
            " Cut short, the next call finishes it."
        ),
    )(rotate_tenant)


def status(as_json: JsonOption = False) -> None:
    """Fingerprints, times and counts."""
    from hub.keys.status import key_status

    with opened() as hub:
        found = key_status(hub.database)
    if as_json:
        show_json(found)
        return
    say(
        _("Master key {fingerprint}, in force since {since}.").format(
            fingerprint=found.master, since=moment(found.since)
        )
    )
    if found.rotating:
        say(
            _("Its rotation is not finished ({count} left). Run: hub keys rotate master").format(
                count=found.under_other_masters
            )
        )
    say(_("Tenants with keys: {count}").format(count=found.tenants))
    if found.tenants_rotating:
        say(_("Rotations of tenants' keys that are not finished (run: hub keys rotate tenant):"))
        show_table(
            [_("Tenant"), _("Generation"), _("Since")],
            [[each.tenant_id, str(each.generation), moment(each.since)] for each in found.tenants_rotating],
        )


def rotate_master(by: ActingOption = None, as_json: JsonOption = False) -> None:
    """The hub may go on working meanwhile."""
    from hub.keys.master_rotation import rotate_master as rotate

    actor = acting(by)
    with opened() as hub, progress(_("Rotating the master key")) as report:
        done = rotate(hub.database, actor=actor, on_progress=lambda number, total: report(_("tenants"), number, total))
    if as_json:
        show_json(done)
        return
    say(
        _("Master key {fingerprint} is in force; {count} rows of tenants' keys were wrapped under it.").format(
            fingerprint=done.fingerprint, count=done.rewrapped
        )
    )
    note(_("Put a copy of the new key file where the old one was kept, apart from every backup of the data."))


def rotate_tenant(
    tenant: Annotated[
        list[str] | None,
        typer.Option("--tenant", metavar="TENANT", help=N_("Tenant: its id or its subdomain; may be repeated.")),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=N_("Every tenant of this installation."))] = False,
    platform: PlatformChoice = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """The hub may go on working meanwhile. Exit 1 if a value did not open, which keeps the old key."""
    from hub.control import tenants
    from hub.identity.scope import PLATFORM_SCOPE
    from hub.keys.tenant_rotation import TenantRotation

    if every == bool(tenant or platform):
        raise HubError("tenants_not_named")
    actor = acting(by)
    with opened() as hub, progress(_("Rotating tenants' keys")) as report:
        chosen = (
            [each.tenant_id for each in tenants.directory(hub.database)]
            if every
            else [hub.tenant_id(each) for each in tenant or ()]
        ) + ([PLATFORM_SCOPE] if every or platform else [])
        done = TenantRotation(hub.database, hub.keyring, actor=actor).rotate(
            chosen, on_progress=lambda number, total: report(_("tenants"), number, total)
        )
    if as_json:
        show_json(done)
    else:
        _tell(done)
    raise typer.Exit(0 if all(each.finished for each in done) else 1)


def _tell(done: Sequence[TenantRotated]) -> None:
    for each in done:
        say(
            _("{tenant}: generation {generation}; {count} values sealed anew.").format(
                tenant=each.tenant_id, generation=each.generation, count=sum(each.resealed.values())
            )
        )
        for store, count in each.unreadable.items():
            note(
                _(
                    "{tenant}: {count} values of {store} do not open. The old key stays until they do or are gone."
                ).format(tenant=each.tenant_id, count=count, store=store)
            )
        for store, count in each.lost.items():
            note(
                _(
                    "{tenant}: {count} values of {store} are lost: their key was destroyed before they came back."
                ).format(tenant=each.tenant_id, count=count, store=store)
            )
    if any(each.destroyed for each in done):
        note(_("Back up the data anew: what older backups hold of these values does not open any more."))
