"""Finders for telephone numbers, e-mail addresses and IP addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from kvkk_policies.detect.boundaries import within_longer_code
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span
from kvkk_policies.phone import AREA_CODES

_GAP = "[ .\\-/\u00a0\u2007\u2009\u202f\u2011\u2013]{0,3}"
_PHONE = re.compile(
    rf"(?=[+(0-9])(?P<prefix>\+{_GAP}90{_GAP}\(?0?\)?|\(?0090\)?|\(?90|\(?0)?{_GAP}\(?{_GAP}"
    rf"(?P<area>[2-58][0-9]{{2}}){_GAP}\)?{_GAP}"
    rf"(?P<rest>[0-9]{{3}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}|[0-9]{{3}}{_GAP}[0-9]{{4}}|[0-9]{{4}}{_GAP}[0-9]{{3}}"
    rf"|[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{3}}|[0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{2}})(?![0-9])"
)
_SPELT = re.compile(r"0?(?: ?5)(?: [0-9]){9}(?![0-9])(?! [0-9](?![0-9]))")
_ABROAD = re.compile(rf"(?<![0-9A-Za-z+])\+[1-9](?:{_GAP}\(?[0-9]\)?){{7,14}}(?![0-9])")
_MOBILE = re.compile(r"5(?:[0-5][0-9]|61|9[46])")
_LOCAL = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZçğıöşüÇĞİÖŞÜ._%+-")
_DOMAIN = re.compile(
    r"(?:[0-9A-Za-zçğıöşüÇĞİÖŞÜ](?:[0-9A-Za-zçğıöşüÇĞİÖŞÜ\-]*[0-9A-Za-zçğıöşüÇĞİÖŞÜ])?\.)+(?P<tld>[A-Za-zçğıöşüÇĞİÖŞÜ]{2,24})"
)
_KNOWN_TLD = re.compile(r"(com|net|org|edu|gov|info|biz|tr|de|io|co)(?P<suffix>[a-zçğıöşü]{1,6})")
_SUFFIX = re.compile(r"(?:y?[aeıiuü]|[dt][ae]n?|n?[ıiuü]n|y?l[ae]|l[ae]r|d[ıiuü]r|ki)+")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"(?<![0-9.]){_OCTET}(?:\.{_OCTET}){{3}}(?![0-9]|\.[0-9])")
_SERVICES = frozenset({"850", "800"})
_OTHER_NUMBERS = frozenset({"vkn", "tckn", "imei", "iban", "other"})
_GROUPED = re.compile("[0-9]{3} [0-9]{2} [0-9]{2}")


def find_phone(text: Prepared) -> Iterator[Span]:
    """Turkish numbers in any writing, and foreign ones with a plus. 444 numbers are nobody's."""
    raw = text.raw
    for first, last in text.clusters:
        # The sign and the parenthesis stand before the first digit.
        for match in _PHONE.finditer(raw, max(0, first - 3), last):
            start, end = _trimmed(raw, match)
            if _is_phone(text, match, start, end):
                yield Span(start, end, "TR_PHONE", 0.9 if match["prefix"] else 0.6)
        for match in _SPELT.finditer(raw, first, last):
            if match.start() == first:
                yield Span(match.start(), match.end(), "TR_PHONE", 0.6)
    if "+" in raw:
        for match in _ABROAD.finditer(raw):
            yield Span(match.start(), match.end(), "TR_PHONE", 0.6)


def _trimmed(raw: str, match: re.Match[str]) -> tuple[int, int]:
    """Without the gap before an absent prefix; an opening parenthesis belongs to the number only with its pair."""
    start, end = match.start(), match.end()
    while start < end and raw[start] not in "+(0123456789":
        start += 1
    if raw[start] == "(" and ")" not in raw[start:end]:
        start += 1
    return start, end


def _is_phone(text: Prepared, match: re.Match[str], start: int, end: int) -> bool:
    area = match["area"]
    mobile = _MOBILE.fullmatch(area) is not None
    if not (mobile or area in AREA_CODES or area in _SERVICES):
        return False
    if text.raw[start - 1 : start].isdecimal() or within_longer_code(text.raw, start, end):
        return False
    topic = text.topic_before(start)
    if match[0].isdecimal() and topic in _OTHER_NUMBERS:
        # A plain run of digits beside another number's name is that number.
        return False
    if match["prefix"] is not None or topic == "phone":
        return True
    if mobile:
        return topic != "other"
    # "212 345 67 89" is a telephone number by its grouping alone; ten bare digits are not.
    return area in AREA_CODES and topic is None and _GROUPED.fullmatch(match["rest"]) is not None


def find_email(text: Prepared) -> Iterator[Span]:
    """E-mail and KEP addresses, without a case suffix ("…@firma.com'dan", "…@firma.comdan")."""
    raw = text.raw
    at = raw.find("@")
    while at >= 0:
        start = at
        while start and raw[start - 1] in _LOCAL:
            start -= 1
        start += len(raw[start:at]) - len(raw[start:at].lstrip(".-"))
        domain = _DOMAIN.match(raw, at + 1)
        if domain and start < at:
            glued = _KNOWN_TLD.fullmatch(domain["tld"])
            suffix = len(glued["suffix"]) if glued and _SUFFIX.fullmatch(glued["suffix"]) else 0
            yield Span(start, domain.end() - suffix, "EMAIL", 1.0)
        at = raw.find("@", at + 1)


def find_ip(text: Prepared) -> Iterator[Span]:
    """Public IPv4 addresses; four-part version numbers are not."""
    for match in _IPV4.finditer(text.raw):
        if text.topic_before(match.start()) == "version" or text.raw[match.start() - 1 : match.start()].isalpha():
            continue
        if ip_address(match[0]).is_global:
            yield Span(match.start(), match.end(), "IP_ADDRESS", 0.8)
