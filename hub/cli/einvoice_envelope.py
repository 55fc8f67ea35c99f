"""`hub einvoice envelope pack|unpack`: for those who exchange with GİB directly; an integrator does it by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.einvoice_seal import ForceOption, read_document
from hub.cli.new_file import require_free, write_whole
from hub.cli.output import moment, say
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.einvoice.envelope.model import Enclosed, EnvelopeType

OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help=N_("An existing directory, for what is written."))
]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("pack", help=N_("Put signed documents into an envelope, zipped as GİB takes it."))(pack)
    group.command("unpack", help=N_("Take the documents out of an envelope, byte for byte."))(unpack)


def pack(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=N_("Signed UBL-TR documents."))],
    sender: Annotated[str, typer.Option("--from", metavar="URN", help=N_("The sender's alias."))],
    receiver: Annotated[str, typer.Option("--to", metavar="URN", help=N_("The receiver's alias."))],
    out: OutOption,
    kind: Annotated[
        str | None,
        typer.Option("--type", metavar="TYPE", help=N_("Such as SENDERENVELOPE; by the documents unless given.")),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Whose aliases these are is read from the first document; all of them must be between the same two."""
    from datetime import UTC, datetime
    from uuid import uuid4

    from hub.einvoice.envelope import package
    from hub.einvoice.envelope.model import Address, Envelope
    from hub.einvoice.envelope.rules import parties
    from hub.einvoice.envelope.write import enclosed, write

    documents = tuple(enclosed(read_document(path)) for path in files)
    numbers = parties(documents[0])
    now = datetime.now(UTC)
    envelope = Envelope(
        id=str(uuid4()),
        type=_type(kind, documents[0]),
        sender=Address(sender, numbers[0]),
        receiver=Address(receiver, numbers[1]),
        created=now,
        documents=documents,
    )
    packed = package.pack(envelope.id, write(envelope), at=now)
    path = _in(out, packed.file_name)
    require_free(path, force=force)
    write_whole(path, packed.content, force=force)
    say(_("{type}, documents: {count}, MD5: {hash}").format(type=envelope.type, count=len(documents), hash=packed.hash))


def unpack(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=N_("The envelope: its XML, or the zip that holds it."))],
    out: OutOption,
    force: ForceOption = False,
) -> None:
    """The parties are not shown. What leaned on the envelope is told, for its signature may not hold outside."""
    from hub.einvoice.envelope.package import require_named, unpack
    from hub.einvoice.envelope.read import read

    content = read_document(file)
    zipped = content.startswith(b"PK")
    envelope = read(unpack(file.name, content) if zipped else content)
    if zipped:
        require_named(envelope.id, file.name)
    say(f"{envelope.type}  {envelope.id}  {moment(envelope.created)}")
    paths = [_in(out, f"{at:04d}-{each.type}.xml") for at, each in enumerate(envelope.documents, start=1)]
    for path in paths:
        require_free(path, force=force)
    for path, each in zip(paths, envelope.documents, strict=True):
        write_whole(path, each.content, force=force)
        if not each.whole:
            say("  " + _("It leaned on the envelope for a name space; hub einvoice verify says whether it holds."))


def _type(given: str | None, document: Enclosed) -> EnvelopeType:
    from hub.einvoice.envelope.model import CARRIES, ENVELOPE_TYPES

    for known in ENVELOPE_TYPES:
        if given == known or (given is None and document.type in CARRIES[known]):
            return known
    raise HubError("envelope_type_unknown", known=", ".join(ENVELOPE_TYPES))


def _in(directory: Path, name: str) -> Path:
    if not directory.is_dir():
        raise HubError("file_unwritable", path=str(directory))
    return directory / name
