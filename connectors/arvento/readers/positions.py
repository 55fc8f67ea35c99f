"""Reads the last fix of every vehicle, again where the list is short."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from connectors.arvento.settings import STATUS_PAUSE_SECONDS, STATUS_TRIES
from connectors.arvento.streams.positions import RECORD
from connectors.arvento.values import Record, has_fix
from connectors.contract import Page
from connectors.failure import ProviderFailure

if TYPE_CHECKING:
    from connectors.arvento.source import Source
    from connectors.clock import Clock

_log = logging.getLogger(__name__)


async def pages(source: Source, clock: Clock) -> AsyncIterator[Page]:
    """One page of fixes. A vehicle that the list leaves out is left alone: what landed of it stays."""
    records = await _fullest(source, await _expected(source), clock)
    # A unit that has never been anywhere has no time either.
    timed = [record for record in records if record["time"] is not None]
    rows = [row for record in timed if has_fix(row := RECORD.row(record))]
    if len(rows) < len(records):
        _log.info("arvento: %d of %d positions have no fix", len(records) - len(rows), len(records))
    yield Page(rows)


async def _expected(source: Source) -> set[str]:
    """Units that the list of vehicles knows; none where the contract does not hold that list."""
    try:
        vehicles = await source.vehicles()
    except ProviderFailure as failure:
        if failure.code != "not_licensed":
            raise
        return set()
    return {str(record["node"]) for record in vehicles if record.get("node") is not None}


async def _fullest(source: Source, expected: set[str], clock: Clock) -> list[Record]:
    """The fullest of several answers.

    Asked in quick succession, Arvento tells of fewer vehicles than there are. Two answers in a row with the same ones
    are believed: the vehicle that is missing from both is absent, and waiting for it would take as long every time.
    """
    best: list[Record] = []
    before: set[str] | None = None
    for attempt in range(STATUS_TRIES):
        if attempt:
            await clock.sleep(STATUS_PAUSE_SECONDS)
        records = await source.statuses()
        nodes = {str(record["node"]) for record in records if record.get("node") is not None}
        if len(records) > len(best):
            best = records
        if expected <= nodes or nodes == before:
            break
        before = nodes
    return best
