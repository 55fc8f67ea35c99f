"""Who is registered for e-Fatura, as Uyumsoft knows GİB's list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.einvoice.contract import Alias, Taxpayer
from connectors.einvoice.user_list import moment, read_user_list
from connectors.failure import ProviderFailure
from connectors.uyumsoft.envelope import operation
from connectors.uyumsoft.settings import USER_LIST
from connectors.xml import child, local, text_at

if TYPE_CHECKING:
    from connectors.uyumsoft.client import UyumsoftClient
    from connectors.xml import Element


async def lookup(client: UyumsoftClient, number: str) -> Taxpayer | None:
    """The taxpayer with its mailboxes; None when not registered.

    `IsEInvoiceUser` says whether, `GetUserAliasses` which mailboxes: what the second answers for nobody is not written.
    """
    asked = operation("IsEInvoiceUser", {"vknTckn": number, "alias": ""})
    flag = await client.call("IsEInvoiceUser", asked)
    if flag.attrib.get("Value") != "true":
        return None
    result = await client.call("GetUserAliasses", operation("GetUserAliasses", {"vknTckn": number}))
    value = child(result, "Value")
    definition = child(value, "Definition")
    boxes = [] if value is None else [each for each in value if local(each) == "ReceiverboxAliases"]
    title = "" if definition is None else definition.attrib.get("Title", "")
    return Taxpayer(number, title, tuple(_alias(box) for box in boxes))


async def user_list(client: UyumsoftClient) -> Iterator[Taxpayer]:
    """All registered users with a mailbox for invoices. GİB allows one fetch an hour."""
    asked = operation(USER_LIST, {"type": "InvoiceReceiverbox"})
    packed = text_at(await client.call(USER_LIST, asked, long=True), "Value")
    return read_user_list(unpacked(packed))


def unpacked(text: str) -> bytes:
    """The bytes of a base64 text. Raises `ProviderFailure` answer_malformed, also when there are none."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        raise ProviderFailure("transient", "answer_malformed")
    return content


def _alias(box: Element) -> Alias:
    dead = moment(box.attrib.get("SystemDeleteDate"))
    since = moment(box.attrib.get("SystemCreateDate"))
    if dead is None and box.attrib.get("Enabled") == "false":
        # Switched off without a date: dead since whenever it began.
        dead = since or moment("1970-01-01T00:00:00")
    return Alias(box.attrib.get("Alias", ""), since, dead)
