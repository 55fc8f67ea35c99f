"""`hub einvoice sign` and `hub einvoice verify`."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.new_file import require_free, write_whole
from hub.cli.options import JsonOption
from hub.cli.output import moment, note, say, show_json
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Generator

    from cryptography.x509 import Certificate

    from hub.einvoice.seal.signer import Signer
    from hub.einvoice.seal.verify import Verification

DocumentArgument = Annotated[Path, typer.Argument(metavar="FILE", help=N_("A UBL-TR document."))]
ForceOption = Annotated[bool, typer.Option("--force", help=N_("Overwrite the file that is to be written."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("sign", help=N_("Sign a UBL-TR document with a seal: a key in a file, or one on a token (PKCS#11)."))(
        sign
    )
    group.command("verify", help=N_("Tell whether a document's signature holds, and whose certificate made it."))(
        verify
    )


def sign(
    document: DocumentArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=N_("Where the signed document goes."))],
    pem: Annotated[Path | None, typer.Option("--key", metavar="FILE", help=N_("The key's file (PEM)."))] = None,
    certificates: Annotated[
        Path | None,
        typer.Option("--cert", metavar="FILE", help=N_("The certificate's file, with those that certify it (PEM).")),
    ] = None,
    module: Annotated[
        Path | None, typer.Option("--pkcs11-module", metavar="FILE", help=N_("The token's driver, a shared library."))
    ] = None,
    token: Annotated[str | None, typer.Option("--token", metavar="LABEL", help=N_("The token's label."))] = None,
    label: Annotated[
        str | None, typer.Option("--key-label", metavar="LABEL", help=N_("The label of the key on the token."))
    ] = None,
    pin_file: Annotated[
        Path | None, typer.Option("--pin-file", metavar="FILE", help=N_("File with the key's password or token's PIN."))
    ] = None,
    pin_variable: Annotated[
        str | None,
        typer.Option("--pin-env", metavar="NAME", help=N_("Environment variable with the password or PIN.")),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help=N_("Replace the signature of a signed document."))] = False,
    force: ForceOption = False,
) -> None:
    """Adds UBLExtensions, cac:Signature and the signature where they are missing."""
    from hub.einvoice.seal.secret import read_secret
    from hub.einvoice.seal.sign import names_another
    from hub.einvoice.seal.sign import sign as signed

    content = read_document(document)
    require_free(out, force=force)
    pin = read_secret(file=pin_file, variable=pin_variable, environment=os.environ)
    with _signer(pem=pem, certificates=certificates, token=(module, token, label), pin=pin) as signer:
        sealed = signed(content, signer, now=datetime.now(UTC), again=again)
        if names_another(sealed, signer):
            note(_("The certificate names another taxpayer than the document's signing party."))
    write_whole(out, sealed, force=force)


def verify(document: DocumentArgument, as_json: JsonOption = False) -> None:
    """Exit 1 where the signature does not hold; of an envelope, where that of any document does not."""
    from hub.einvoice.seal.verify import verify as verified

    found = verified(read_document(document))
    holds = all(each.holds for each in found)
    if as_json:
        show_json({"file": document, "holds": holds, "documents": [_data(each) for each in found]})
    else:
        for each in found:
            _show(document, each)
        note(_("Not looked at, for want of the network: whether the certificate is trusted or was revoked."))
    raise typer.Exit(0 if holds else 1)


def read_document(path: Path) -> bytes:
    """The file's content, no more of it than may be parsed. HubError `document_unreadable`."""
    from hub.einvoice.xml import MAX_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        raise HubError("document_unreadable", path=str(path)) from None


@contextmanager
def _signer(
    *,
    pem: Path | None,
    certificates: Path | None,
    token: tuple[Path | None, str | None, str | None],
    pin: bytes | None,
) -> Generator[Signer]:
    from hub.einvoice.seal.signer import key_signer
    from hub.einvoice.seal.token import TokenPlace, TokenSigner

    module, name, label = token
    if pem is not None and certificates is not None and token == (None, None, None):
        yield key_signer(key=read_document(pem), certificates=read_document(certificates), password=pin)
    elif module is not None and name is not None and label is not None and pem is None and certificates is None:
        if pin is None:
            raise HubError("seal_pin_missing")
        with TokenSigner(TokenPlace(module, name, label), pin) as signer:
            yield signer
    else:
        raise HubError("seal_signer_unclear")


def _show(document: Path, verification: Verification) -> None:
    from hub.cli.einvoice import printable, show_finding
    from hub.einvoice.explained import explained

    summary = _("the signature holds") if verification.holds else _("THE SIGNATURE DOES NOT HOLD")
    say(_("{file} {path}: {summary}").format(file=document, path=verification.path, summary=summary))
    if verification.holds:
        say("  " + _("Unchanged since then: the document, the signed properties, the certificate."))
    for finding in verification.findings:
        show_finding(finding, explained(finding))
    if verification.certificate is not None:
        data = _certificate(verification.certificate)
        say("  " + _("Signed: {time}").format(time=moment(verification.signed_at)))
        issuer = printable(data["issuer"])
        say("  " + _("Certificate: {subject}").format(subject=printable(data["subject"])))
        say("  " + _("Issued by: {issuer}, number {serial}").format(issuer=issuer, serial=data["serial"]))
        say("  " + _("Valid: {start} to {end}").format(start=moment(data["valid_from"]), end=moment(data["valid_to"])))


def _data(verification: Verification) -> dict[str, Any]:
    from hub.cli.einvoice import as_data

    certificate = verification.certificate
    return {
        "path": verification.path,
        "holds": verification.holds,
        "signed_at": verification.signed_at,
        "certificate": _certificate(certificate) if certificate is not None else None,
        "findings": as_data(verification.findings),
    }


def _certificate(certificate: Certificate) -> dict[str, Any]:
    from hub.einvoice.seal.certificates import identity_of
    from hub.einvoice.seal.distinguished import written

    return {
        "subject": written(certificate.subject),
        "identity": identity_of(certificate),
        "issuer": written(certificate.issuer),
        "serial": str(certificate.serial_number),
        "valid_from": certificate.not_valid_before_utc,
        "valid_to": certificate.not_valid_after_utc,
    }
