"""Finder for coordinates within Turkey: a position with four decimals is a door, and a door is somebody's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span

_DEGREES = r"(?:3[5-9]|4[0-2]|2[5-9]|3[0-4]|4[34])[.,][0-9]{4,15}"
_SIDE = "(?: ?°)?(?: ?[nekd](?![a-z]))?"
_DECIMAL = re.compile(
    rf"(?<![0-9.,])(?P<first>{_DEGREES}){_SIDE}(?:[ ,;/|]{{1,3}}|,? ?- ?)(?P<second>{_DEGREES})(?![0-9]){_SIDE}"
)
_ANGLE = r"[0-9]{2} ?° ?[0-9]{1,2} ?['’′] ?[0-9]{1,2}(?:[.,][0-9]+)? ?(?:[\"”″]|'')? ?[nekd]?"
_ANGLES = re.compile(rf"(?<![0-9])(?P<first>{_ANGLE})[ ,;/]{{1,3}}(?P<second>{_ANGLE})")
_SINGLE = re.compile(
    rf"(?:enlem|boylam|lat|lon|lng|latitude|longitude)[a-z]{{0,4}}[^0-9a-z]{{1,4}}(?P<value>{_DEGREES})(?![0-9])"
)
_SINGLY = ("enlem", "boylam", "lat", "lon", "lng")
_SAID = re.compile("konum|koordinat|enlem|boylam|lokasyon|harita|gps|nokta|mevki|lat|lng")
_LATITUDE = (35.8, 42.2)
_LONGITUDE = (25.6, 44.9)


def find_coordinates(text: Prepared) -> Iterator[Span]:
    """Pairs in either order, in decimals or degrees; one by one beside "enlem" and "boylam"."""
    for pattern in (_DECIMAL, _ANGLES) if "°" in text.raw else (_DECIMAL,):
        for match in pattern.finditer(text.folded):
            first, second = _degrees(match["first"]), _degrees(match["second"])
            # Rates and weights are written with a comma too: "kur 32,4567 38,1234".
            plain = "," not in match["first"] or "°" in match["first"] or _SAID.search(text.folded) is not None
            if plain and (_is_there(first, second) or _is_there(second, first)):
                yield Span(match.start(), match.end(), "GEO", 0.7)
    if not any(word in text.folded for word in _SINGLY):
        return
    for match in _SINGLE.finditer(text.folded):
        value = _degrees(match["value"])
        if _LATITUDE[0] <= value <= _LATITUDE[1] or _LONGITUDE[0] <= value <= _LONGITUDE[1]:
            yield Span(*match.span("value"), "GEO", 0.7)


def _is_there(latitude: float, longitude: float) -> bool:
    return _LATITUDE[0] <= latitude <= _LATITUDE[1] and _LONGITUDE[0] <= longitude <= _LONGITUDE[1]


def _degrees(written: str) -> float:
    if "°" not in written:
        return float(written.replace(",", "."))
    degrees, minutes, seconds = (float(part.replace(",", ".")) for part in re.findall("[0-9]+(?:[.,][0-9]+)?", written))
    return degrees + minutes / 60 + seconds / 3600
