"""Arvento's reports over SOAP, as records of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.arvento.settings import WALL_CLOCK_ZONE
from connectors.arvento.soap.operations import DISTANCE, DRIVERS, OPERATING, SPEED_ALARM, STATUS, TRACK, VEHICLES
from connectors.arvento.values import Record, join_duration, take_time
from connectors.failure import ProviderFailure
from connectors.istanbul import start_of

if TYPE_CHECKING:
    from connectors.arvento.soap.client import SoapClient
    from connectors.arvento.soap.operations import Operation

_FIX_ZONES = {"gmt_time": UTC, "local_time": WALL_CLOCK_ZONE}


class SoapSource:
    """One account's reports. Fulfils `Source`."""

    def __init__(self, client: SoapClient) -> None:
        self._client = client
        self._licensed: dict[str, Operation] = {}

    async def test(self) -> None:
        """Ask for the plates."""
        try:
            await self._client.call(VEHICLES)
        except ProviderFailure as failure:
            if failure.code != "not_licensed":
                raise

    async def vehicles(self) -> list[Record]:
        """Rows of GetLicensePlateNodeMappings."""
        return await self._client.call(VEHICLES)

    async def drivers(self) -> list[Record]:
        """Rows of GetDriverNodeMappings."""
        return await self._client.call(DRIVERS)

    async def statuses(self) -> list[Record]:
        """Last packets, from the first operation that the contract holds."""
        _, records = await self._first_licensed(STATUS)
        for record in records:
            take_time(record, _FIX_ZONES)
        return records

    async def track(self, start: datetime, end: datetime) -> list[Record]:
        """Rows of the general report, from the first of its forms that the contract holds."""
        operation, records = await self._first_licensed(TRACK, start=start, end=end)
        for record in records:
            record["reported_time"] = record.get("report_time")
            take_time(record, {"report_time": operation.zone})
        return records

    async def operating(self, day: date, node: str = "") -> list[Record]:
        """Rows of VehicleOperatingReport, durations joined. They name the plate and not the unit."""
        records = await self._day(OPERATING, day, node=node)
        for record in records:
            for name in ("ignition_on", "idling", "motion"):
                join_duration(record, name)
        return records

    async def distances(self, day: date) -> list[Record]:
        """Rows of VehicleDistanceReport."""
        return await self._day(DISTANCE, day)

    async def speed_alarms(self, day: date) -> list[Record]:
        """Rows of SpeedAlarm."""
        records = await self._day(SPEED_ALARM, day)
        for record in records:
            take_time(record, {"report_time": SPEED_ALARM.zone})
        return records

    async def _day(self, operation: Operation, day: date, *, node: str = "") -> list[Record]:
        end = start_of(day + timedelta(days=1))
        return await self._client.call(operation, start=start_of(day), end=end, node=node)

    async def _first_licensed(
        self, operations: Sequence[Operation], *, start: datetime | None = None, end: datetime | None = None
    ) -> tuple[Operation, list[Record]]:
        """What the first operation says that the contract holds; it is remembered for this session."""
        known = self._licensed.get(operations[0].name)
        refused: ProviderFailure | None = None
        for operation in operations if known is None else (known,):
            try:
                records = await self._client.call(operation, start=start, end=end)
            except ProviderFailure as failure:
                if failure.code != "not_licensed":
                    raise
                refused = failure
                continue
            self._licensed[operations[0].name] = operation
            return operation, records
        raise refused or ProviderFailure("permanent", "not_licensed")
