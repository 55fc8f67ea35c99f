"""`hub kvkk mails list|retry|settle`: what was sent, and what waits for a person."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import typer

from hub.cli.kvkk_acting import acting
from hub.cli.kvkk_request_options import ByOption, actor
from hub.cli.opening import opened
from hub.cli.options import JsonOption
from hub.cli.output import moment, say, show_json, show_table
from hub.cli.users_scope import PlatformChoice, TenantChoice, scope_of
from hub.i18n import N_, _

MailArgument = Annotated[UUID, typer.Argument(metavar="MAIL", help=N_("The mail's id."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("list", help=N_("List mails that wait or need a person. Neither recipient nor text is shown."))(list_)
    group.command("retry", help=N_("Send a mail again that failed, or of which nobody knows whether it arrived."))(
        retry
    )
    group.command("settle", help=N_("Say that a mail of unknown fate has arrived; it is not sent again."))(settle)


def list_(
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    everything: Annotated[bool, typer.Option("--all", help=N_("Also those that have been sent."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Newest first. With `--platform` those to the operator's own people."""
    from hub.mail import queue

    with opened() as hub:
        found = queue.listed(hub.database, scope_of(hub, tenant, platform), only_open=not everything)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Mail"), _("Template"), _("About"), _("State"), _("Attempts"), _("Next try"), _("Sent"), _("Why")],
        [
            [
                str(each.mail_id),
                each.template,
                each.about,
                each.state,
                str(each.attempts),
                moment(each.next_try_at) if each.state == "pending" else "–",
                moment(each.sent_at),
                each.failure_code or "–",
            ]
            for each in found
        ],
    )


def retry(
    mail: MailArgument,
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whoever retries a mail of unknown fate accepts that it may arrive twice."""
    _decide(mail, tenant, platform, "again", by, _("The mail {mail} will be sent again."), as_json=as_json)


def settle(
    mail: MailArgument,
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """The mail server's own log tells."""
    _decide(mail, tenant, platform, "sent", by, _("The mail {mail} counts as sent."), as_json=as_json)


def _decide(
    mail: UUID,
    tenant: str | None,
    platform: bool,
    decision: Literal["again", "sent"],
    by: str | None,
    said: str,
    *,
    as_json: bool,
) -> None:
    from hub.mail import queue

    with opened() as hub:
        scope = scope_of(hub, tenant, platform)
        who = actor(hub, tenant, by) if tenant is not None else acting(by)
        done = queue.decide(hub.database, scope, mail, decision, who)
    if as_json:
        show_json(done)
    else:
        say(said.format(mail=done.mail_id))
