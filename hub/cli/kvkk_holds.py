"""`hub kvkk holds place|list|release`: what is not destroyed while a lawsuit or an authority needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import typer

from hub.cli.consents import KindOption, kind_named, subject_asked_for
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.kvkk_breach_options import time_given
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.kvkk.holds import Reason, Scope


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("place", help=N_("Place a legal hold: what lies in its scope is not destroyed until it ends."))(place)
    group.command("list", help=N_("List legal holds."))(list_)
    group.command("release", help=N_("End a legal hold from now on."))(release)


def place(
    tenant: TenantOption,
    scope: Annotated[str, typer.Option(help=N_("subject, dataset, category or tenant."))],
    reason: Annotated[str, typer.Option(help=N_("statutory_retention, litigation, audit or authority_request."))],
    legal_ref: Annotated[str, typer.Option(metavar="TEXT", help=N_("Its ground: article, court and file number."))],
    target: Annotated[
        str | None, typer.Option(metavar="TARGET", help=N_("Dataset, category or subject id that is held."))
    ] = None,
    subject_kind: KindOption = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("When it ends by itself, ISO 8601 with time zone."))
    ] = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """With `--scope subject` and `--subject-kind` the identifier is asked for: all the person's subjects are held."""
    from hub.kvkk import holds

    actor = acting(by)
    held_until = time_given("until", until)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        whole = target or ("*" if scope == "tenant" else "")
        new = holds.NewHold(cast("Scope", scope), whole, cast("Reason", reason), legal_ref, held_until)
        if scope == "subject" and subject_kind:
            kind = kind_named(subject_kind)
            pair = kind, subject_asked_for(hub, tenant_id, kind)
            placed = holds.place_on_person(hub.database, hub.keyring, tenant_id, pair, new, actor=actor)
        else:
            placed = [holds.place(hub.database, tenant_id, new, actor=actor)]
    if as_json:
        show_json(placed)
    else:
        for each in placed:
            say(_("Legal hold {hold} is in force.").format(hold=each.hold_id))


def list_(
    tenant: TenantOption,
    in_force: Annotated[bool, typer.Option("--in-force", help=N_("Only those in force now."))] = False,
    as_json: JsonOption = False,
) -> None:
    """People appear as ids of subjects."""
    from hub.kvkk import holds

    with opened() as hub:
        found = holds.listed(hub.database, hub.tenant_id(tenant), in_force=in_force)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Hold"), _("Scope"), _("Target"), _("Reason"), _("Ground"), _("Until"), _("Released")],
        [
            [
                str(each.hold_id),
                each.scope,
                each.target,
                each.reason,
                each.legal_ref,
                moment(each.held_until),
                moment(each.released_at),
            ]
            for each in found
        ],
    )


def release(
    tenant: TenantOption,
    hold: Annotated[UUID, typer.Option("--id", metavar="ID", help=N_("The hold's id."))],
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """What waited for it is destroyed by the next request or retention run."""
    from hub.kvkk import holds

    actor = acting(by)
    with opened() as hub:
        released = holds.release(hub.database, hub.tenant_id(tenant), hold, actor=actor)
    if as_json:
        show_json(released)
    else:
        say(_("Legal hold {hold} is released.").format(hold=released.hold_id))
