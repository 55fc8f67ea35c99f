"""`hub backup data|keys|dagster`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import JsonOption
from hub.cli.output import moment, say, show_json
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.backup.manifest import Part

ToOption = Annotated[Path, typer.Option("--to", metavar="DIR", help=N_("Directory of the backup; made if missing."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("data", help=N_("Back up tenants' data: masked rows, sealed originals, the hub's own tables."))(data)
    group.command(
        "keys", help=N_("Back up the wrapped keys and the erasure journal; deletes backups that are too old.")
    )(keys)
    group.command("dagster", help=N_("Back up Dagster's runs, events and schedules."))(dagster)


def data(to: ToOption, by: ActingOption = None, as_json: JsonOption = False) -> None:
    """Never into a directory with backups of keys."""
    _back_up("data", to, by, as_json=as_json)


def keys(to: ToOption, by: ActingOption = None, as_json: JsonOption = False) -> None:
    """Never into a directory with backups of data."""
    _back_up("keys", to, by, as_json=as_json)


def dagster(to: ToOption, by: ActingOption = None, as_json: JsonOption = False) -> None:
    """Ids and counts only; history is lost without it, nothing else."""
    _back_up("dagster", to, by, as_json=as_json)


def _back_up(part: Part, to: Path, by: str | None, *, as_json: bool) -> None:
    from hub.backup.dump import back_up

    actor = acting(by)
    with opened() as hub:
        made = back_up(hub.settings, hub.database, part, to, actor=actor)
        days = hub.settings.key_backup_days
    if as_json:
        show_json(made)
        return
    say(
        _("Written: {path} ({bytes} bytes, state of {at})").format(
            path=made.path, bytes=made.manifest.bytes, at=moment(made.manifest.at)
        )
    )
    for gone in made.expired:
        say(_("Deleted, older than {days} days: {file} ({at})").format(days=days, file=gone.file, at=moment(gone.at)))
