"""`hub kvkk bases record|list|end`: legal bases other than consent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from hub.cli import entering
from hub.cli.consents import (
    PERSON_FIELDS,
    KindOption,
    PurposeOption,
    kind_named,
    person_apart,
    person_asked_for,
    subject_asked_for,
)
from hub.cli.opening import opened
from hub.cli.options import FromFile, JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.i18n import N_, _


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "record",
        help=N_(
            "Record a legal basis other than consent for one person. The person's identifier is asked for, or read from"
            " standard input or a file."
        ),
    )(record)
    group.command("list", help=N_("List legal bases other than consent. People appear as pseudonyms."))(list_)
    group.command("end", help=N_("End a legal basis from now on."))(end)


def record(
    tenant: TenantOption,
    subject_kind: KindOption = None,
    purpose: PurposeOption = None,
    legal_basis: Annotated[
        str | None, typer.Option(help=N_("contract, legal_obligation, legitimate_interest or another of art. 5/2."))
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help=N_("Data category, such as FINANS; may be repeated."))
    ] = None,
    proportionality_note: Annotated[
        str | None,
        typer.Option(
            "--proportionality-note",
            metavar="TEXT",
            help=N_("Why the data is needed and no milder means serves. Name nobody in it."),
        ),
    ] = None,
    notice_id: Annotated[str | None, typer.Option(help=N_("The information notice that was given."))] = None,
    evidence_ref: Annotated[str | None, typer.Option(help=N_("What proves it: a contract's or a file's id."))] = None,
    valid_from: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("ISO 8601 with time zone; now unless given."))
    ] = None,
    valid_until: Annotated[str | None, typer.Option(metavar="TIME", help=N_("ISO 8601 with time zone."))] = None,
    recorded_by: Annotated[str | None, typer.Option(metavar="NAME", help=N_("Who decided it."))] = None,
    from_file: FromFile = None,
    as_json: JsonOption = False,
) -> None:
    """Options stand above the file's fields; `subject_kind` and `subject` may stand in the file."""
    from hub.control import grounds, legal_bases
    from hub.control.legal_basis_record import NewLegalBasis
    from hub.validation import checked

    given = {
        "purpose": purpose,
        "legal_basis": legal_basis,
        "data_categories": category,
        "proportionality_note": proportionality_note,
        "notice_id": notice_id,
        "evidence_ref": evidence_ref,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "recorded_by": recorded_by,
    }
    values: dict[str, Any] = entering.document(from_file) if from_file else {}
    values |= {field: value for field, value in given.items() if value is not None}
    values.setdefault("valid_from", datetime.now(UTC).isoformat())
    kind, stated = person_apart(values, subject_kind)
    new = checked(NewLegalBasis, values, beside=PERSON_FIELDS)
    person = stated or person_asked_for(kind)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        subject = grounds.subject_pseudonym(hub.keyring, tenant_id, kind, person)
        basis = legal_bases.record(hub.database, tenant_id, kind=kind, subject=subject, new=new)
    if as_json:
        show_json(basis)
    else:
        say(_("Legal basis {basis} is recorded for {subject}.").format(basis=basis.basis_id, subject=subject))


def list_(
    tenant: TenantOption,
    subject_kind: KindOption = None,
    purpose: PurposeOption = None,
    active: Annotated[bool, typer.Option("--active", help=N_("Only those that are active now."))] = False,
    as_json: JsonOption = False,
) -> None:
    """With `--subject-kind` the list is one person's, whose identifier is asked for."""
    from hub.control import legal_bases

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        found = legal_bases.listed(
            hub.database,
            tenant_id,
            subject=subject_asked_for(hub, tenant_id, kind_named(subject_kind)) if subject_kind else None,
            purpose=purpose,
            active_at=datetime.now(UTC) if active else None,
        )
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Legal basis"), _("Kind"), _("Person"), _("Purpose"), _("Categories"), _("From"), _("Until"), _("Ended")],
        [
            [
                str(each.basis_id),
                each.legal_basis,
                each.data_subject,
                each.purpose,
                ", ".join(each.data_categories),
                moment(each.valid_from),
                moment(each.valid_until),
                moment(each.ended_at),
            ]
            for each in found
        ],
    )


def end(
    tenant: TenantOption,
    basis: Annotated[UUID, typer.Option("--id", metavar="ID", help=N_("The legal basis's id."))],
    by: Annotated[str, typer.Option(metavar="NAME", help=N_("Who decided it."))],
    reason: Annotated[str | None, typer.Option(metavar="CODE", help=N_("Reason, as a code; none is needed."))] = None,
    as_json: JsonOption = False,
) -> None:
    """What rests on it alone is refused from the next load on."""
    from hub.control import legal_bases

    with opened() as hub:
        done = legal_bases.end(hub.database, hub.tenant_id(tenant), basis, by=by, reason=reason)
    if as_json:
        show_json(done)
    else:
        say(_("Legal basis {basis} has ended.").format(basis=done.basis_id))
