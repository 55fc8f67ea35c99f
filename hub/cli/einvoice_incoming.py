"""`hub einvoice incoming list|fetch|answer` and `hub einvoice taxpayer`: what only the integrator knows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar, cast
from uuid import UUID

import typer

from hub.cli import entering
from hub.cli.einvoice_seal import ForceOption
from hub.cli.kvkk_request_options import ByOption
from hub.cli.new_file import require_free, write_whole
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    import httpx

    from connectors.einvoice.contract import Taxpayer, Verdict
    from hub.cli.opening import Hub
    from hub.einvoice.issue.received import Desk

T = TypeVar("T")
EttnArgument = Annotated[UUID, typer.Argument(metavar="ETTN", help=N_("The invoice's ETTN."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    incoming = typer.Typer(help=N_("Invoices that others sent."), no_args_is_help=True, rich_markup_mode=None)
    incoming.command("list", help=N_("List invoices that came in, and until when they may be answered."))(list_)
    incoming.command("fetch", help=N_("Write an invoice that came in to a file."))(fetch)
    incoming.command("answer", help=N_("Accept or reject a commercial invoice; the first answer counts."))(answer)
    group.add_typer(incoming, name="incoming")
    group.command("taxpayer", help=N_("Ask whether a buyer is registered for e-Fatura, and for its mailboxes."))(
        taxpayer
    )


def list_(
    tenant: TenantOption,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help=N_("Of the last so many days."))] = 9,
    as_json: JsonOption = False,
) -> None:
    """Senders appear as pseudonyms."""
    from hub.einvoice.issue.received import received

    found = _asked(tenant, lambda desk, client: received(desk, client, days=days))
    if as_json:
        show_json(found)
        return
    show_table(
        [_("ETTN"), _("Number"), _("Profile"), _("Type"), _("Sender"), _("Received"), _("Answer"), _("Until")],
        [
            [
                each.ettn,
                each.number,
                each.profile,
                each.type,
                each.sender,
                moment(each.received),
                each.answer,
                each.last_day.strftime("%d.%m.%Y") if each.may_answer and each.last_day else "–",
            ]
            for each in found
        ],
    )


def fetch(
    ettn: EttnArgument,
    tenant: TenantOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=N_("Where the document is written."))],
    format: Annotated[str, typer.Option("--format", metavar="xml|pdf|html", help=N_("In which form."))] = "xml",
    force: ForceOption = False,
    by: ByOption = None,
) -> None:
    """The reading is audited."""
    from hub.einvoice.issue.received import fetched
    from hub.kvkk.audit import operator

    if format not in ("xml", "pdf", "html"):
        raise HubError("einvoice_format_unknown")
    require_free(out, force=force)
    content = _asked(tenant, lambda desk, client: fetched(desk, client, ettn, format, actor=operator(by)))
    write_whole(out, content, force=force)


def answer(
    ettn: EttnArgument,
    verdict: Annotated[str, typer.Argument(metavar="accepted|rejected", help=N_("What is said to the sender."))],
    tenant: TenantOption,
    reason: Annotated[str, typer.Option(metavar="TEXT", help=N_("Why, for the sender; name nobody."))] = "",
    by: ByOption = None,
) -> None:
    """Within eight days of the receipt; who says nothing has accepted."""
    from hub.einvoice.issue import received
    from hub.kvkk.audit import operator

    said = cast("Verdict", verdict)
    action = _asked(
        tenant, lambda desk, client: received.answer(desk, client, ettn, said, reason=reason, actor=operator(by))
    )
    say(_("The answer is queued: {action}").format(action=action))


def taxpayer(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """The number is asked for without echo, or read from standard input."""
    from hub.einvoice.identity import checksum_fits
    from hub.einvoice.issue.received import taxpayer as asked_for

    number = entering.hidden_value(_("VKN or TCKN")).reveal()
    if not checksum_fits(number):
        raise HubError("einvoice_taxpayer_number_wrong")
    found = _asked(tenant, lambda desk, client: asked_for(desk, client, number))
    _show(found, as_json=as_json)


def _show(found: Taxpayer | None, *, as_json: bool) -> None:
    """Mailboxes without the name: a sole trader's is a person's."""
    aliases = () if found is None else found.aliases
    if as_json:
        boxes = [{"alias": each.name, "since": each.since, "until": each.until} for each in aliases]
        show_json({"registered": found is not None, "mailboxes": boxes})
    elif found is None:
        say(_("Not registered: the invoice is an e-Arşiv invoice."))
    else:
        show_table(
            [_("Mailbox"), _("Since"), _("Given up")],
            [[each.name, moment(each.since), moment(each.until)] for each in aliases],
        )


def _asked(tenant: str, question: Callable[[Desk, httpx.AsyncClient], Awaitable[T]]) -> T:
    from hub.einvoice.issue.received import Desk
    from hub.sync.fetch import http_client

    def asked(hub: Hub) -> T:
        desk = Desk(hub.database, hub.keyring, hub.tenant_id(tenant))

        async def run() -> T:
            async with http_client() as client:
                return await question(desk, client)

        return asyncio.run(run())

    with opened() as hub:
        return asked(hub)
