"""`hub tenants messaging`: what a tenant decides about its messages."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import FromFile, JsonOption
from hub.cli.output import show_json, show_table
from hub.cli.tenants import TenantArgument
from hub.errors import HubError
from hub.i18n import N_, _


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(
        "messaging",
        help=N_("Show or set a tenant's quiet hours, opt-out text and title of the sender in commercial messages."),
    )(messaging)


def messaging(
    tenant: TenantArgument,
    quiet_hours: Annotated[
        list[str] | None,
        typer.Option(
            "--quiet-hours",
            metavar="CHANNEL=HOURS",
            help=N_("Such as sms=21:00-09:00, Istanbul time; sms= takes them away; may be repeated."),
        ),
    ] = None,
    opt_out_text: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("How to refuse further messages; ends commercial ones."))
    ] = None,
    sender_title: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Registered title or brand that commercial messages name."))
    ] = None,
    mersis: Annotated[str | None, typer.Option(metavar="NUMBER", help=N_("MERSİS number, 16 digits."))] = None,
    from_file: FromFile = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Without options it shows what is set."""
    from hub.cli import entering
    from hub.control import messaging as settings

    given = {"opt_out_text": opt_out_text, "sender_title": sender_title, "mersis": mersis}
    changes: dict[str, Any] = entering.document(from_file) if from_file else {}
    changes |= {name: value for name, value in given.items() if value is not None}
    if quiet_hours:
        changes["quiet_hours"] = dict(_channel_and_hours(each) for each in quiet_hours)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        if changes:
            found = settings.change(hub.database, tenant_id, changes, actor=acting(by))
        else:
            found = settings.of_tenant(hub.database, tenant_id)
    if as_json:
        show_json(found.stored())
        return
    hours = ", ".join(f"{channel} {hours}" for channel, hours in sorted(found.quiet_hours.items()))
    show_table(
        [_("Setting"), _("Value")],
        [
            [_("Quiet hours"), hours or "–"],
            [_("Opt-out text"), found.opt_out_text or "–"],
            [_("Title of the sender"), found.sender_title or "–"],
            [_("MERSİS number"), found.mersis or "–"],
        ],
    )


def _channel_and_hours(text: str) -> tuple[str, str]:
    channel, equals, hours = text.partition("=")
    if not equals:
        raise HubError("messaging_hours_wrong")
    return channel, hours
