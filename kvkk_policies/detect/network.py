"""Finders for the addresses of devices in a network: IP (versions 4 and 6) and MAC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"(?<![0-9.]){_OCTET}(?:\.{_OCTET}){{3}}(?![0-9]|\.[0-9])")
_IPV6 = re.compile(r"(?<![0-9A-Za-z:.])[23][0-9A-Fa-f]{3}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z]|:[0-9A-Fa-f])")
_FIRST_MULTICAST = 224
_VERSION_PART = 20
"""Four parts all below this are a version or a paragraph ("2.10.4.1"); hardly any address is."""
_MAC = re.compile(
    r"(?<![0-9A-Za-z:.\-])(?:[0-9A-Fa-f]{2}:(?:[0-9A-Fa-f]{2}:){4}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{2}-(?:[0-9A-Fa-f]{2}-){4}"
    r"[0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12})(?![0-9A-Za-z]|[:\-][0-9A-Fa-f])"
)
_BARE_MAC = 12
_NOBODYS = frozenset({"000000000000", "ffffffffffff"})


def find_ip(text: Prepared) -> Iterator[Span]:
    """Addresses that the internet sees; private ones, network masks and four-part version numbers are not."""
    raw = text.raw
    for match in _IPV4.finditer(raw):
        start, end = match.span()
        if not (raw[start - 1 : start].isalpha() and not text.labels(start)) and _is_public(text, match[0], start, end):
            yield Span(start, end, "IP_ADDRESS", 0.8)
    for match in _IPV6.finditer(raw):
        try:
            ip_network(match[0])
        except ValueError:
            continue
        yield Span(match.start(), match.end(), "IP_ADDRESS", 0.8)


def _is_public(text: Prepared, written: str, start: int, end: int) -> bool:
    octets = [int(part) for part in written.split(".")]
    if _inside_a_network(octets[0], octets[1]):
        return False
    near = text.topics_near(start, end)
    if "ip" in near and text.topic_before(start) != "version":
        return True
    return "version" not in near and max(octets) >= _VERSION_PART


def _inside_a_network(first: int, second: int) -> bool:
    """Private, loop-back, link-local, multicast and reserved ranges, network masks among the last."""
    if first in (0, 10, 127) or first >= _FIRST_MULTICAST:
        return True
    return (first, second) in ((169, 254), (192, 168)) or (first == 172 and 16 <= second <= 31)


def find_mac(text: Prepared) -> Iterator[Span]:
    """Hardware addresses; twelve hexadecimal digits in a row only beside their keyword."""
    for match in _MAC.finditer(text.raw):
        digits = re.sub("[^0-9a-f]", "", match[0].lower())
        # "maç" (a match) folds to the same word, but no match is played with twelve hexadecimal digits.
        distinct = ":" in match[0] or (not digits.isdecimal() and len(match[0]) > _BARE_MAC)
        named = distinct or "mac" in text.topics_near(*match.span())
        if named and digits not in _NOBODYS:
            yield Span(match.start(), match.end(), "MAC_ADDRESS", 0.8)
