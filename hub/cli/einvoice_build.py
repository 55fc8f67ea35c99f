"""`hub einvoice build`: documents for those who number, seal and keep elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import entering
from hub.cli.einvoice_seal import ForceOption
from hub.cli.new_file import require_free, write_whole
from hub.cli.output import note
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice

_NUMBER = re.compile(r"([A-Z0-9]{3}20[0-9]{2})([0-9]{9})")


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("build", help=N_("Build an unsigned UBL-TR document from JSON or CSV, with a number you give."))(
        build
    )


def build(
    invoice: Annotated[
        Path, typer.Argument(metavar="FILE", help=N_("The invoice as JSON (- reads standard input), or many as .csv."))
    ],
    number: Annotated[
        str,
        typer.Option(
            metavar="NUMBER", help=N_("Series, year and counter: ABC2026000000001. In CSV: of the first invoice.")
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help=N_("Where the document is written; for many, an existing directory.")
        ),
    ],
    force: ForceOption = False,
) -> None:
    """No tenant, no archive. What is likely a mistake is told, and written all the same."""
    from uuid import uuid4

    from hub.einvoice.ubl.document import build as built
    from hub.messages import text_of

    invoices = _read(invoice)
    if len(invoices) > 1 and not out.is_dir():
        raise HubError("einvoice_csv_many", count=len(invoices))
    numbers = _from(number, len(invoices))
    paths = [out / f"{each}.xml" for each in numbers] if out.is_dir() else [out]
    for path in paths:
        require_free(path, force=force)
    documents = [built(each, number=own, ettn=uuid4()) for each, own in zip(invoices, numbers, strict=True)]
    for path, document in zip(paths, documents, strict=True):
        write_whole(path, document, force=force)
        _warn(path, document)
    note(text_of("einvoice_unsigned"))  # the schema wants a signature, so `check` refuses it until then


def _read(path: Path) -> list[Invoice]:
    """The invoices of a file, in its order. A problem of a CSV file is named by row and column."""
    from hub.einvoice.invoice.csv_rows import read_csv
    from hub.einvoice.invoice.reading import read

    if path.suffix.lower() != ".csv":
        return [read(entering.document(path, exact=True))]
    try:
        content = path.read_bytes()
    except OSError:
        raise HubError("file_unreadable", path=str(path)) from None
    return list(read_csv(content).values())


def _from(number: str, count: int) -> list[str]:
    """So many numbers from the first one on; what is no number is told by whoever builds with it."""
    parts = _NUMBER.fullmatch(number)
    if parts is None:
        return [number] * count
    return [f"{parts[1]}{int(parts[2]) + at:09d}" for at in range(count)]


def _warn(path: Path, document: bytes) -> None:
    from hub.einvoice.check.notices import notices
    from hub.einvoice.explained import explained
    from hub.einvoice.xml import parse

    for finding in notices(parse(document)):
        note(f"{path}: {_('warning')}  {finding.code}  {explained(finding)}")
