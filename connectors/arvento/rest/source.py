"""Arvento's REST service, as the same records that SOAP gives."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.arvento.columns import named
from connectors.arvento.settings import REST_DATE_FORMAT, REST_ZONES, WALL_CLOCK_ZONE, ArventoSettings
from connectors.arvento.values import Record, join_duration, take_time
from connectors.failure import ProviderFailure
from connectors.istanbul import start_of
from connectors.nested import record_in

if TYPE_CHECKING:
    from connectors.arvento.rest.client import RestClient

VEHICLES = "/vehicle"
LAST_EVENTS = "/vehicle/lastEvents"
TRACK = "/report/general"
OPERATING = "/report/vehicleOperating"
_OPTIONS = {"locationInfo": True, "ignitionInfo": True}


class RestSource:
    """One account's reports. Fulfils `Source`."""

    def __init__(self, client: RestClient, settings: ArventoSettings) -> None:
        self._client = client
        self._settings = settings
        self._listed: list[Record] | None = None

    async def test(self) -> None:
        """Log in and list the vehicles."""
        try:
            await self._ask("GET", VEHICLES)
        except ProviderFailure as failure:
            if failure.code != "not_licensed":
                raise

    async def vehicles(self) -> list[Record]:
        """The list of vehicles, with plate, driver, class and group; asked for once a session."""
        if self._listed is None:
            self._listed = await self._ask("GET", VEHICLES)
        return [dict(record) for record in self._listed]

    async def drivers(self) -> list[Record]:
        """The same list: it names the drivers too."""
        return await self.vehicles()

    async def statuses(self) -> list[Record]:
        """The last event of every unit. An empty list of nodes means all; none at all is an error of the service."""
        records = await self._ask("POST", LAST_EVENTS, {"Nodes": []})
        for record in records:
            take_time(record, {"report_time": REST_ZONES[LAST_EVENTS]})
        return records

    async def track(self, start: datetime, end: datetime) -> list[Record]:
        """Points of each unit by itself: the report's rows do not name theirs."""
        records: list[Record] = []
        for vehicle in await self.vehicles():
            node = vehicle.get("node")
            body = {"Nodes": [node], **_bounds(start, end), "Options": _OPTIONS}
            for record in await self._ask("POST", TRACK, body):
                written = record.get("report_time")
                record["reported_time"] = None if written is None else str(written)
                take_time(record, {"report_time": self._settings.track_zone})
                records.append({"node": node, "license_plate": vehicle.get("license_plate"), **record})
        return records

    async def operating(self, day: date, node: str = "") -> list[Record]:
        """Working days. No source shows this report's rows: they are taken to be those of SOAP, with the unit."""
        bounds = _bounds(start_of(day), start_of(day + timedelta(days=1)))
        body = {"Nodes": [node] if node else [], **bounds, "Options": _OPTIONS}
        records = await self._ask("POST", OPERATING, body)
        for record in records:
            for name in ("ignition_on", "idling", "motion"):
                join_duration(record, name)
        return records

    async def distances(self, day: date) -> list[Record]:
        """Nothing: the service has no such report."""
        del day
        return []

    async def speed_alarms(self, day: date) -> list[Record]:
        """Nothing: the service has no such report."""
        del day
        return []

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> list[Record]:
        return [named(record_in(item).items()) for item in await self._client.records(method, path, body)]


def _bounds(start: datetime, end: datetime) -> dict[str, str]:
    # As over SOAP the end is taken to be inclusive, so the last second before it is asked for.
    last = end - timedelta(microseconds=1)
    return {
        "StartDate": start.astimezone(WALL_CLOCK_ZONE).strftime(REST_DATE_FORMAT),
        "EndDate": last.astimezone(WALL_CLOCK_ZONE).strftime(REST_DATE_FORMAT),
    }
