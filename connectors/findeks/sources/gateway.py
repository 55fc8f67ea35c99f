"""Reports of an integrator's gateway: a list of what changed since a time, and each report by its id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.contract import Page, Window
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.findeks.formats.decoding import documents_in, text_in
from connectors.findeks.formats.turkish import moment
from connectors.findeks.report import Taken, is_readable, take_apart
from connectors.findeks.settings import LIST_LIMIT, NOT_GIVEN, REPORTS_PATH, Format
from connectors.istanbul import ISTANBUL
from connectors.nested import record_in, records_in

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.findeks.client import FindeksClient

_OF_THE_LIST = ("reportId", "updatedAt", "consentId", "customerRef")
"""What the list knows and a report in XML does not."""


async def pages(client: FindeksClient, window: Window, *, accept: Format) -> AsyncIterator[Page]:
    """The reports that changed in a window, a page of ours for a page of the list. Raises `ProviderFailure`."""
    async for items in listed(client, window):
        taken = Taken()
        for item in items:
            document = await _report(client, item, accept)
            if document is not None and is_readable(document):
                take_apart(document, taken, source="gateway")
        if taken.reports:
            yield taken.page()


async def reach(client: FindeksClient, now: datetime) -> None:
    """The cheapest request that needs the account."""
    await client.get(REPORTS_PATH, {"updatedSince": _written(now), "limit": 1}, _list_in)


async def listed(client: FindeksClient, window: Window) -> AsyncIterator[list[dict[str, Any]]]:
    """What the list says of the reports that changed in a window, page by page. Raises `ProviderFailure`."""
    query: dict[str, str | int] = {"updatedSince": _written(window.start), "limit": LIST_LIMIT}
    seen: set[str] = set()
    while True:
        document = await client.get(REPORTS_PATH, query, _list_in)
        items = [record_in(item) for item in records_in(document, "items")]
        inside = [item for item in items if _is_inside(item, window)]
        if inside:
            yield inside
        cursor = document.get("nextCursor")
        if cursor is None or cursor == "":
            return
        if not isinstance(cursor, str) or cursor in seen:
            # A list that leads back to itself would never end.
            raise ProviderFailure("transient", "answer_malformed")
        seen.add(cursor)
        query["cursor"] = cursor


def _is_inside(item: dict[str, Any], window: Window) -> bool:
    """The list has no upper bound, so a later window's reports come along; one without a time may be anybody's."""
    readable, updated = True, None
    try:
        updated = moment(item.get("updatedAt")) if item.get("updatedAt") is not None else None
    except (ValueError, TypeError, OverflowError):
        readable = False
    if not readable:
        raise ProviderFailure("transient", "wrong_type", field="updated_at")
    return updated is None or updated < window.end


async def _report(client: FindeksClient, item: dict[str, Any], accept: Format) -> dict[str, Any] | None:
    """An item's document; None when there is nothing (yet) to read."""
    if "subject" in item:
        return item  # some gateways list whole reports
    report_id = item.get("reportId")
    if not isinstance(report_id, str) or not report_id:
        raise ProviderFailure("transient", "wrong_type", field="report_id")
    if not is_readable(item):
        return None
    try:
        document = await client.get(f"{REPORTS_PATH}/{quote(report_id, safe='')}", {}, _report_in, accept=accept)
    except ProviderFailure as failure:
        if failure.provider_code in NOT_GIVEN:
            return None
        raise
    return {name: item[name] for name in _OF_THE_LIST if name in item} | document


def _list_in(content: bytes) -> dict[str, Any]:
    return record_in(decode_json(content))


def _report_in(content: bytes) -> dict[str, Any]:
    document = next(documents_in(text_in(content)), None)
    if document is None:
        raise ProviderFailure("transient", "answer_malformed")
    return document


def _written(moment_: datetime) -> str:
    return moment_.astimezone(ISTANBUL).isoformat(timespec="seconds")
