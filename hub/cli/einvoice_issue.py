"""`hub einvoice build|send|list|show|fetch|void|cancel|profile|seal|series`: issuing, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import einvoice_build, entering
from hub.cli.einvoice_seal import ForceOption
from hub.cli.einvoice_sheet import send_sheet
from hub.cli.einvoice_warnings import note_warnings
from hub.cli.kvkk_request_options import ByOption
from hub.cli.new_file import require_free, write_whole
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.cli.opening import Hub
    from hub.einvoice.issue.archive import Document
    from hub.einvoice.issue.issuing import Asked, Issued

DocumentArgument = Annotated[
    str, typer.Argument(metavar="DOCUMENT", help=N_("An issued document: its number, ETTN or id."))
]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    einvoice_build.register(group)
    group.command("send", help=N_("Issue an invoice: number, seal and keep it, and queue its delivery."))(send)
    group.command("list", help=N_("List issued documents, newest first."))(list_)
    group.command("show", help=N_("Show where an issued document stands."))(show)
    group.command("fetch", help=N_("Write an issued document's bytes to a file, as they were signed."))(fetch)
    group.command("void", help=N_("Mark a refused document void; its number stays used."))(void)
    group.command("cancel", help=N_("Have the integrator cancel an e-Arşiv invoice."))(cancel)
    group.command("profile", help=N_("Set how a tenant issues: integrator, series, address; or show it."))(profile)


def send(
    invoice: Annotated[
        Path, typer.Argument(metavar="FILE", help=N_("The invoice as JSON (- reads standard input), or many as .csv."))
    ],
    tenant: TenantOption,
    once: Annotated[
        str,
        typer.Option(
            "--once",
            metavar="KEY",
            help=N_("Your name for it: the same key never issues it twice. For a CSV file, what is put before names."),
        ),
    ],
    alias: Annotated[
        str | None,
        typer.Option(metavar="URN", help=N_("Mailbox of the receiver, where it has several. In CSV: a column alias.")),
    ] = None,
    paper: Annotated[bool, typer.Option("--paper", help=N_("The buyer gets this e-Arşiv invoice on paper."))] = False,
    skip_wrong: Annotated[
        bool, typer.Option("--skip-wrong", help=N_("Of a CSV file, issue the invoices that are right."))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Whether it is an e-Fatura or an e-Arşiv invoice is decided now, by the tax office's list."""
    from hub.einvoice.issue.issuing import Asked

    if invoice.suffix.lower() == ".csv":
        if alias is not None:
            raise HubError("einvoice_csv_alias")
        send_sheet(invoice, tenant, key=once, paper=paper, skip_wrong=skip_wrong, as_json=as_json)
        return
    asked = Asked(once, entering.document(invoice, exact=True), alias=alias, paper=paper)
    with opened() as hub:
        issued = issue_now(hub, hub.tenant_id(tenant), asked)
    show_document(issued.document, as_json=as_json)


def issue_now(hub: Hub, tenant_id: str, asked: Asked) -> Issued:
    """Issue in this process; what is allowed and likely wrong is told beside the output."""
    import asyncio

    from hub.einvoice.issue.issuing import Issuing, issue
    from hub.kvkk.audit import operator
    from hub.sync.fetch import http_client

    issuing = Issuing(hub.database, hub.keyring)

    async def run() -> Issued:
        async with http_client() as client:
            return await issue(issuing, tenant_id, asked, client, issued_by=operator().name)

    try:
        issued = asyncio.run(run())
    finally:
        issuing.seals.forget(tenant_id)  # a token takes one session, and somebody else's turn may be next
    note_warnings(issued)
    return issued


def list_(
    tenant: TenantOption,
    state: Annotated[str | None, typer.Option("--state", metavar="STATE", help=N_("Only this state."))] = None,
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help=N_("At most so many."))] = 100,
    as_json: JsonOption = False,
) -> None:
    """Numbers and states; the buyer is not shown."""
    from hub.einvoice.issue import archive

    if state is not None and state not in archive.STATES:
        raise HubError("action_state_unknown", known=", ".join(archive.STATES))
    with opened() as hub:
        found = archive.listed(hub.database, hub.tenant_id(tenant), state=state, most=most)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Number"), _("Kind"), _("Profile"), _("Type"), _("Date"), _("Payable"), _("State"), _("Why")],
        [
            [
                each.number,
                each.kind,
                each.profile,
                each.type,
                each.issue_date.strftime("%d.%m.%Y"),
                _money(each),
                each.state,
                _reason(each),
            ]
            for each in found
        ],
    )


