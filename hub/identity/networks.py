"""The network that somebody comes from, as far as attempts are counted by it: an address changes within it at will."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

_UNKNOWN = "unknown"
_V4_BITS, _V6_BITS = 24, 64


def network_of(source: str | None) -> str:
    """`203.0.113.0/24` or `2001:db8::/64` (kvkk.md section 5 allows no more of an address); one word for no address."""
    if source is None:
        return _UNKNOWN
    try:
        address = ip_address(source.partition("%")[0])
    except ValueError:
        return _UNKNOWN
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped if mapped is not None else address
    return str(ip_network((address, _V4_BITS if address.version == 4 else _V6_BITS), strict=False))
