"""Given names, surnames and everyday words, folded: what a word can be by itself.

The lists ship with this package (`names.txt`, `common_words.txt.gz`); docs/detection-sources.md says which packages
they were drawn from and under which licences. Names are told apart by how sure a sign they are, because a word such as
"deniz" is a name in one sentence and the sea in the next.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kvkk_policies.detect.words import sections

_HERE = Path(__file__)


@dataclass(frozen=True)
class Names:
    """Folded lists that do not overlap within given names and within surnames."""

    frequent: frozenset[str]
    """Given names, and some surnames, that are hardly ever anything else, in small letters too."""
    given: frozenset[str]
    doubtful_given: frozenset[str]
    """Given names that are everyday words too."""
    rare: frozenset[str]
    """Those of `given` that hardly anyone bears, and those from abroad: firms and brands are called so too."""
    surnames: frozenset[str]
    doubtful_surnames: frozenset[str]
    common: frozenset[str]
    """Everyday words in their usual inflected forms; names that are words are among them."""


@cache
def names() -> Names:
    """The lists, read once (about 60 ms). Raises `FileNotFoundError` if one is missing: names would pass unseen."""
    lists = sections(_HERE.with_name("names.txt"))
    packed = _HERE.with_name("common_words.txt.gz").read_bytes()
    return Names(
        frequent=lists["frequent given names"],
        given=lists["given names"] | lists["rare given names"] | lists["foreign given names"],
        rare=lists["rare given names"] | lists["foreign given names"],
        doubtful_given=lists["given names that are words"],
        surnames=lists["surnames"] | lists["foreign surnames"],
        doubtful_surnames=lists["surnames that are words"],
        common=frozenset(gzip.decompress(packed).decode("ascii").split()),
    )
