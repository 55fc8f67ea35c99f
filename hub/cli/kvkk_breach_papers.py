"""`hub kvkk breach notify|draft`: what goes out about a breach, and the proof that it did."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.kvkk_breach_options import BreachArgument, time_given
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, note, say, show_json
from hub.cli.writing import write_out
from hub.errors import HubError
from hub.i18n import LANGUAGES, N_, _, parse_language

if TYPE_CHECKING:
    from collections.abc import Mapping


def notify(
    breach: BreachArgument,
    tenant: TenantOption,
    to: Annotated[str, typer.Option(metavar="board|persons", help=N_("Who was told."))],
    stage: Annotated[
        str, typer.Option(metavar="initial|follow_up", help=N_("To the Board: the first notice, or what followed."))
    ] = "initial",
    evidence: Annotated[
        str | None,
        typer.Option(metavar="REF", help=N_("What proves it: the Authority's number, a publication's address.")),
    ] = None,
    how: Annotated[
        str, typer.Option(metavar="direct|publication", help=N_("To persons: each directly, or by publication."))
    ] = "direct",
    evidence_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=N_("To persons: CSV with subject_id and evidence_ref, a line a person.")),
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help=N_("When, with time zone; now unless given."))] = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Notes what was done; the notice itself goes by the Authority's form, or by the tenant's own channels."""
    from hub.kvkk.breach import register, told

    actor, told_at = acting(by), time_given("at", at)
    if to not in ("board", "persons") or stage not in ("initial", "follow_up") or how not in ("direct", "publication"):
        raise HubError("breach_notify_unknown")
    if to == "board":
        if not evidence:
            raise HubError("breach_evidence_missing")
        with opened() as hub:
            noted = register.tell_board(
                hub.database,
                hub.keyring,
                hub.tenant_id(tenant),
                breach,
                stage="initial" if stage == "initial" else "follow_up",
                at=told_at,
                evidence_ref=evidence,
                actor=actor,
            )
        if as_json:
            show_json(noted)
        else:
            say(_("The Board is told of breach {breach}.").format(breach=breach))
        return
    proof: str | Mapping[UUID, str] = _proof(evidence, evidence_file)
    with opened() as hub:
        count = told.tell_persons(
            hub.database,
            hub.tenant_id(tenant),
            breach,
            how="direct" if how == "direct" else "publication",
            evidence=proof,
            at=told_at,
            actor=actor,
        )
    if as_json:
        show_json({"breach_id": breach, "told": count})
    else:
        say(_("Persons told: {count}").format(count=count))


def draft(
    breach: BreachArgument,
    tenant: TenantOption,
    paper: Annotated[
        str, typer.Option("--paper", metavar="form|notice", help=N_("The Board's form, or the notice to the persons."))
    ] = "form",
    shape: Annotated[
        str, typer.Option("--format", metavar="html|json|text", help=N_("Form: html or json; notice: text or html."))
    ] = "html",
    lang: Annotated[str, typer.Option("--lang", metavar="tr|en", help=N_("Language of the paper."))] = "tr",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help=N_("File to write; standard output without."))
    ] = None,
    by: ActingOption = None,
) -> None:
    """The Board's form is Turkish; what is missing in it is marked."""
    from hub.kvkk.breach.papers import write_paper

    actor, language = acting(by), parse_language(lang)
    if language is None:
        raise HubError("language_unknown", known=", ".join(LANGUAGES))
    with opened() as hub:
        made = write_paper(
            hub.database,
            hub.keyring,
            hub.tenant_id(tenant),
            breach,
            paper=paper,
            shape=shape,
            language=language,
            actor=actor,
        )
    write_out(made.content, out)
    if made.missing:
        note(
            _("Missing fields: {count}. The Board must be told by {due} (Istanbul).").format(
                count=made.missing, due=moment(made.due)
            )
        )


def _proof(evidence: str | None, file: Path | None) -> str | dict[UUID, str]:
    from hub.spreadsheet import read_sheet

    if file is None:
        if not evidence:
            raise HubError("breach_evidence_missing")
        return evidence
    try:
        with file.open(encoding="utf-8-sig", newline="") if file != Path("-") else sys.stdin as stream:
            found = {UUID(line["subject_id"]): line["evidence_ref"].strip() for line in read_sheet(stream)}
    except (OSError, UnicodeDecodeError):
        raise HubError("file_unreadable", path=str(file)) from None
    except (KeyError, ValueError, AttributeError, csv.Error):
        raise HubError("breach_evidence_malformed", path=str(file)) from None
    if not all(found.values()):
        raise HubError("breach_evidence_malformed", path=str(file))
    return found
