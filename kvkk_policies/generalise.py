"""The action `generalise`: a value becomes a coarser fact about the same thing. What cannot be read becomes null."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from decimal import Decimal
from ipaddress import IPv4Address, ip_address, ip_network
from itertools import pairwise
from typing import Any

from kvkk_policies.arrow import Array, pa, pc
from kvkk_policies.canonical import canonical
from kvkk_policies.detect.places import district_and_province
from kvkk_policies.distinct import distinct
from kvkk_policies.landing import arrow_type
from kvkk_policies.parameters import PLACE_DECIMALS_AT_MOST

_LOCAL_ZONE = "Europe/Istanbul"
_IPV4_KEPT, _IPV6_KEPT = 24, 48


def generalise(array: Array, params: Mapping[str, Any]) -> Array:
    """A typed column made coarser. `params["to"]` says how; policy checks have seen to the rest."""
    return _METHODS[params["to"]](array, params)


def _place(array: Array, params: Mapping[str, Any]) -> Array:
    rounded = pc.round(array, ndigits=params.get("decimals", PLACE_DECIMALS_AT_MOST))
    return pc.cast(rounded, arrow_type("decimal"))


def _time(array: Array, params: Mapping[str, Any]) -> Array:
    # A day is a day in Turkey: cut in UTC, a trip at 01:00 would belong to the day before.
    local = pc.cast(array, pa.timestamp("us", tz=_LOCAL_ZONE))
    return pc.cast(pc.floor_temporal(local, unit=params["unit"]), arrow_type("timestamp"))


def _year(array: Array, _: Mapping[str, Any]) -> Array:
    if pa.types.is_date(array.type):
        return pc.cast(pc.year(array), pa.int64())
    values = distinct(array)
    years = [form[:4] if (form := canonical("birth_date", value)) else None for value in values.values]
    return pc.cast(values.column(years), pa.int64())


def _band(array: Array, params: Mapping[str, Any]) -> Array:
    edges = [Decimal(str(edge)) for edge in params["edges"]]
    names = [f"<{edges[0]}", *(f"{low}-{high}" for low, high in pairwise(edges)), f">={edges[-1]}"]
    values = distinct(array)
    return values.column([names[bisect_right(edges, Decimal(value))] for value in values.values])


def _network(value: str) -> str | None:
    try:
        address = ip_address(value.strip())
    except ValueError:
        return None
    kept = _IPV4_KEPT if isinstance(address, IPv4Address) else _IPV6_KEPT
    return str(ip_network((address, kept), strict=False))


def _ip(array: Array, _: Mapping[str, Any]) -> Array:
    values = distinct(array)
    return values.column([_network(value) for value in values.values])


def _district(array: Array, _: Mapping[str, Any]) -> Array:
    values = distinct(array)
    return values.column([district_and_province(value) for value in values.values])


def _prefix(array: Array, params: Mapping[str, Any]) -> Array:
    return pc.utf8_slice_codeunits(array, 0, params["length"])


_METHODS: dict[str, Callable[[Array, Mapping[str, Any]], Array]] = {
    "place": _place,
    "time": _time,
    "year": _year,
    "band": _band,
    "ip": _ip,
    "district": _district,
    "prefix": _prefix,
}
