"""Folded word lists that decide whether a capitalised word is a person, from `words.txt`, where each is explained."""

from __future__ import annotations

from pathlib import Path


def _sections() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    words: set[str] = set()
    for line in Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            words = found.setdefault(line.strip("[]"), set())
        elif not line.startswith("#"):
            words.update(line.split())
    return {name: frozenset(words) for name, words in found.items()}


_WORDS = _sections()
TITLES = _WORDS["titles"]
ROLES = _WORDS["roles"]
HONORIFICS = _WORDS["honorifics"]
AFTER_ROLES = _WORDS["after roles"]
ORGANISATION_TAILS = _WORDS["organisation tails"]
STREET_TAILS = _WORDS["street tails"]
SURNAMES_THAT_ARE_WORDS = _WORDS["surnames that are words"]
NAMES_THAT_ARE_WORDS = _WORDS["names that are words"]
COMMON_WORDS = _WORDS["common words"]
