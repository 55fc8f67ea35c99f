"""Finds the unit of a row that names only its plate."""

from __future__ import annotations

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
        self._nodes: dict[str, list[str]] | None = None

    async def nodes(self, plate: str) -> list[str]:
        """Units listed under a plate; none where the contract does not hold the list. Raises `ProviderFailure`."""
        if self._nodes is None:
            try:
                self._nodes = nodes_by_plate(await self._source.vehicles())
            except ProviderFailure as failure:
                if failure.code != "not_licensed":
                    raise
                self._nodes = {}
        return self._nodes.get(plate_key(plate), [])

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
