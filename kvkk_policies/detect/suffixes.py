"""Suffixes of nouns, folded: enough of Turkish morphology to know a listed word behind its endings."""

from __future__ import annotations

from collections.abc import Collection, Iterator

_SPOKEN_CASES = (
    "ndan nden nin nun dan den tan ten yla yle nda nde in un da de ta te la le ya ye yi yu na ne ni nu a e i u"
)
CASE_SUFFIXES = tuple(_SPOKEN_CASES.split())
"""Longest first. Folded, so that i stands for ı too, and u for ü."""
_POSSESSIVES = (
    "larimizin lerimizin larimiz lerimiz imizin umuzun larinin lerinin larina lerine larini lerini larin lerin "
    "larda lerde lardan lerden lara lere imize umuza imizi umuzu mizin muzun sinin sunun lari leri imiz umuz miz "
    "muz sina sine sini sunu sinda sinde sindan sinden imin umun inin unun inde unda inda ina ine una ini unu lar "
    "ler li lu si su im um m iniz inizi inizin inize inizde inizden unuz unuzu unuzun unuza niz nuz nizi nuzu nize nuza"
)
ANY_SUFFIX = tuple(sorted({*CASE_SUFFIXES, *_POSSESSIVES.split()}, key=lambda suffix: (-len(suffix), suffix)))
_OF_SURNAMES = frozenset({"lar", "ler", "li", "lu"})
INFLECTIONS = tuple(suffix for suffix in ANY_SUFFIX if suffix not in _OF_SURNAMES)
"""Endings that make a form of an everyday word, but hardly a surname as "Bozkurtlar" or "Erzurumlu" are."""
_HARDENED = {"g": "k", "b": "p", "d": "t"}
_LEAST_STEM = 3


def stems(folded: str, suffixes: Collection[str] = ANY_SUFFIX) -> Iterator[str]:
    """What is left of a word without each ending it could have, longest ending first."""
    for suffix in suffixes:
        if folded.endswith(suffix) and len(folded) - len(suffix) >= _LEAST_STEM:
            yield folded[: -len(suffix)]


def is_form_of(folded: str, words: Collection[str], suffixes: Collection[str] = ANY_SUFFIX) -> bool:
    """Whether a word, or what it is without its ending, is listed; a softened last letter is hardened ("aracı")."""
    if folded in words:
        return True
    for stem in stems(folded, suffixes):
        if stem in words or (stem[-1] in _HARDENED and stem[:-1] + _HARDENED[stem[-1]] in words):
            return True
    return False
