"""Filters, order and pages of lists, in the ways of both generations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from connectors.sandbox.world import World

Records = list[dict[str, Any]]
DEFAULT_LIMIT = 100
_LIMITS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "month": timedelta(days=30)}
_FILTER = re.compile(r"(?P<field>[a-z_]+)\[(?P<operator>[a-z]+)\]")


class BadFilter(Exception):
    """A filter that no endpoint knows."""


def first_filtered(records: Records, query: Mapping[str, str], now: datetime) -> Records:
    """By the first generation's filters. ValueError for a limit that is none."""
    found = records
    for name in ("caller", "callee"):
        if wanted := query.get(name):
            numbers = set(wanted.split(","))
            found = [record for record in found if str(record[name]) in numbers]
    if wanted := query.get("caller_or_callee"):
        numbers = set(wanted.split(","))
        found = [record for record in found if numbers & {str(record["caller"]), str(record["callee"])}]
    if query.get("missing_call") in ("true", "false"):
        found = [record for record in found if record["missing_call"] == (query["missing_call"] == "true")]
    if limit := query.get("time_limit"):
        if limit not in _LIMITS:
            raise BadFilter
        since = now - _LIMITS[limit]
        found = [record for record in found if datetime.fromisoformat(record["call_time"]) >= since]
    field, _, direction = query.get("order", "call_time,desc").partition(",")
    return sorted(found, key=lambda record: str(record.get(field)), reverse=direction != "asc")


def first_page(
    world: World, records: Sequence[Any], query: Mapping[str, str], path: str
) -> tuple[Sequence[Any], dict[str, Any]]:
    """A page and its pagination. As in messages, `next_page` is a path that holds the token."""
    page, limit = _page(world, query)
    total = max(1, -(-len(records) // limit))

    def link(number: int) -> str | None:
        return f"{path}?{urlencode({**query, 'page': number})}" if 1 <= number <= total else None

    pagination = {
        "page": page,
        "total_count": len(records),
        "total_pages": total,
        "limit": limit,
        "previous_page": link(page - 1),
        "next_page": link(page + 1),
    }
    return records[(page - 1) * limit : page * limit], pagination


def second_filtered(records: Records, query: Mapping[str, str]) -> Records:
    """By `field[operator]=value`. `BadFilter` for an operator or column that the list does not have."""
    found = records
    for name, value in query.items():
        given = _FILTER.fullmatch(name)
        if given is None:
            continue
        field, operator = given["field"], _OPERATORS.get(given["operator"])
        if operator is None or (records and field not in records[0]):
            raise BadFilter
        read = str if given["operator"] == "cont" else _reader(value)
        wanted = read(value)
        found = [each for each in found if each[field] is not None and operator(read(each[field]), wanted)]
    return found


def second_page(world: World, records: Sequence[Any], query: Mapping[str, str]) -> tuple[Sequence[Any], dict[str, Any]]:
    """A page and its pagination."""
    page, limit = _page(world, query)
    pagination = {"page": page, "total_pages": max(1, -(-len(records) // limit))}
    return records[(page - 1) * limit : page * limit], pagination


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda mine, given: mine == given,
    "ne": lambda mine, given: mine != given,
    "gt": lambda mine, given: mine > given,
    "ge": lambda mine, given: mine >= given,
    "lt": lambda mine, given: mine < given,
    "le": lambda mine, given: mine <= given,
    "cont": lambda mine, given: given in mine,
}


def _reader(given: str) -> Callable[[Any], Any]:
    """How values are to be read that are compared with the one given: as numbers, as moments, or as text."""
    for read in (Decimal, datetime.fromisoformat):
        try:
            read(given)
        except (ValueError, InvalidOperation):
            continue
        return read
    return str


def _page(world: World, query: Mapping[str, str]) -> tuple[int, int]:
    page, limit = (_number(query.get(name)) for name in ("page", "limit"))
    return page or 1, min(limit or DEFAULT_LIMIT, world.pace.page_size)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
