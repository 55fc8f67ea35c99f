"""Reads the way of each answered incoming call, one request a call, within a bound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.bulutfon.parties import Party, read_party
from connectors.bulutfon.readers.calls import call_pages, call_row, is_answered
from connectors.bulutfon.settings import DETAILS_UNKNOWN_AT_FIRST, V2_CALL_KEY, WINDOWS_BEYOND_BOUND
from connectors.bulutfon.streams.steps import STEP, TARGET
from connectors.contract import Page, Row, Window
from connectors.failure import ProviderFailure
from connectors.istanbul import ISTANBUL
from connectors.nested import record_in, take_records

if TYPE_CHECKING:
    from connectors.bulutfon.client import BulutfonClient


class StepReader:
    """The details of calls that one session may still ask for."""

    def __init__(self, client: BulutfonClient, *, most: int) -> None:
        self._client = client
        self._left = most
        self._windows = 0
        self._known = self._unknown = 0

    async def pages(self, window: Window, *, now: datetime) -> AsyncIterator[Page]:
        """Steps with their targets as children.

        Raises `ProviderFailure`; rate_limited when the session's bound is reached, so that the window stays open and
        the next sync goes on with it. The bound does not hold for the first windows, which every sync reads again.
        """
        self._windows += 1
        asked: set[str] = set()
        async for records in call_pages(self._client, window, now=now):
            steps: list[Row] = []
            targets: list[Row] = []
            for row in map(call_row, records):
                if is_answered(row) and row["call_id"] not in asked:
                    asked.add(row["call_id"])
                    await self._read(row, steps, targets)
            if steps:
                yield Page(steps, {"call_step_targets": targets})

    async def _read(self, call: Row, steps: list[Row], targets: list[Row]) -> None:
        if self._left <= 0 and self._windows > WINDOWS_BEYOND_BOUND:
            raise ProviderFailure("transient", "rate_limited")
        self._left -= 1
        details = await self._client.find(_path(self._client, call))
        if details is None:
            self._count_unknown()
            return
        self._known += 1
        name = "cdr" if self._client.generation == "v1" else V2_CALL_KEY
        flow = take_records(record_in(details.get(name)), "call_flow")
        for number, each in enumerate(flow, start=1):
            _take_step(record_in(each), {"call_id": call["call_id"], "step": number}, steps, targets)

    def _count_unknown(self) -> None:
        """One call may have been deleted since it was listed; if none is known, that is no silence but a mistake."""
        self._unknown += 1
        if not self._known and self._unknown >= DETAILS_UNKNOWN_AT_FIRST:
            raise ProviderFailure("permanent", "request_refused", status=404)


def _path(client: BulutfonClient, call: Row) -> str:
    name = quote(call["call_id"], safe="")
    if client.generation == "v1":
        return f"/cdrs/{name}"
    return f"/v2/cdr/{call['call_time'].astimezone(ISTANBUL):%Y/%m/%d}/{name}"


def _take_step(step: dict[str, Any], ours: Row, steps: list[Row], targets: list[Row]) -> None:
    ringing = take_records(step, "origination")
    callee = _pop_party(step, "callee")
    target = _pop_party(step, "redirection_target")
    known = {"callee": callee.digits, "callee_kind": callee.kind, "redirection_target": target.digits}
    steps.append(STEP.row(step, ours | known))
    for number, each in enumerate(ringing, start=1):
        rang = record_in(each)
        destination = _pop_party(rang, "destination")
        place = {"target": number, "destination": destination.digits, "destination_kind": destination.kind}
        targets.append(TARGET.row(rang, ours | place))


def _pop_party(record: dict[str, Any], name: str) -> Party:
    return read_party(record.pop(name, None), field=name)
