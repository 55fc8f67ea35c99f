"""Finds the unit of a row that names only its plate."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date
from typing import TYPE_CHECKING

from connectors.arvento.readers.fleet import nodes_by_plate
from connectors.arvento.values import Record, plate_key
from connectors.failure import ProviderFailure

if TYPE_CHECKING:
    from connectors.arvento.source import Source


class PlateBook:
    """The list of vehicles by plate, asked for when a row first needs it and kept for the session."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._listed: dict[str, list[str]] | None = None
        self._driven: dict[date, dict[str, list[str]]] = {}

    async def nodes(self, plate: str) -> list[str]:
        """Units listed under a plate; none where the contract does not hold the list. Raises `ProviderFailure`."""
        if self._listed is None:
            self._listed = await _nodes_in(self._source.vehicles())
        return self._listed.get(plate_key(plate), [])

    async def nodes_on(self, day: date, plate: str) -> list[str]:
        """As `nodes`, and for a plate that is no longer listed the units which the day's distance report names.

        A vehicle that left the fleet yesterday is still in yesterday's reports, which are read again today: without its
        unit it would stand there twice.
        """
        nodes = await self.nodes(plate)
        if not nodes:
            if day not in self._driven:
                self._driven[day] = await _nodes_in(self._source.distances(day))
            nodes = self._driven[day].get(plate_key(plate), [])
        return nodes

    async def with_nodes(self, records: list[Record]) -> list[Record]:
        """The records, each with a unit if its plate tells one.

        A plate under which no unit is listed stands for the unit itself: `node` is pseudonymised, so it shows nothing,
        and the vehicle keeps its rows. A plate of two units does too: nobody can say which of them it was.
        """
        for record in records:
            plate = record.get("license_plate")
            if record.get("node") is None and isinstance(plate, str):
                nodes = await self.nodes(plate)
                record["node"] = nodes[0] if len(nodes) == 1 else plate_key(plate)
        return records


async def _nodes_in(asked: Awaitable[list[Record]]) -> dict[str, list[str]]:
    try:
        return nodes_by_plate(await asked)
    except ProviderFailure as failure:
        if failure.code != "not_licensed":
            raise
        return {}
