"""`hub einvoice view`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.einvoice_seal import DocumentArgument, ForceOption, read_document
from hub.cli.new_file import require_free, write_whole
from hub.i18n import N_


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("view", help=N_("Write an invoice as an HTML page in Turkish, in which nothing runs."))(view)


def view(
    document: DocumentArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=N_("Where the page goes."))],
    embedded: Annotated[
        bool,
        typer.Option("--embedded", help=N_("Use the stylesheet that the invoice carries, shut in, instead of ours.")),
    ] = False,
    force: ForceOption = False,
) -> None:
    """Ours shows parties, lines, taxes, totals, notes, ETTN and the QR code with its content."""
    from hub.einvoice.view.page import page

    content = read_document(document)
    require_free(out, force=force)
    write_whole(out, page(content, embedded=embedded), force=force)
