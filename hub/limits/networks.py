"""Who calls without having signed in is known by a network alone, and a network can be a person's.

So its bucket is named by a keyed hash, under the platform's own key: the table shows neither address nor provider, and
whoever has the table without the keys cannot try all addresses. The row goes when its bucket is full again.
"""

from __future__ import annotations

import base64
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.keys.keyring import TenantKeys

_PURPOSE = "limits-network"
IPV6_PREFIX = 64
"""Bits. A household or server has a /64 to itself at least, and so as many addresses as it likes."""


def network_name(keys: TenantKeys, address: str, *, of: str) -> str:
    """The bucket's name for calls `of` a kind ("sign-in") from the address's network, the same in every process.

    `keys` are the platform's (`keyring.tenant(PLATFORM_SCOPE)`). What is no address shares one bucket with all its
    like: a proxy that hides everybody's is set up wrong, and must not lift the limit.
    """
    digest = keys.keyed_hash(_PURPOSE, _network(address))
    return f"{of}:{base64.b32encode(digest[:15]).decode().lower()}"


def _network(address: str) -> bytes:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return b"unknown"
    if isinstance(found, IPv4Address):
        return found.packed
    mapped = found.ipv4_mapped
    return mapped.packed if mapped is not None else found.packed[: IPV6_PREFIX // 8]
