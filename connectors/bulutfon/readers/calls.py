"""Reads the calls of a window, and with them whether they were recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.bulutfon.listing import ask, record_pages, records_of, total_pages
from connectors.bulutfon.parties import Party, read_party
from connectors.bulutfon.readers.window import time_limit
from connectors.bulutfon.settings import V2_TIME_COLUMN
from connectors.bulutfon.streams.calls import CALL, RECORDING
from connectors.contract import Page, Row, Window
from connectors.failure import ProviderFailure
from connectors.fields import to_int
from connectors.istanbul import ISTANBUL
from connectors.nested import record_in

if TYPE_CHECKING:
    from connectors.bulutfon.client import BulutfonClient

_SECOND = timedelta(seconds=1)
_FEW_PAGES = 3


async def pages(client: BulutfonClient, window: Window, *, now: datetime) -> AsyncIterator[Page]:
    """One page of rows per page of Bulutfon that has calls of the window."""
    async for records in call_pages(client, window, now=now):
        rows: list[Row] = []
        recordings: list[Row] = []
        for call in records:
            if call.get("call_record") is not None:
                told = {name: call.get(name) for name in ("uuid", "call_time", "call_record")}
                recordings.append(RECORDING.row(told))
            rows.append(call_row(call))
        yield Page(rows, {"recordings": recordings})


async def call_pages(client: BulutfonClient, window: Window, *, now: datetime) -> AsyncIterator[list[dict[str, Any]]]:
    """The window's calls as Bulutfon gives them, page by page. Raises `ProviderFailure`."""
    found = _second_generation(client, window) if client.generation == "v2" else _first_generation(client, window, now)
    async for records in found:
        inside = [call for call in map(record_in, records) if _inside(call, window)]
        if inside:
            yield inside


def call_row(call: dict[str, Any]) -> Row:
    """A call's row, with the parties told apart. `call` is used up."""
    caller = read_party(call.pop("caller", None), field="caller")
    callee = read_party(call.pop("callee", None), field="callee")
    call.pop("call_record", None)
    call.pop("call_flow", None)
    if "caller_extension" in call:
        call["extension"] = call.pop("caller_extension")
    seconds = _duration(call.pop("duration", None))
    ours = _parties(str(call.get("direction")).upper(), caller, callee)
    row = CALL.row(call, {**ours, "answered": False, "in_progress": False})
    _tell_times(row, seconds, ended_is_told="hangup_time" in call)
    return row


def is_answered(row: Row) -> bool:
    """Whether a call was answered from outside and is over: then its way is complete."""
    return row["direction"] == "IN" and row["answered"] and not row["in_progress"]


def _parties(direction: str, caller: Party, callee: Party) -> Row:
    incoming = direction == "IN"
    outside, ours = (caller, callee) if incoming else (callee, caller)
    return {
        "caller_kind": caller.kind,
        "callee_kind": callee.kind,
        "caller_short": caller.short,
        "callee_short": callee.short,
        "customer_phone": outside.phone,
        "our_number": ours.phone,
    }


def _tell_times(row: Row, seconds: int | None, *, ended_is_told: bool) -> None:
    """Durations are not sent in the first generation; the second sends that of the talk and maybe nothing else."""
    began, answered, ended = row["call_time"], row["answer_time"], row["hangup_time"]
    row["answered"] = answered is not None or bool(seconds)
    row["in_progress"] = ended_is_told and ended is None
    if answered is not None and ended is not None:
        row["talk_seconds"] = _whole_seconds(ended - answered)
    elif seconds is not None and row["answered"] and not row["in_progress"]:
        row["talk_seconds"] = seconds
    until = answered or (None if row["answered"] else ended)
    if until is not None:
        row["wait_seconds"] = _whole_seconds(until - began)


def _whole_seconds(span: timedelta) -> int:
    return round(span.total_seconds())


def _duration(value: Any) -> int | None:
    if value is None or value == "":
        return None
    seconds: int | None = None
    try:
        seconds = to_int(value)
    except (ValueError, TypeError):
        seconds = None
    if seconds is None:
        raise ProviderFailure("transient", "wrong_type", field="talk_seconds")
    return seconds


def _inside(call: dict[str, Any], window: Window) -> bool:
    began = CALL.value(call, "call_time")
    # A call without a time is passed on, and its row refused by name.
    return began is None or window.start <= began < window.end


async def _second_generation(client: BulutfonClient, window: Window) -> AsyncIterator[list[Any]]:
    query = {
        f"{V2_TIME_COLUMN}[ge]": _written(window.start),
        # Whole seconds: the last one counts in full, and what is past the window's end is left out afterwards.
        f"{V2_TIME_COLUMN}[lt]": _written(window.end + _SECOND),
    }
    async for records in record_pages(client, "calls", query):
        yield records


async def _first_generation(client: BulutfonClient, window: Window, now: datetime) -> AsyncIterator[list[Any]]:
    """Oldest first, so that calls that arrive meanwhile stand behind what is still to be read.

    A call that is told late moves the others on by one: they come twice and are written over. One that falls out of the
    limit moves them back: what is missed so is read with the trailing hours of the next sync.
    """
    query: dict[str, str | int] = {"order": "call_time,asc"}
    limit = time_limit(window, now=now)
    if limit is not None:
        query["time_limit"] = limit
    document = await ask(client, "calls", 1, query)
    pages = total_pages(document) or 1
    page = 1
    if pages > _FEW_PAGES and _in_order(records_of("v1", "calls", document)):
        page = await _page_before(client, query, window.start, pages=pages)
    if page > 1:
        document = await ask(client, "calls", page, query)
    while True:
        records = records_of("v1", "calls", document)
        if records:
            yield records
        if not records or page >= (total_pages(document) or page) or _all_later(records, window.end):
            return
        page += 1
        document = await ask(client, "calls", page, query)


async def _page_before(client: BulutfonClient, query: dict[str, str | int], start: datetime, *, pages: int) -> int:
    """A page that stands before the window's first call, found by halving.

    A list of years has hundreds of pages, and every window of a first sync would read them all. One page too many is
    read, since calls move on while we search. A list that is not in order is read from its beginning.
    """
    first, last = 1, pages
    while first < last:
        middle = (first + last) // 2
        records = records_of("v1", "calls", await ask(client, "calls", middle, query))
        if not _in_order(records):
            return 1
        times = _times(records)
        if times and times[-1] < start:
            first = middle + 1
        else:
            last = middle
    return max(1, first - 1)


def _all_later(records: list[Any], end: datetime) -> bool:
    """Whether a page in order stands behind the window."""
    times = _times(records)
    return bool(times) and _in_order(records) and times[0] >= end


def _in_order(records: list[Any]) -> bool:
    times = _times(records)
    return times == sorted(times)


def _times(records: list[Any]) -> list[datetime]:
    told = [CALL.value(record_in(record), "call_time") for record in records]
    return [moment for moment in told if moment is not None]


def _written(moment: datetime) -> str:
    return moment.astimezone(ISTANBUL).isoformat(timespec="seconds")
