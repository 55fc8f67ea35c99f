"""What `hub einvoice send` does with a CSV file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.cli.einvoice_warnings import note_warnings
from hub.cli.opening import opened
from hub.cli.output import show_json, show_table
from hub.errors import HubError
from hub.i18n import _
from hub.validation import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from hub.einvoice.issue.sheet import Sheet


def send_sheet(path: Path, tenant: str, *, key: str, paper: bool, skip_wrong: bool, as_json: bool) -> None:
    """Issue a file's invoices and list them; with wrong ones left out, those are told as the command's failure."""
    import asyncio

    from hub.einvoice.issue.issuing import Issuing
    from hub.einvoice.issue.sheet import issue_sheet
    from hub.kvkk.audit import operator
    from hub.sync.fetch import http_client

    try:
        content = path.read_bytes()
    except OSError:
        raise HubError("file_unreadable", path=str(path)) from None
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        issuing = Issuing(hub.database, hub.keyring)

        async def run() -> Sheet:
            async with http_client() as client:
                return await issue_sheet(
                    issuing,
                    tenant_id,
                    content,
                    client,
                    key=key,
                    issued_by=operator().name,
                    paper=paper,
                    skip_wrong=skip_wrong,
                )

        try:
            sheet = asyncio.run(run())
        finally:
            issuing.seals.forget(tenant_id)  # a token takes one session, and somebody else's turn may be next
    _show(sheet, as_json=as_json)
    for _name, each in sheet.issued:
        note_warnings(each)
    if sheet.wrong:
        raise InvalidInput(sheet.wrong)


def _show(sheet: Sheet, *, as_json: bool) -> None:
    if as_json:
        show_json([{"invoice": name, "repeated": each.repeated, **vars(each.document)} for name, each in sheet.issued])
        return
    show_table(
        [_("Invoice"), _("Number"), _("Kind"), _("State"), _("Issued before")],
        [
            [name, each.document.number, each.document.kind, each.document.state, "✓" if each.repeated else "–"]
            for name, each in sheet.issued
        ],
    )
