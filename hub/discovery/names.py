"""Names of tables and columns as a report may show them, and as a policy may declare them.

A name is somebody else's text. It may hold line breaks that would end a comment, and in a file without a heading, or in
an object that is keyed by people, it is a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from connectors.fields import snake_case
from kvkk_policies.turkish import fold

LONGEST_NAME = 80
ANY_KEY = "*"
"""Stands for the keys of an object that is keyed by data."""

_DATA = re.compile(r"@|[0-9]{4}|^[\W\d_]*[0-9][\W\d_]*$|^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-")
"""An address, a run of digits, nothing but a number, a UUID: no heading is written so."""
_IDENTIFIER = re.compile(r"[A-Za-z_$@][A-Za-z0-9_$@:.-]*")
_OTHER = re.compile(r"[^a-z0-9]+")


def shown(name: str) -> str:
    """One line of printable characters."""
    text = unicodedata.normalize("NFC", name)
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:LONGEST_NAME]


def distinctly_shown(names: Iterable[str], *, fallback: str = "column") -> list[str]:
    """The same for all names of a table: none empty, none twice."""
    taken: list[str] = []
    for position, name in enumerate(names, start=1):
        wanted = shown(name) or f"{fallback}_{position}"
        candidate, number = wanted, 1
        while candidate in taken:
            number += 1
            candidate = f"{wanted}_{number}"
        taken.append(candidate)
    return taken


def looks_like_data(names: Sequence[str]) -> list[bool]:
    """Which of these texts are values and no names: by their form, or because the detector finds somebody in them."""
    from kvkk_policies.detect import detect_many

    texts = [name.encode("utf-8", "replace").decode() for name in names]
    # Asked again in the casing of a text: the detector knows names of people by their capitals.
    found = zip(detect_many(texts), detect_many([text.replace("_", " ") for text in texts]), strict=True)
    return [
        bool(_DATA.search(text)) or (any(spans) and not is_heading_word(text))
        for text, spans in zip(texts, found, strict=True)
    ]


def is_heading_word(name: str) -> bool:
    """Whether a text is a heading whose meaning we know."""
    from hub.discovery.headers import header_of

    return header_of(name).meaning is not None


def is_heading(cells: Sequence[str]) -> bool:
    """Whether a file's first row names its columns. In doubt it does not: a row of data must not be shown as names."""
    known = sum(map(is_heading_word, cells))
    if any(looks_like_data(cells)):  # a column for each year is a heading all the same
        return known >= 2 and known >= len(cells) / 2
    return known > 0 or (all(map(is_identifier, cells)) and any("_" in cell for cell in cells))


def is_identifier(name: str) -> bool:
    """Whether a text is written as programs write names."""
    return _IDENTIFIER.fullmatch(name) is not None


def declared_name(name: str) -> str:
    """A name in the hub's own form: ASCII, lower case, underscores. Empty if nothing is left of it."""
    words = _OTHER.sub("_", fold(unicodedata.normalize("NFC", snake_case(name.replace("İ", "I").replace("ı", "i")))))
    return words.strip("_")[:LONGEST_NAME]


def distinct_names(names: Iterable[str], *, fallback: str) -> list[str]:
    """Each name in the hub's form, made distinct by a number; `fallback` for what has none."""
    taken: set[str] = set()
    result: list[str] = []
    for position, name in enumerate(names, start=1):
        wanted = declared_name(name) or f"{fallback}_{position}"
        if not wanted[0].isalpha():
            wanted = f"{fallback}_{wanted}"
        candidate, number = wanted, 1
        while candidate in taken:
            number += 1
            candidate = f"{wanted}_{number}"
        taken.add(candidate)
        result.append(candidate)
    return result
