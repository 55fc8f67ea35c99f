"""`hub kvkk inventory`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.opening import opened
from hub.cli.output import note, say, show_table
from hub.cli.writing import write_out
from hub.errors import HubError
from hub.i18n import LANGUAGES, N_, _, parse_language, speaking

if TYPE_CHECKING:
    from hub.kvkk.inventory.read import Inventory

_FORMATS = ("table", "csv", "xlsx", "html", "json")
_SHOWN = (1, 2, 4, 7, 8, 10, 12, 17)
"""Of the sheet's headings, what a terminal has room for."""


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command(
        "inventory",
        help=N_("The inventory of processing as VERBIS asks for it, from the policies in force; and what waits."),
    )(inventory)


def inventory(
    tenant: Annotated[
        str | None,
        typer.Option("--tenant", metavar="TENANT", help=N_("One tenant's providers and choices; all without it.")),
    ] = None,
    shape: Annotated[str, typer.Option("--format", help=N_("table, csv, xlsx, html or json."))] = "table",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help=N_("File to write; standard output without."))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=N_("Columns that say nothing of a person too."))] = False,
    lang: Annotated[str, typer.Option("--lang", metavar="tr|en", help=N_("Language of the inventory."))] = "tr",
) -> None:
    """VERBIS is Turkish, and so is the inventory unless `--lang en` stands behind the command."""
    from connectors.registry import PROVIDERS
    from hub.kvkk.inventory.formats import WRITERS
    from hub.kvkk.inventory.read import read_inventory

    language = parse_language(lang)
    if language is None:
        raise HubError("language_unknown", known=", ".join(LANGUAGES))
    if shape not in _FORMATS:
        raise HubError("inventory_format_unknown", known=", ".join(_FORMATS))
    if shape == "xlsx" and out is None and sys.stdout.isatty():
        raise HubError("inventory_needs_a_file")
    with speaking(language), opened() as hub:
        tenant_id = hub.tenant_id(tenant) if tenant else None
        found = read_inventory(hub.database, PROVIDERS, hub.policies, tenant_id=tenant_id)
        content = b"" if shape == "table" else WRITERS[shape](found, everything=everything)
        if shape == "table":
            _show(found, everything=everything)
    if shape != "table":
        write_out(content, out)
    waiting = sum(row.state == "waiting" for row in found.rows)
    if waiting:
        note(_("Columns that wait to be declared: {count}").format(count=waiting))


def _show(found: Inventory, *, everything: bool) -> None:
    from dataclasses import replace

    from hub.kvkk.inventory.sheet import inventory_sheet

    in_force = replace(found, rows=tuple(row for row in found.rows if row.state == "in_force"))
    sheet = inventory_sheet(in_force, everything=everything)
    show_table([sheet.headings[place] for place in _SHOWN], [[line[place] for place in _SHOWN] for line in sheet.lines])
    waiting = [row for row in found.rows if row.state == "waiting"]
    if waiting:
        say("")
        show_table(
            [_("Activity"), _("Column"), _("Tenants")],
            [[row.activity, ", ".join(row.dropped), ", ".join(row.tenants)] for row in waiting],
            title=_("Waits to be declared; does not load"),
        )
