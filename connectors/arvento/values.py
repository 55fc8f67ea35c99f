"""Values as Arvento writes them: times in five layouts with misleading offsets, two decimal signs, split durations.

Converters raise ValueError or TypeError; `RecordMap` names the column and never the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from connectors.failure import ProviderFailure
from connectors.fields import to_decimal

Record = dict[str, Any]
"""One record under the names of `columns.py`, values as they came; `time` is an aware UTC datetime."""

_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|[+-]\d\d:?\d\d)?")
_DAY_FIRST = re.compile(r"(\d\d?)[./](\d\d?)[./](\d{4}) (\d\d?):(\d\d)(?::(\d\d))?")
_CLOCK = re.compile(r"(?:(\d+)\.)?(\d+):(\d\d)(?::(\d\d))?(?:\.\d+)?")
_ISO_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?")
_NO_TIME_UNTIL = 1900
_SPACES = re.compile(r"\s+")
_PLATE_UPPER = str.maketrans({"i": "I", "ı": "I", "İ": "I"})


def wall_clock(value: Any) -> datetime:
    """What the clock showed, without a zone.

    An offset is dropped: the server serialises every time in its own zone, GMT ones too, and so puts `+03:00` behind a
    time that is GMT. Which zone is meant is known from the column alone.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise TypeError
    text = value.strip()
    if found := _COMPACT.fullmatch(text):
        *parts, thousandths = found.groups()
        return datetime(*map(int, parts), microsecond=int(thousandths or 0) * 1000)  # noqa: DTZ001 - a wall clock
    if found := _ISO.fullmatch(text):
        *parts, second, fraction = found.groups()
        micro = int((fraction or "0").ljust(6, "0")[:6])
        return datetime(*map(int, parts), second=int(second or 0), microsecond=micro)  # noqa: DTZ001
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year, hour, minute, second = found.groups()
        return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0))  # noqa: DTZ001
    raise ValueError


def moment(value: Any, zone: tzinfo) -> datetime | None:
    """Aware UTC of a time written in `zone`. .NET's zero (year 1) and SQL Server's (1900) mean that there is none."""
    clock = wall_clock(value)
    return clock.replace(tzinfo=zone).astimezone(UTC) if clock.year > _NO_TIME_UNTIL else None


def take_time(record: Record, zones: Mapping[str, tzinfo]) -> None:
    """Put `time` in the place of the first of these columns that has a value; the others leave the record too.

    Raises `ProviderFailure` wrong_type.
    """
    found: datetime | None = None
    readable = True
    for name, zone in zones.items():
        value = record.pop(name, None)
        if value is None or found is not None:
            continue
        try:
            found = moment(value, zone)
        except (ValueError, TypeError, OverflowError):
            readable = False
    if not readable and found is None:
        raise ProviderFailure("transient", "wrong_type", field="time")
    record["time"] = found


def number(value: Any) -> Decimal:
    """A number with a point or a comma: the last of them is the decimal sign, the other one groups thousands."""
    if not isinstance(value, str):
        return to_decimal(value)
    text = value.strip()
    if "," in text:
        groups, _, fraction = text.rpartition(",") if text.rfind(",") > text.rfind(".") else (text, "", "")
        text = f"{groups.replace('.', '')}.{fraction}" if fraction else text.replace(",", "")
    return to_decimal(text)


def seconds(value: Any) -> int:
    """A duration: whole seconds, `hh:mm:ss`, .NET's `d.hh:mm:ss`, or `PT1M20S` as a DataSet writes it."""
    if isinstance(value, str):
        text = value.strip()
        if found := _CLOCK.fullmatch(text):
            days, hours, minutes, rest = (int(part or 0) for part in found.groups())
            return _seconds(days, hours, minutes, rest)
        if text != "P" and (found := _ISO_DURATION.fullmatch(text)):
            days, hours, minutes, rest = (int(part or 0) for part in found.groups())
            return _seconds(days, hours, minutes, rest)
    return round(number(value))


def join_duration(record: Record, name: str) -> None:
    """`name_hr`, `name_min` and `name_sec` become `name_seconds`. Raises `ProviderFailure` wrong_type."""
    parts = [record.pop(f"{name}_{unit}", None) for unit in ("hr", "min", "sec")]
    if all(part is None for part in parts):
        return
    total: int | None = None
    try:
        hours, minutes, rest = (round(number(part)) if part is not None else 0 for part in parts)
        total = _seconds(0, hours, minutes, rest)
    except (ValueError, TypeError, ArithmeticError):
        total = None
    if total is None:
        raise ProviderFailure("transient", "wrong_type", field=f"{name}_seconds")
    record[f"{name}_seconds"] = total


def split_plate(value: str) -> tuple[str, str | None]:
    """The plate with single spaces, and what somebody typed behind ` -`."""
    plate, _, note = _SPACES.sub(" ", value).strip().partition(" -")
    return plate.strip(), note.strip() or None


def plate_key(value: str) -> str:
    """A plate for comparing: `34 abc 123`, `34ABC123` and `34 ABC 123 -Servis` are one. Alike under any locale."""
    plate, _ = split_plate(value)
    return "".join(letter for letter in plate.translate(_PLATE_UPPER).upper() if letter.isalnum())


def take_plate(record: Record) -> str | None:
    """Cut the record's `license_plate`; what stood behind it, for who keeps it."""
    value = record.get("license_plate")
    if not isinstance(value, str):
        return None
    plate, note = split_plate(value)
    record["license_plate"] = plate or None
    return note


def has_fix(row: Mapping[str, Any]) -> bool:
    """Whether a unit knew where it was: without satellites it reports 0,0 or nothing."""
    latitude, longitude = row["latitude"], row["longitude"]
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return False
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def _seconds(days: int, hours: int, minutes: int, rest: int) -> int:
    return int(timedelta(days=days, hours=hours, minutes=minutes, seconds=rest).total_seconds())
