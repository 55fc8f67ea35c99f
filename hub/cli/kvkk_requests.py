"""`hub kvkk requests open|list|show`; the steps in between and the settings stand in files of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectors.secret import Secret
from hub.cli import entering, kvkk_request_settings, kvkk_request_steps
from hub.cli.kvkk_request_options import (
    ByOption,
    KindsOption,
    RequestArgument,
    actor,
    identifiers_asked_for,
    tell,
)
from hub.cli.opening import opened
from hub.cli.options import FromFile, JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _
from hub.messages import text_of

if TYPE_CHECKING:
    from hub.kvkk.requests.record import Request


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "open",
        help=N_("Enter an application. Identifiers and contact are asked for, or read from standard input or a file."),
    )(open_)
    group.command("list", help=N_("List applications, the most urgent first. Nothing in it names a person."))(list_)
    group.command("show", help=N_("Show one application with its history; with --content what the applicant wrote."))(
        show
    )
    group.command(
        "send-link", help=N_("Mail the applicant a one-time link to the package; the passphrase takes another way.")
    )(send_link)
    group.command("summary", help=N_("Show every tenant's open, overdue, refused and late applications."))(summary)
    kvkk_request_steps.register(group)
    kvkk_request_settings.register(group)


def open_(
    tenant: TenantOption,
    type_: Annotated[
        str | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            help=N_(
                "access, info, third_parties, rectify, erase, notify_recipients, object_automated or compensation."
            ),
        ),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option(
            help=N_("written, kep, secure_e_signature, mobile_signature, registered_email or application: how it came.")
        ),
    ] = None,
    identifier_kind: KindsOption = None,
    language: Annotated[str | None, typer.Option(metavar="tr|en", help=N_("Language of the answer."))] = None,
    received_at: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("ISO 8601 with time zone; now unless given."))
    ] = None,
    from_file: FromFile = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """A file holds the fields, `identifiers` as a list of `kind` and `value`, and `contact`; options stand above it."""
    from hub.kvkk.requests.new_request import NewRequest
    from hub.kvkk.requests.opening import open_request, pseudonyms
    from hub.validation import checked

    values: dict[str, Any] = entering.document(from_file) if from_file else {}
    stated = _stated_identifiers(values.pop("identifiers", []))
    given = {"type": type_, "channel": channel, "language": language, "received_at": received_at}
    values |= {field: value for field, value in given.items() if value is not None}
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        found = [
            *pseudonyms(hub.keyring, tenant_id, stated),
            *identifiers_asked_for(hub, tenant_id, identifier_kind or []),
        ]
        if "contact" not in values:
            values["contact"] = _contact_asked_for()
        new = checked(NewRequest, values)
        request = open_request(hub.database, hub.keyring, tenant_id, new, found, actor=actor(hub, tenant, by))
    tell(request, _("Request {request} is open; it must be answered by {due}."), as_json=as_json)


def list_(
    tenant: TenantOption,
    everything: Annotated[bool, typer.Option("--all", help=N_("Also those that have been answered."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Overdue ones say so."""
    from hub.kvkk.requests import record

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        with hub.database.tenant(tenant_id, "app") as connection:
            now = record.clock(connection, None)
            found = record.listed(connection, tenant_id, only_open=not everything)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Request"), _("Type"), _("State"), _("Received"), _("Due"), _("Days left"), _("Handler"), _("Work")],
        [
            [
                str(each.request_id),
                each.type,
                f"{each.state} {each.outcome or ''}".strip(),
                moment(each.received_at),
                moment(each.due_at),
                _days_left(each, now),
                each.handler or "–",
                each.work_state if each.work_state != "none" else "–",
            ]
            for each in found
        ],
    )


def show(
    request: RequestArgument,
    tenant: TenantOption,
    content: Annotated[
        bool, typer.Option("--content", help=N_("Also what is sealed: contact, text, answer. The reading is audited."))
    ] = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Subjects appear by their ids, which are derived from pseudonyms."""
    from hub.kvkk.requests import sealed
    from hub.kvkk.requests.overview import overview
    from hub.kvkk.requests.vocabulary import ARTICLES

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        seen = overview(hub.database, tenant_id, request, hub.policies)
        opened_parts = (
            sealed.reveal(
                hub.database,
                hub.keyring,
                tenant_id,
                request,
                ("contact", "content", "answer"),
                actor=actor(hub, tenant, by),
            )
            if content
            else {}
        )
    found, duties = seen.request, seen.duties
    if as_json:
        show_json(
            {
                "request": found,
                "article": ARTICLES[found.type],
                "subjects": seen.subjects,
                "history": seen.events,
                "lists": seen.lists,
                "sealed": opened_parts,
            }
        )
        return
    say(f"{found.type} ({ARTICLES[found.type]}): {found.state}, {moment(found.received_at)} → {moment(found.due_at)}")
    say(_("The hub: {does}").format(does=_(duties.hub)))
    say(_("You: {do}").format(do=_(duties.person)))
    for each in seen.lists:
        say(f"  {each}")
    if found.work_state == "failed" and found.work_code:
        say(text_of(found.work_code))
    show_table(
        [_("Subject"), _("Reached by"), _("Decision"), _("Decided by")],
        [[each.subject_id, each.reached_by, each.decision, each.decided_by or "–"] for each in seen.subjects],
    )
    show_table([_("When"), _("Who"), _("What")], [[moment(each.at), each.actor, each.event] for each in seen.events])
    if opened_parts:
        show_json(opened_parts)


def send_link(request: RequestArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False) -> None:
    """It goes to the address of the application, once the mail queue is drained; an earlier link ends."""
    from hub.kvkk.requests import link_mail

    with opened() as hub:
        until = link_mail.send_link(
            hub.database, hub.keyring, hub.tenant_id(tenant), request, actor=actor(hub, tenant, by)
        )
    if as_json:
        show_json({"request_id": request, "expires_at": until})
    else:
        say(_("A link that works once, until {time}, is on its way.").format(time=moment(until)))


def summary(as_json: JsonOption = False) -> None:
    """Counts alone, the tenants with most overdue applications first."""
    from hub.kvkk.requests.summary import standings

    with opened() as hub:
        found = standings(hub.database)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Tenant"), _("Open"), _("Overdue"), _("Due"), _("Answered"), _("Late"), _("Refused")],
        [
            [
                each.tenant_id,
                str(each.open),
                str(each.overdue),
                moment(each.next_due_at),
                str(each.answered),
                str(each.answered_late),
                str(each.refused),
            ]
            for each in found
        ],
    )


def _days_left(request: Request, now: Any) -> str:
    if request.answered_at is not None:
        return _("late") if request.answered_at >= request.due_at else "–"
    return _("overdue") if now >= request.due_at else str((request.due_at - now).days)


def _contact_asked_for() -> dict[str, str]:
    asked = {
        "name": _("The applicant's name"),
        "email": _("E-mail address (may stay empty)"),
        "address": _("Address (may stay empty)"),
        "phone": _("Telephone (may stay empty)"),
    }
    entered = {field: entering.optional_hidden_value(prompt).reveal() for field, prompt in asked.items()}
    return {field: value for field, value in entered.items() if value}


def _stated_identifiers(stated: object) -> list[tuple[str, Secret]]:
    if not isinstance(stated, list) or not all(
        isinstance(each, dict) and set(each) == {"kind", "value"}  # pyright: ignore[reportUnknownArgumentType]
        for each in stated  # pyright: ignore[reportUnknownVariableType]
    ):
        raise HubError("request_identifiers_malformed")
    return [(str(each["kind"]), Secret(str(each["value"]))) for each in stated]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
