"""`hub einvoice check`, and the group of what is done with e-documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import (
    einvoice_envelope,
    einvoice_incoming,
    einvoice_issue,
    einvoice_numbers,
    einvoice_payment,
    einvoice_seal,
    einvoice_view,
)
from hub.cli.options import JsonOption
from hub.cli.output import say, show_json
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.einvoice.check.checker import Told
    from hub.einvoice.finding import Finding
    from hub.einvoice.names import Kind


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "check", help=N_("Check e-documents with GİB's XSD and schematron and our arithmetic; explains each finding.")
    )(check)
    einvoice_seal.register(group)
    einvoice_view.register(group)
    einvoice_issue.register(group)
    einvoice_payment.register(group)
    einvoice_numbers.register(group)
    einvoice_incoming.register(group)
    envelope = typer.Typer(help=N_("Envelopes of direct exchange."), no_args_is_help=True, rich_markup_mode=None)
    einvoice_envelope.register(envelope)
    group.add_typer(envelope, name="envelope")


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=N_("UBL-TR documents or envelopes."))],
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help=N_("What they are meant to be, such as archive-invoice.")),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Exit 1 where any file has an error or cannot be read.

    At the terminal GİB's own words stand below the explanation; they may quote the document. JSON, which machines
    keep, has codes, paths and our words.
    """
    meant = _kind(kind)
    results: list[dict[str, Any]] = []
    for file in files:
        told = _told(file, meant)
        results.append(_result(file, told))
        if not as_json:
            _show(file, told)
    if as_json:
        from hub.einvoice.check.rules import RULES_DATE

        show_json({"rules": RULES_DATE, "files": results})
    raise typer.Exit(0 if all(result["valid"] for result in results) else 1)


def _told(file: Path, kind: Kind | None) -> list[Told]:
    """What is told of a file; that it cannot be read is told too, so that the other files are looked at."""
    from hub.cli.einvoice_seal import read_document
    from hub.einvoice.check.checker import Told, warm_checker
    from hub.einvoice.finding import Finding

    try:
        return warm_checker().tell(read_document(file), kind=kind)
    except HubError as error:
        if error.code.startswith("einvoice_rules_"):
            raise
        return [Told(Finding(error.code, "/", "error", {name: str(value) for name, value in error.params.items()}))]


def _result(file: Path, told: list[Told]) -> dict[str, Any]:
    findings = [each.finding for each in told]
    errors = sum(finding.severity == "error" for finding in findings)
    return {
        "file": file,
        "valid": errors == 0,
        "errors": errors,
        "warnings": len(findings) - errors,
        "findings": as_data(findings),
    }


def as_data(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings for machines: code, severity, path, line, and the explanation in the reader's language."""
    from hub.einvoice.explained import explained

    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            "path": finding.path,
            "line": int(finding.params.get("line", "0")) or None,
            "message": explained(finding),
        }
        for finding in findings
    ]


def _show(file: Path, told: list[Told]) -> None:
    from hub.einvoice.explained import explained

    errors = sum(each.finding.severity == "error" for each in told)
    summary = _("valid") if errors == 0 else _("NOT VALID")
    say(_("{file}: {summary} (errors: {errors}, warnings: {warnings})").format(
        file=file, summary=summary, errors=errors, warnings=len(told) - errors
    ))  # fmt: skip
    for each in told:
        show_finding(each.finding, explained(each.finding))
        if each.words:
            say("    " + _("GİB: {words}").format(words=printable(each.words)))


def show_finding(finding: Finding, explanation: str) -> None:
    """One finding: how bad, its code, the line and the path; below it what it means."""
    severity = _("error") if finding.severity == "error" else _("warning")
    line = _("line {line}").format(line=finding.params["line"]) if "line" in finding.params else ""
    say("  " + "  ".join(part for part in (severity, finding.code, line, finding.path) if part))
    say("    " + explanation)


def printable(text: str) -> str:
    """A text of strangers without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _kind(given: str | None) -> Kind | None:
    from hub.einvoice.names import KINDS

    for known in KINDS:
        if given == known:
            return known
    if given is not None:
        raise HubError("einvoice_kind_unknown", known=", ".join(KINDS))
    return None
