"""What each vehicle did, day by day. A day is made when asked for, in any order; nothing is stored.

Distances are whole metres. A point knows when it was uploaded, so any moment's knowledge can be told.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from connectors.istanbul import start_of
from connectors.sandbox.chance import rng

if TYPE_CHECKING:
    from connectors.sandbox.arvento.fleet import Vehicle
    from connectors.sandbox.world import World

SPEED_LIMIT = 90
POSITION, IGNITION_ON, IGNITION_OFF, PAUSE = "Konum Bilgisi", "Kontak Açıldı", "Kontak Kapandı", "Duraklama"
_SHARE_LATE, _SHARE_WITHOUT_FIX = 0.05, 0.02
_WORKING_DAY = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Point:
    """One point or event. `told_at` is when the unit uploaded it; `metres` since the point before."""

    at: datetime
    told_at: datetime
    kind: str
    latitude: float
    longitude: float
    speed: int
    course: int
    metres: int
    pause_seconds: int
    idling_seconds: int

    @property
    def too_fast(self) -> bool:
        """Whether it is a speed violation."""
        return self.speed > SPEED_LIMIT


@dataclass(frozen=True, slots=True)
class Drive:
    """A vehicle's day: its points in order, and the odometer when it began."""

    day: date
    points: tuple[Point, ...]
    odometer_metres: int
    miscounted_metres: int
    """What the odometer has more than the points: the two reports do not always agree."""

    def told(self, now: datetime) -> list[Point]:
        """Points that have been uploaded by then."""
        return [point for point in self.points if point.told_at <= now]


Drives = Callable[["Vehicle", date], Drive]


def drives(world: World) -> Drives:
    """A vehicle's days; the last ones asked for stay in memory."""

    @lru_cache(maxsize=4096)
    def metres_until(vehicle: Vehicle, day: date) -> int:
        # One step back at a time would recurse as deep as the history is long.
        total = 0
        for passed in range(max(0, (day - world.first_day).days)):
            total += _metres_of(world, vehicle, world.first_day + timedelta(days=passed))
        return total

    @lru_cache(maxsize=8192)
    def drive(vehicle: Vehicle, day: date) -> Drive:
        odometer = vehicle.odometer_metres + metres_until(vehicle, day)
        metres = _metres_of(world, vehicle, day) if day >= world.first_day else 0
        points = tuple(_invent(world, vehicle, day, metres)) if metres else ()
        miscounted = 0
        if not world.pace.steady and rng(world.seed, vehicle.node, "miscounted", day).random() < 0.08:
            miscounted = 4_200
        return Drive(day, points, odometer, miscounted)

    return drive


def _metres_of(world: World, vehicle: Vehicle, day: date) -> int:
    chance = rng(world.seed, vehicle.node, "metres", day)
    if day.weekday() == 6 and not world.pace.steady and chance.random() < 0.7:
        return 0
    return chance.randint(40_000, 320_000)


def _invent(world: World, vehicle: Vehicle, day: date, metres: int) -> list[Point]:
    chance = rng(world.seed, vehicle.node, "points", day)
    count = max(4, world.pace.points_per_day)
    begin = start_of(day) + timedelta(hours=7, minutes=chance.randint(20, 80))
    step = _WORKING_DAY / (count - 1)
    weights = [0.0 if _stands(index, count) else chance.uniform(0.3, 1.7) for index in range(count)]
    whole = sum(weights)
    points: list[Point] = []
    told_last = begin
    for index in range(count):
        at = (begin + step * index).replace(microsecond=0)
        told_last = _told_at(world, at, told_last, chance)
        share = weights[index] / whole
        points.append(_point(vehicle, chance, index, count, at, told_last, round(metres * share), step))
    if not world.pace.steady and chance.random() < 0.3:
        # Two points of one second and kind happen: a unit that woke up sends the fix it kept and the new one.
        twin = points[count // 3]
        points.insert(count // 3, _moved(twin))
    return points


def _stands(index: int, count: int) -> bool:
    return index in (0, count - 1) or index % 9 == 5


def _told_at(world: World, at: datetime, last: datetime, chance: Random) -> datetime:
    # Points come within a minute. A unit without a network keeps them for hours, some until the night.
    if world.pace.steady or chance.random() >= _SHARE_LATE:
        return at + timedelta(seconds=chance.randint(2, 50))
    return max(last, at + timedelta(minutes=chance.choice((50, 170, 310, 840))))


def _point(
    vehicle: Vehicle,
    chance: Random,
    index: int,
    count: int,
    at: datetime,
    told_at: datetime,
    metres: int,
    step: timedelta,
) -> Point:
    angle = 2 * math.pi * index / count
    latitude, longitude = vehicle.depot
    latitude += 0.15 * math.sin(angle) + vehicle.index * 0.004 + chance.uniform(-0.003, 0.003)
    longitude += 0.2 * (1 - math.cos(angle)) + chance.uniform(-0.003, 0.003)
    lost = index not in (0, count - 1) and chance.random() < _SHARE_WITHOUT_FIX
    stands = _stands(index, count)
    speed = 0 if stands else chance.randint(18, 88) + (chance.randint(5, 34) if chance.random() < 0.06 else 0)
    kind = IGNITION_ON if index == 0 else IGNITION_OFF if index == count - 1 else PAUSE if stands else POSITION
    waited = int(step.total_seconds()) if kind == PAUSE else 0
    return Point(
        at=at,
        told_at=told_at,
        kind=kind,
        latitude=0.0 if lost else round(latitude, 6),
        longitude=0.0 if lost else round(longitude, 6),
        speed=speed,
        course=int(math.degrees(angle)) % 360,
        metres=metres,
        pause_seconds=waited,
        idling_seconds=waited // 4,
    )


def _moved(point: Point) -> Point:
    return Point(
        point.at,
        point.told_at,
        point.kind,
        round(point.latitude + 0.00042, 6) if point.latitude else 0.0,
        point.longitude,
        min(point.speed, 60),
        point.course,
        0,
        0,
        0,
    )
