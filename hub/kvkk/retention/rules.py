"""What the policy in force says of age: until when each column of a stream is kept, and from when on it is coarser.

A column's retention counts from the day of the record (`dated` in the policy file; where records have none, from when
they were last fetched anew). Where a statute asks for longer, that holds (statutes.py). A row whose personal columns
are all over is deleted: what is technical in it is about nothing any more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from connectors.istanbul import day_of, start_of
from hub.kvkk.retention.statutes import STATUTES, Statute
from hub.kvkk.stores.landed import LandedStream
from kvkk_policies.vocabulary import NO_PERSONAL_DATA

_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")


@dataclass(frozen=True)
class Emptied:
    """Columns of one stream that are emptied in rows dated before `before`. All have one category."""

    before: datetime
    category: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Coarsened:
    """A coordinate that keeps `decimals` in rows dated before `before`."""

    before: datetime
    category: str
    column: str
    decimals: int


@dataclass(frozen=True)
class StreamRules:
    """Everything of one stream. Rows dated before `deleted_before` go as a whole; None while a hold keeps a column."""

    landed: LandedStream
    emptied: tuple[Emptied, ...]
    coarsened: tuple[Coarsened, ...]
    deleted_before: datetime | None
    category: str
    """Under what the deletion of whole rows is logged."""


def minus(day: date, period: str) -> date:
    """A day so many years, months, weeks and days earlier; the last day of a month stands in for one it lacks."""
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise ValueError("a retention is a period of whole years, months, weeks and days")
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    months += years * 12
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last)) - timedelta(weeks=weeks, days=days)


def rules_of(
    landed: LandedStream,
    *,
    now: datetime,
    held_categories: Collection[str] = (),
    statutes: tuple[Statute, ...] = STATUTES,
) -> StreamRules:
    """The rules of a stream at a moment. Columns of a held category are left out, and whole rows with them."""
    cutoffs = {name: _cutoff(landed, name, now, statutes) for name in landed.types if name in landed.policy.columns}
    personal = [name for name in cutoffs if landed.category(name) != NO_PERSONAL_DATA] or list(cutoffs)
    held = {name for name in cutoffs if landed.category(name) in held_categories}
    alike: dict[tuple[datetime, str], list[str]] = {}
    for name, cutoff in cutoffs.items():
        if name not in landed.stream.key and name not in held and name != landed.dated:
            alike.setdefault((cutoff, landed.category(name)), []).append(name)
    last = min(cutoffs[name] for name in personal)
    first_categories = sorted({landed.category(name) for name in personal if cutoffs[name] == last})
    return StreamRules(
        landed,
        tuple(Emptied(before, category, tuple(names)) for (before, category), names in alike.items() if before != last),
        tuple(_coarsened(landed, now, held)),
        None if held else last,
        first_categories[0],
    )


def _cutoff(landed: LandedStream, column: str, now: datetime, statutes: tuple[Statute, ...]) -> datetime:
    """Rows dated before this moment keep the column no longer."""
    today = day_of(now)
    days = [minus(today, landed.policy.columns[column].retention)]
    name = f"{landed.provider}.{landed.stream.name}"
    for statute in statutes:
        if column in statute.columns.get(name, ()):
            kept = minus(today, f"P{statute.years}Y")
            days.append(date(kept.year, 1, 1) if statute.counted_from == "end_of_year" else kept)
    return start_of(min(days)).astimezone(UTC)


def _coarsened(landed: LandedStream, now: datetime, held: Collection[str]) -> Iterator[Coarsened]:
    for name, policy in landed.policy.columns.items():
        rule: Mapping[str, object] | None = policy.coarsen
        if rule is not None and name not in held and landed.types.get(name) == "numeric":
            before = start_of(minus(day_of(now), str(rule["after"])))
            yield Coarsened(before, policy.category, name, int(str(rule["decimals"])))
