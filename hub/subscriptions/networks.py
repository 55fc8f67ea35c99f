"""Which addresses of the net a webhook may go to: those of the public internet, and nothing that merely looks like it.

Written out instead of asking `ipaddress.is_global`, whose answers differ between versions of Python and call NAT64,
6to4 and multicast global. Sources: IANA special-purpose registries (RFC 6890), and the clouds' own pages.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REFUSED_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds answer with credentials
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""All that IANA has given out for the internet. Outside stand loopback, IPv4-mapped, NAT64, unique local, link-local
and multicast addresses."""
_REFUSED_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Azure, Google, Oracle, DigitalOcean
        "169.254.170.2",  # AWS, tasks
        "169.254.169.253",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",  # Google
        "100.100.100.200",  # Alibaba
        "192.0.0.192",  # Oracle
        "168.63.129.16",  # Azure, a public address
    )
)
"""Whoever answers there hands out credentials: refused even inside a network that is allowed."""


def is_refused(address: Address, allowed: Collection[Network] = ()) -> bool:
    """Whether nothing may be sent there. `allowed` are private networks that the operator opened."""
    if address in METADATA:
        return True
    if any(address in network for network in allowed):
        return False
    if isinstance(address, IPv4Address):
        return any(address in network for network in _REFUSED_4)
    return address not in _PUBLIC_6 or any(address in network for network in _REFUSED_6)


def parsed(text: str) -> Address:
    """An address as the resolver writes it, without an interface's name."""
    return ip_address(text.partition("%")[0])
