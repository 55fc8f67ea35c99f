"""The vehicles of an invented company: its own plates, its own employees at the wheel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.sandbox.chance import number, rng

if TYPE_CHECKING:
    from connectors.sandbox.company import Company, Person
    from connectors.sandbox.world import World

VANISHES_AFTER = timedelta(hours=12)
"""So long after the sandbox's start the last vehicle is taken off the road and off every list."""
DRIVER_CHANGES_AFTER = timedelta(hours=16)
"""So long after it the first vehicle gets another driver."""
_NOTES = {2: " -Servis", 5: " - yedek araç"}
# Where the companies of words.PLACES are, about.
_CITIES = {
    "İstanbul": (41.02, 29.01),
    "Ankara": (39.92, 32.85),
    "İzmir": (38.42, 27.14),
    "Bursa": (40.19, 29.06),
    "Kocaeli": (40.77, 29.43),
    "Antalya": (36.89, 30.71),
    "Gaziantep": (37.07, 37.38),
    "Konya": (37.87, 32.49),
    "Eskişehir": (39.78, 30.52),
}


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle. `written_plate` is how somebody typed it into Arvento's portal."""

    company: Company
    index: int
    node: str
    plate: str
    written_plate: str
    vehicle_class: str
    odometer_metres: int
    vanishes_at: datetime | None
    driver_changes_at: datetime | None

    @property
    def depot(self) -> tuple[float, float]:
        """Latitude and longitude of the yard."""
        return _CITIES[self.company.address.city]

    def driver(self, now: datetime) -> Person:
        """Who drives it."""
        changed = self.driver_changes_at is not None and now >= self.driver_changes_at
        return self.company.employee(self.index + 8 if changed else self.index)

    def listed(self, now: datetime) -> bool:
        """Whether lists still have it."""
        return self.vanishes_at is None or now < self.vanishes_at


def fleets(world: World) -> Callable[[str], tuple[Vehicle, ...]]:
    """A company's vehicles; the last companies asked for stay in memory."""

    @lru_cache(maxsize=1024)
    def fleet(company_id: str) -> tuple[Vehicle, ...]:
        company = world.company(company_id)
        return tuple(_vehicle(world, company, index) for index in range(len(company.plates)))

    return fleet


def _vehicle(world: World, company: Company, index: int) -> Vehicle:
    chance = rng(world.seed, company.company_id, "vehicle", index)
    plate = company.plates[index]
    serial = number(world.seed, company.company_id, "unit") % 10_000_000 * 10 + index
    start = world.clock.start.replace(microsecond=0)
    last = index == len(company.plates) - 1
    # Typed by hand over the years: with spaces, without, with a remark behind.
    written = plate.replace(" ", "") if index % 3 == 1 else plate
    return Vehicle(
        company=company,
        index=index,
        node=f"{'C11L' if last else 'K12'}{serial:08d}",
        plate=plate,
        written_plate=written + _NOTES.get(index, ""),
        vehicle_class=chance.choice(("OTOMOBIL", "KAMYON", "KAMYONET")),
        odometer_metres=chance.randint(20_000, 400_000) * 1000,
        vanishes_at=start + VANISHES_AFTER if last and not world.pace.steady else None,
        driver_changes_at=start + DRIVER_CHANGES_AFTER if index == 0 and not world.pace.steady else None,
    )
