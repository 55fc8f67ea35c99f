"""`hub kvkk breach send`: the notice by mail to everybody whom a breach concerns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.kvkk_breach_options import BreachArgument
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import note, show_json, show_table
from hub.errors import HubError
from hub.i18n import LANGUAGES, N_, _, parse_language

_NAMES = {
    "persons": N_("Persons concerned"),
    "queued": N_("Mails queued now"),
    "waiting": N_("Mails that wait"),
    "sent": N_("Mails sent"),
    "unknown": N_("Mails of unknown fate"),
    "failed": N_("Mails that failed"),
    "told": N_("Told another way"),
    "no_address": N_("Without an e-mail address"),
    "without_mail": N_("Not mailed yet"),
}


def send(
    breach: BreachArgument,
    tenant: TenantOption,
    lang: Annotated[str, typer.Option("--lang", metavar="tr|en", help=N_("Language of the notice."))] = "tr",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Only count; read no address, queue no mail."))] = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nobody is mailed twice: to go on after a failure, or to see how it stands, run it again."""
    from hub.kvkk.breach.mailing import mailing, send_notices
    from hub.mail.server import mail_server

    actor, language = acting(by), parse_language(lang)
    if language is None:
        raise HubError("language_unknown", known=", ".join(LANGUAGES))
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        if dry_run:
            stands = mailing(hub.database, tenant_id, breach)
        else:
            stands = send_notices(hub.database, hub.keyring, tenant_id, breach, language=language, actor=actor)
        without_server = mail_server(hub.settings) is None
    if as_json:
        show_json(stands)
        return
    show_table([_("Field"), _("Value")], [[_(_NAMES[name]), str(count)] for name, count in asdict(stands).items()])
    if stands.waiting and without_server:
        note(_("No mail server is configured (HUB_SMTP_HOST): the mails wait."))
    if stands.unknown:
        note(_("Look into the mail server's log, then: hub kvkk mails settle or retry."))
    if stands.no_address:
        note(_("Tell these another way, and note it: hub kvkk breach notify --to persons."))
