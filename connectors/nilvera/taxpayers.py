"""Who is registered for e-Fatura, as Nilvera knows GİB's list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.einvoice.contract import Alias, Taxpayer
from connectors.einvoice.user_list import moment, read_user_list
from connectors.failure import ProviderFailure
from connectors.nilvera.client import decoded, record, records
from connectors.nilvera.settings import ALIAS_FIELD, NOT_REGISTERED_STATUSES

if TYPE_CHECKING:
    from connectors.nilvera.client import NilveraClient

INVOICES = {"globalUserType": "Invoice"}


async def lookup(client: NilveraClient, number: str) -> Taxpayer | None:
    """The taxpayer with its mailboxes; None when not registered.

    `Check` names the mailboxes, `GetGlobalCustomerInfo` says which of them are dead: both are needed.
    """
    path = quote(number, safe="")
    answer = await client.answer(
        f"/general/GlobalCompany/Check/TaxNumber/{path}", INVOICES, bear=NOT_REGISTERED_STATUSES
    )
    rows = [] if answer.status in NOT_REGISTERED_STATUSES else records(decoded(answer))
    listed = {name: row for row in rows if isinstance(name := row.get(ALIAS_FIELD), str) and name}
    if not listed:
        return None
    details = await client.answer(
        f"/general/GlobalCompany/GetGlobalCustomerInfo/{path}", INVOICES, bear=NOT_REGISTERED_STATUSES
    )
    known = {} if details.status in NOT_REGISTERED_STATUSES else record(decoded(details))
    dates = {str(each.get("Name")): each for each in records(known.get("Aliases") or [])}
    aliases = tuple(
        Alias(
            name,
            moment(_text(dates.get(name, row).get("CreationTime"))),
            moment(_text(dates.get(name, {}).get("DeletionTime"))),
        )
        for name, row in listed.items()
    )
    title = next((str(row["Title"]) for row in listed.values() if row.get("Title")), "")
    return Taxpayer(number, title, aliases)


async def user_list(client: NilveraClient) -> Iterator[Taxpayer]:
    """All registered users with a mailbox for invoices. GİB allows one fetch an hour."""
    answer = await client.answer("/general/GlobalCompany/PK/Invoice", long=True)
    packed = answer.content.strip().strip(b'"')
    try:
        zipped = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        zipped = b""
    if not zipped:
        raise ProviderFailure("transient", "answer_malformed")
    return read_user_list(zipped)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
