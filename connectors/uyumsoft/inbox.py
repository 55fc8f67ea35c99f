"""Uyumsoft's lists of invoices: what came in, and what kind an invoice of ours is."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from connectors.einvoice.contract import Incoming, IncomingPage
from connectors.einvoice.user_list import moment
from connectors.failure import ProviderFailure
from connectors.istanbul import ISTANBUL
from connectors.uyumsoft import statuses
from connectors.uyumsoft.envelope import element, nil, operation
from connectors.uyumsoft.settings import PAGE_SIZE
from connectors.xml import Element, child, local, text_at

if TYPE_CHECKING:
    from connectors.uyumsoft.client import UyumsoftClient


async def page(client: UyumsoftClient, start: datetime, end: datetime, *, number: int) -> IncomingPage:
    """A page of what came in between two aware moments. Uyumsoft counts pages from 0, we from 1."""
    bounds = [start.astimezone(ISTANBUL), end.astimezone(ISTANBUL)]
    created = [
        element(name, at.isoformat()) for name, at in zip(("CreateStartDate", "CreateEndDate"), bounds, strict=True)
    ]
    request = _query("GetInboxInvoiceList", number - 1, created=created)
    next(iter(request)).set("OnlyNewestInvoices", "false")
    value = child(await client.call("GetInboxInvoiceList", request), "Value")
    rows = () if value is None else tuple(_incoming(row) for row in value if local(row) == "Items")
    pages = "0" if value is None else value.attrib.get("TotalPages", "0")
    more = pages.isdecimal() and int(pages) > number
    return IncomingPage(rows, number + 1 if more else None)


async def is_commercial(client: UyumsoftClient, ettn: str) -> bool:
    """Whether an invoice of ours has a profile whose receiver may answer. Raises `ProviderFailure`."""
    request = _query("GetOutboxInvoiceList", 0, ids=[element("InvoiceIds", ettn)])
    next(iter(request)).append(element("Scenario", "eInvoice"))
    value = child(await client.call("GetOutboxInvoiceList", request, once=True), "Value")
    rows = () if value is None else (row for row in value if local(row) == "Items")
    return any(
        text_at(row, "DocumentId").lower() == ettn.lower() and text_at(row, "Type") in statuses.COMMERCIAL
        for row in rows
    )


def _query(name: str, index: int, *, created: list[Any] | None = None, ids: list[Any] | None = None) -> Any:
    """A query with every element that the service's schema demands, in its order."""
    parts = [
        *(nil(each) for each in ("ExecutionStartDate", "ExecutionEndDate")),
        *(created or [nil(each) for each in ("CreateStartDate", "CreateEndDate")]),
        nil("Status"),
        *(ids or []),
        *(nil(each) for each in ("SortColumn", "SortMode", "IsArchived")),
    ]
    request = operation(name, {"query": parts})
    query = next(iter(request))
    query.set("PageIndex", str(index))
    query.set("PageSize", str(PAGE_SIZE))
    return request


def _incoming(row: Element) -> Incoming:
    try:
        issued = date.fromisoformat(text_at(row, "ExecutionDate")[:10])
    except ValueError:
        issued = None
    if issued is None:
        raise ProviderFailure("transient", "wrong_type", field="ExecutionDate")
    code, profile = text_at(row, "StatusCode"), text_at(row, "Type")
    answered = statuses.of_inbox(int(code)) if code.isdecimal() else "none"
    return Incoming(
        ettn=text_at(row, "DocumentId").lower(),
        number=text_at(row, "InvoiceId"),
        profile=statuses.PROFILES.get(profile, profile),
        type=statuses.TYPES.get(text_at(row, "InvoiceTipType"), text_at(row, "InvoiceTipType")),
        issued=issued,
        received=_utc(text_at(row, "CreateDateUtc")),
        answer=answered if profile in statuses.COMMERCIAL else "none",
        sender=text_at(row, "TargetTcknVkn"),
    )


def _utc(text: str) -> datetime | None:
    """A time that is named UTC and mostly comes without an offset."""
    plain = text and not text.endswith("Z") and "+" not in text
    return moment(f"{text}Z" if plain else text)