def show(document: DocumentArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Codes of GİB and the integrator as they came."""
    from hub.einvoice.issue import archive

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        with hub.database.tenant(tenant_id, "app") as connection:
            found = archive.find(connection, tenant_id, document)
            orders = archive.orders(connection, tenant_id, found)
    if as_json:
        show_json({**vars(found), "actions": orders})
        return
    show_document(found, as_json=False)
    if found.kind == "earchive":
        reported = found.facts.get("reported")
        said = _("the integrator does not say") if reported is None else _("yes") if reported else _("not yet")
        say("  " + _("Reported to the tax office: {said}").format(said=said))
    for each in orders:
        say(f"  {each.kind}: {each.state} {_explained(each.reason, each.provider_code)}  {moment(each.asked_at)}")


def fetch(
    document: DocumentArgument,
    tenant: TenantOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=N_("Where the document is written."))],
    force: ForceOption = False,
    by: ByOption = None,
) -> None:
    """The hash is checked; the reading is audited."""
    from hub.einvoice.issue import acts
    from hub.kvkk.audit import operator

    require_free(out, force=force)
    with opened() as hub:
        clear = acts.content(hub.database, hub.keyring, hub.tenant_id(tenant), document, actor=operator(by))
    write_whole(out, clear, force=force)


def void(document: DocumentArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False) -> None:
    """The next invoice gets the next number."""
    from hub.einvoice.issue import acts
    from hub.kvkk.audit import operator

    with opened() as hub:
        found = acts.void(hub.database, hub.tenant_id(tenant), document, actor=operator(by))
    show_document(found, as_json=as_json)


def cancel(
    document: DocumentArgument,
    tenant: TenantOption,
    reason: Annotated[str, typer.Option(metavar="TEXT", help=N_("Why, for the integrator; name nobody."))],
    by: ByOption = None,
) -> None:
    """e-Fatura is cancelled on GİB's portal, or rejected by who received it."""
    from hub.einvoice.issue import acts
    from hub.kvkk.audit import operator

    with opened() as hub:
        action = acts.cancel(hub.database, hub.keyring, hub.tenant_id(tenant), document, reason, actor=operator(by))
    say(_("The cancellation is queued: {action}").format(action=action))


def profile(
    tenant: TenantOption,
    from_file: Annotated[
        Path | None,
        typer.Option("--from-file", metavar="FILE", help=N_("JSON object with the fields; - reads standard input.")),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Without a file, what is set."""
    from hub.einvoice.issue.profile import IssuerProfile, profile_of, set_profile
    from hub.kvkk.audit import operator
    from hub.validation import checked

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        if from_file is not None:
            given = checked(IssuerProfile, entering.document(from_file))
            set_profile(hub.database, tenant_id, given, actor=operator())
        with hub.database.tenant(tenant_id, "app") as connection:
            found = profile_of(connection, tenant_id)
    values: dict[str, Any] = found.model_dump(mode="json", exclude_none=True)
    if as_json:
        show_json(values)
    else:
        for name, value in values.items():
            say(f"{name}: {value}")


def show_document(document: Document, *, as_json: bool) -> None:
    """Where it stands, in codes, numbers and amounts."""
    if as_json:
        show_json(document)
        return
    say(f"{document.number} {document.kind} {document.profile}/{document.type}: {document.state} {_reason(document)}")
    say(f"  {document.ettn}  {_money(document)}  {moment(document.issued_at)}")
    for name, value in document.facts.items():
        if name != "reported":
            say(f"  {name}: {value}")


def _reason(document: Document) -> str:
    return _explained(document.reason, document.provider_code)


def _explained(reason: str | None, provider_code: str | None) -> str:
    """A code in the reader's words, with the provider's own code behind it."""
    from hub.messages import failure_text

    said = " ".join(
        filter(None, (failure_text(reason) if reason else "", f"[{provider_code}]" if provider_code else ""))
    )
    return said or "–"


def _money(document: Document) -> str:
    from babel.numbers import format_currency

    from hub.i18n import language_in_use

    return format_currency(document.payable, document.currency, locale=language_in_use())
