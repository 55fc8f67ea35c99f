"""`hub kvkk consents record|list|withdraw`; `show`, `checks` and `settle` stand in consent_checks.py."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

import typer

from connectors.secret import Secret
from hub.cli import consent_checks, entering
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import Hub, opened
from hub.cli.options import FromFile, JsonOption, TenantOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.control.consent_record import SubjectKind

KindOption = Annotated[
    str | None,
    typer.Option("--subject-kind", metavar="KIND", help=N_("tckn, vkn, phone or email: what names the person.")),
]
PERSON_FIELDS = ("subject_kind", "subject")
"""What a file may say of the person, beside the record's own fields."""
PurposeOption = Annotated[str | None, typer.Option(metavar="PURPOSE", help=N_("Code of one purpose."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "record",
        help=N_("Record a consent. The person's identifier is asked for, or read from standard input or a file."),
    )(record)
    group.command("list", help=N_("List consents. People appear as pseudonyms."))(list_)
    group.command("withdraw", help=N_("Withdraw a consent, or all of a person's consents to a purpose, from now on."))(
        withdraw
    )
    consent_checks.register(group)


def record(
    tenant: TenantOption,
    subject_kind: KindOption = None,
    purpose: PurposeOption = None,
    legal_basis: Annotated[str | None, typer.Option(help=N_("explicit_consent or s_explicit_consent."))] = None,
    category: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help=N_("Data category, such as FINANS; may be repeated."))
    ] = None,
    retention_period: Annotated[
        str | None, typer.Option(metavar="PERIOD", help=N_("ISO 8601 duration such as P1Y, or days."))
    ] = None,
    text_file: Annotated[Path | None, typer.Option(metavar="FILE", help=N_("The exact text that was shown."))] = None,
    text_version: Annotated[str | None, typer.Option(help=N_("Version of that text."))] = None,
    notice_id: Annotated[str | None, typer.Option(help=N_("The separate information notice that was given."))] = None,
    channel: Annotated[
        str | None, typer.Option(help=N_("web, mobile, wet_signature, call_centre, sms, email, event or other."))
    ] = None,
    evidence_ref: Annotated[
        str | None, typer.Option(help=N_("What proves it: form, recording or transaction id."))
    ] = None,
    given_at: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("ISO 8601 with time zone; now unless given."))
    ] = None,
    expires_at: Annotated[str | None, typer.Option(metavar="TIME", help=N_("ISO 8601 with time zone."))] = None,
    from_file: FromFile = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Options stand above the file's fields; `subject_kind` and `subject` may stand in the file."""
    from hub.control.consent_intake import Stated, take
    from hub.control.consent_record import NewConsent
    from hub.validation import checked

    given = {
        "purpose": purpose,
        "legal_basis": legal_basis,
        "data_categories": category,
        "retention_period": retention_period,
        "consent_text": _text(text_file),
        "text_version": text_version,
        "notice_id": notice_id,
        "channel": channel,
        "evidence_ref": evidence_ref,
        "given_at": given_at,
        "expires_at": expires_at,
    }
    values: dict[str, Any] = entering.document(from_file) if from_file else {}
    values |= {field: value for field, value in given.items() if value is not None}
    values.setdefault("given_at", datetime.now(UTC).isoformat())
    actor = acting(by)
    kind, stated = person_apart(values, subject_kind)
    new = checked(NewConsent, values, beside=PERSON_FIELDS)
    person = stated or person_asked_for(kind)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        consent = take(hub.database, hub.keyring, tenant_id, [Stated(kind, person, new)], actor=actor)[0]
    if as_json:
        show_json(consent)
    else:
        said = _("Consent {consent} is recorded for {subject}.")
        say(said.format(consent=consent.consent_id, subject=consent.data_subject))


def list_(
    tenant: TenantOption,
    subject_kind: KindOption = None,
    purpose: PurposeOption = None,
    active: Annotated[bool, typer.Option("--active", help=N_("Only those that are active now."))] = False,
    as_json: JsonOption = False,
) -> None:
    """With `--subject-kind` the list is one person's, whose identifier is asked for."""
    from hub.control import consents

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        found = consents.listed(
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
        [_("Consent"), _("Person"), _("Purpose"), _("Categories"), _("Given"), _("Expires"), _("Withdrawn")],
        [
            [
                str(each.consent_id),
                each.data_subject,
                each.purpose,
                ", ".join(each.data_categories),
                moment(each.given_at),
                moment(each.expires_at),
                moment(each.withdrawn_at),
            ]
            for each in found
        ],
    )


def withdraw(
    tenant: TenantOption,
    channel: Annotated[str, typer.Option(help=N_("How the person withdrew it: web, email, call_centre and so on."))],
    consent: Annotated[UUID | None, typer.Option("--id", metavar="ID", help=N_("The consent's id."))] = None,
    subject_kind: KindOption = None,
    purpose: PurposeOption = None,
    reason: Annotated[str | None, typer.Option(metavar="CODE", help=N_("Reason, as a code; none is needed."))] = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Either `--id`, or `--subject-kind` and `--purpose` with the identifier asked for."""
    from connectors.registry import PROVIDERS
    from hub.control import consents
    from hub.kvkk import erasure_checks

    actor = acting(by)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        if consent is not None:
            ids = [consent]
        elif subject_kind and purpose:
            subject = subject_asked_for(hub, tenant_id, kind_named(subject_kind))
            now = datetime.now(UTC)
            found = consents.listed(hub.database, tenant_id, subject=subject, purpose=purpose, active_at=now)
            ids = [each.consent_id for each in found]
        else:
            raise HubError("consent_not_named")
        done = [
            consents.withdraw(hub.database, tenant_id, each, channel=channel, reason=reason, actor=actor)
            for each in ids
        ]
        found = [
            erasure_checks.examine(hub.database, PROVIDERS, tenant_id, each.consent_id, actor=actor) for each in done
        ]
    if as_json:
        show_json(done)
    else:
        say(_("Withdrawn: {count}").format(count=len(done)))
        for each in found:
            if each.state == "open":
                note(
                    _("{count} records rested on consent {consent} alone: hub kvkk consents checks").format(
                        count=sum(each.datasets.values()), consent=each.consent_id
                    )
                )


def person_apart(values: dict[str, Any], subject_kind: str | None) -> tuple[SubjectKind, Secret | None]:
    """Take the person out of a file's fields, before anything looks at these. HubError `subject_kind_unknown`.

    The option stands above the file's kind; the identifier is None where the file does not state it.
    """
    named, stated = values.pop("subject_kind", None), values.pop("subject", None)
    return kind_named(subject_kind or named), Secret(str(stated)) if stated else None


def person_asked_for(kind: SubjectKind) -> Secret:
    """The identifier, typed without echo or read from standard input."""
    return entering.hidden_value(_("The person's {kind}").format(kind=kind))


def kind_named(text: object) -> SubjectKind:
    """The kind of identifier that was typed. HubError `subject_kind_unknown`."""
    from typing import get_args

    from hub.control.consent_record import SubjectKind

    if text not in get_args(SubjectKind):
        raise HubError("subject_kind_unknown", known=", ".join(get_args(SubjectKind)))
    return cast("SubjectKind", text)


def subject_asked_for(hub: Hub, tenant_id: str, kind: SubjectKind) -> str:
    """The pseudonym of the person whose identifier is asked for."""
    from hub.control import grounds

    person = person_asked_for(kind)
    return grounds.subject_pseudonym(hub.keyring, tenant_id, kind, person)


def _text(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise HubError("file_unreadable", path=str(path)) from None
