"""The stand-in's state: a world, the fleets in it, and what each company's account remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.istanbul import day_of, start_of
from connectors.sandbox.arvento.drives import Drives, Point, drives
from connectors.sandbox.arvento.fleet import Vehicle, fleets

if TYPE_CHECKING:
    from connectors.sandbox.world import World

PARTIAL_EVERY = 3
"""Every so many status calls of a company the list is short, the first one too."""
LEFT_OUT = 2
"""Vehicles that a short list leaves out."""


@dataclass(frozen=True)
class Fix:
    """A vehicle's last point."""

    vehicle: Vehicle
    point: Point
    odometer_metres: int


@dataclass
class Desk:
    """The stand-in's state: the world, the fleets in it, and how often each asked for its status."""

    world: World
    fleet: Callable[[str], tuple[Vehicle, ...]]
    drive: Drives
    status_calls: dict[str, int] = field(default_factory=dict[str, int])
    sessions: dict[str, tuple[str, datetime]] = field(default_factory=dict[str, tuple[str, datetime]])
    """The one living session of a company at the REST service, and when it was last used."""

    @classmethod
    def of(cls, world: World) -> Desk:
        """A desk over a world."""
        return cls(world, fleets(world), drives(world))

    @property
    def now(self) -> datetime:
        """The sandbox's time."""
        return self.world.clock.now()

    def listed(self, company_id: str) -> list[Vehicle]:
        """Vehicles that lists have."""
        return [vehicle for vehicle in self.fleet(company_id) if vehicle.listed(self.now)]

    def points(
        self, company_id: str, start: datetime, end: datetime, node: str = ""
    ) -> Iterator[tuple[Vehicle, Point]]:
        """Uploaded points from start to end, both inclusive as Arvento has it."""
        for vehicle in self.fleet(company_id):
            if node and vehicle.node != node:
                continue
            for day in days_between(start, end):
                for point in self.drive(vehicle, day).told(self.now):
                    if start <= point.at <= end and vehicle.listed(point.at):
                        yield vehicle, point

    def fixes(self, company_id: str) -> list[Fix]:
        """The last fix of each listed vehicle; now and then two vehicles are left out."""
        calls = self.status_calls[company_id] = self.status_calls.get(company_id, 0) + 1
        vehicles = self.listed(company_id)
        if not self.world.pace.steady and calls % PARTIAL_EVERY == 1:
            vehicles = vehicles[LEFT_OUT:]
        found = (self._last(vehicle) for vehicle in vehicles)
        return [fix for fix in found if fix is not None]

    def _last(self, vehicle: Vehicle) -> Fix | None:
        for back in range(15):
            drive = self.drive(vehicle, day_of(self.now) - timedelta(days=back))
            told = drive.told(self.now)
            if told:
                return Fix(vehicle, told[-1], drive.odometer_metres + sum(point.metres for point in told))
        return None


def days_between(start: datetime, end: datetime) -> list[date]:
    """Istanbul days from start to end, both inclusive."""
    first, last = day_of(start), day_of(end)
    return (
        [first + timedelta(days=passed) for passed in range((last - first).days + 1)] if start_of(first) <= end else []
    )
