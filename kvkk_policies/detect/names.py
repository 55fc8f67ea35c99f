"""Given names and surnames, from the lists inside the package `turkish-name-generator` (MIT), folded.

Only its data files are read: importing the package would bring pandas along. Words that are names and everyday words
alike are listed apart, because such a name needs a second signal.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from kvkk_policies.detect.places import places
from kvkk_policies.detect.words import COMMON_WORDS, NAMES_THAT_ARE_WORDS, SURNAMES_THAT_ARE_WORDS
from kvkk_policies.turkish import fold

_PACKAGE = "trnamegen"
_LEAST_LETTERS = 3


@dataclass(frozen=True)
class Names:
    """Folded lists. `sure` are given names that are hardly ever anything else."""

    given: frozenset[str]
    surnames: frozenset[str]
    sure: frozenset[str]


@cache
def names() -> Names:
    """The lists, read once. Raises `FileNotFoundError` if they are not installed: without them names would pass."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(_PACKAGE)
    data = Path(spec.submodule_search_locations[0]) / "data"
    with (data / "isimler.csv").open(encoding="utf-8", newline="") as file:
        given = {fold(row["isimler"]).strip() for row in csv.DictReader(file)}
    surnames = {fold(line).strip() for line in (data / "soyisimler.txt").read_text(encoding="utf-8").splitlines()}
    given = {name for name in given if len(name) >= _LEAST_LETTERS and " " not in name} - COMMON_WORDS
    surnames = {name for name in surnames if len(name) >= 2 and " " not in name}
    surnames = (surnames - COMMON_WORDS) | SURNAMES_THAT_ARE_WORDS
    known_places = places()
    sure = {name for name in given if name not in NAMES_THAT_ARE_WORDS and not known_places.known(name)}
    return Names(frozenset(given), frozenset(surnames), frozenset(sure))
