"""What both of Arvento's interfaces can be asked. Readers know this and neither SOAP nor REST.

Records come under the names of `columns.py`, each with its `time` in UTC where the report has one.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from connectors.arvento.values import Record


class Source(Protocol):
    """One account. Every method raises `ProviderFailure`; not_licensed for a report outside the contract."""

    async def test(self) -> None:
        """One cheap request. A contract without that report is no fault of the credentials."""
        ...

    async def vehicles(self) -> list[Record]:
        """Units with the plates they are mounted under."""
        ...

    async def drivers(self) -> list[Record]:
        """Units with their drivers."""
        ...

    async def statuses(self) -> list[Record]:
        """The last fix of every unit."""
        ...

    async def track(self, start: datetime, end: datetime) -> list[Record]:
        """Points and events in `[start, end)`."""
        ...

    async def operating(self, day: date, node: str = "") -> list[Record]:
        """An Istanbul day's work by vehicle, of one unit or of all."""
        ...

    async def distances(self, day: date) -> list[Record]:
        """An Istanbul day's distance and odometer by unit."""
        ...

    async def speed_alarms(self, day: date) -> list[Record]:
        """An Istanbul day's speed violations."""
        ...
