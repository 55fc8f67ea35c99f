"""`hub doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.options import JsonOption
from hub.cli.output import console, show_json
from hub.i18n import N_, _
from hub.messages import explain, text_of

if TYPE_CHECKING:
    from hub.doctor import Finding


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "doctor", help=N_("Check configuration, database, roles, keys and policies; says how to mend what is wrong.")
    )(doctor)


def doctor(
    providers: Annotated[
        bool, typer.Option("--providers", help=N_("Also try to reach the providers' servers."))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Exit 1 if anything is wrong."""
    from rich.text import Text

    from hub.doctor import examine
    from hub.settings import Settings

    findings: list[Finding] = []
    for finding in examine(Settings.load(), reach_providers=providers):
        findings.append(finding)
        if not as_json:
            well = finding.error is None
            mark = Text(_("ok") if well else _("WRONG"), style="green" if well else "bold red")
            console().print(Text.assemble(mark, f"  {finding.title}", "" if well else f": {_reason(finding)}"))
    if as_json:
        show_json([{"check": each.title, "ok": each.error is None, "reason": _reason(each)} for each in findings])
    raise typer.Exit(0 if all(each.error is None for each in findings) else 1)


def _reason(finding: Finding) -> str | None:
    from hub.errors import HubError

    if finding.error is None:
        return None
    if isinstance(finding.error, HubError):
        return explain(finding.error)
    return text_of("check_broke", kind=type(finding.error).__name__)
