"""`hub migrate`."""

from __future__ import annotations

import typer

from hub.cli.options import JsonOption
from hub.cli.output import progress, say, show_json
from hub.i18n import N_, _
from hub.messages import text_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate", help=N_("Bring every schema up to date, Dagster's too; refuses a newer one than it knows."))(
        migrate
    )


def migrate(as_json: JsonOption = False) -> None:
    """On a fresh installation this makes databases, roles, passwords and the master key."""
    from hub.db.migrate import migrate as run_migrations
    from hub.db.postgres import running
    from hub.models.dbt_process import ensure_manifest
    from hub.settings import Settings

    settings = Settings.load()
    with progress(_("Migrating")) as on_progress, running(settings):
        on_progress(text_of("migrate_manifest"))
        ensure_manifest(settings)
        report = run_migrations(
            settings,
            on_progress=lambda step: on_progress(text_of(step)),
            on_tenants=lambda done, total: on_progress(text_of("migrate_policies"), done, total),
        )
    if as_json:
        show_json(report)
    else:
        say(_("Everything is up to date."))
