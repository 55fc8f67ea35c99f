"""`hub restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.options import JsonOption
from hub.cli.output import moment, note, progress, say, show_json
from hub.i18n import N_, _
from hub.messages import text_of

if TYPE_CHECKING:
    from hub.backup.restore import Restored


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "restore",
        help=N_("Restore backups into an empty place. Nobody can open it before those erased since are erased again."),
    )(restore)


def restore(
    data: Annotated[Path, typer.Option("--data", metavar="FILE", help=N_("Backup of the data."))],
    wrapped: Annotated[Path, typer.Option("--keys", metavar="FILE", help=N_("Backup of the keys, not older."))],
    dagster: Annotated[Path | None, typer.Option("--dagster", metavar="FILE", help=N_("Backup of Dagster."))] = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """The master key must lie in its place before; a restore that was cut short is run again."""
    from hub.backup.restore import Dumps
    from hub.backup.restore import restore as bring_back
    from hub.db.postgres import running
    from hub.models.dbt_process import ensure_manifest
    from hub.settings import Settings

    settings = Settings.load()
    actor = acting(by)
    with progress(_("Restoring")) as on_progress, running(settings):
        ensure_manifest(settings)
        done = bring_back(
            settings, Dumps(data, wrapped, dagster), actor=actor, on_step=lambda step: on_progress(text_of(step))
        )
    if as_json:
        show_json(done)
    else:
        _show(done)


def _show(done: Restored) -> None:
    cleaned = done.cleaned
    say(_("Restored: data as of {data}, keys as of {keys}.").format(data=moment(done.at), keys=moment(done.keys_at)))
    if not done.signatures_checked:
        note(_("The backups' signatures were not checked: the key that signs audit logs was not here."))
    say(
        _("Erased again: {again} erasures; forgotten again: {forgotten} tenants.").format(
            again=cleaned.erasures.again, forgotten=cleaned.forgotten_again
        )
    )
    if done.analysts_ended:
        say(_("Analysts' logins that ended and must be added anew: {count}").format(count=done.analysts_ended))
    for chain, count in cleaned.audit_newer.items():
        say(
            _("Audit log {chain}: {count} entries are signed for and not in the backup.").format(
                chain=chain, count=count
            )
        )
    if cleaned.mails_doubted:
        say(
            _("Mails that may have been sent since the backup (hub kvkk mails list): {count}").format(
                count=cleaned.mails_doubted
            )
        )
    if cleaned.actions_doubted:
        say(
            _("Actions that may have been done since the backup (hub actions list): {count}").format(
                count=cleaned.actions_doubted
            )
        )
    if cleaned.sessions_ended:
        say(
            _(
                "Sessions that were ended: {count}. Users who were disabled and API keys that were revoked since the"
                " backup work again: see hub users list and hub api-keys list."
            ).format(count=cleaned.sessions_ended)
        )
    for store, count in cleaned.lost.items():
        say(
            _(
                "{count} values of {store} do not open: a tenant's key was rotated after the backup. Enter them anew."
            ).format(store=store, count=count)
        )
