"""Finder for e-mail and KEP addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span
from kvkk_policies.turkish import fold

_LOCAL = frozenset("._%+-")
_DOMAIN = re.compile(
    r"(?:[0-9A-Za-zçğıöşüÇĞİÖŞÜ](?:[0-9A-Za-zçğıöşüÇĞİÖŞÜ\-]*[0-9A-Za-zçğıöşüÇĞİÖŞÜ])?\.)+(?P<tld>[A-Za-zçğıöşüÇĞİÖŞÜ]{2,24})"
)
_KNOWN_TLD = re.compile(r"(?:com|net|org|edu|gov|info|biz|tr|de|io|co)(?P<suffix>[a-z]{1,6})")
_GENERIC = frozenset({"com", "net", "org", "edu", "gov", "info", "biz", "bel", "kep"})
_SUFFIX = re.compile(r"(?:y?[aeiu]|[dt][ae]n?|n?[iu]n|y?l[ae]|l[ae]r|d[iu]r|ki)+")


def find_email(text: Prepared) -> Iterator[Span]:
    """E-mail and KEP addresses, without a case suffix ("…@firma.com'dan", "…@firma.comdan")."""
    raw = text.raw
    at = raw.find("@")
    while at >= 0:
        start = at
        while start and (raw[start - 1].isalnum() or raw[start - 1] in _LOCAL):
            start -= 1
        start += len(raw[start:at]) - len(raw[start:at].lstrip(".-"))
        domain = _DOMAIN.match(raw, at + 1)
        if domain and start < at:
            yield Span(start, _end_of_domain(domain), "EMAIL", 1.0)
        at = raw.find("@", at + 1)


def _end_of_domain(domain: re.Match[str]) -> int:
    """Before a glued suffix, and before the next sentence when its space is missing ("…@firma.com.tr.Yarın")."""
    labels = fold(domain[0]).split(".")
    known = next((place for place, label in enumerate(labels) if place and label in _GENERIC), None)
    if known is not None:
        kept = known + 1 + any(len(label) == 2 for label in labels[known + 1 : known + 2])
        if kept < len(labels) and not _KNOWN_TLD.fullmatch(labels[kept]):
            return domain.start() + len(".".join(labels[:kept]))
    glued = _KNOWN_TLD.fullmatch(labels[-1])
    return domain.end() - (len(glued["suffix"]) if glued and _SUFFIX.fullmatch(glued["suffix"]) else 0)
