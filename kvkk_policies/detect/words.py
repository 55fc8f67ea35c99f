"""Folded word lists that decide whether a capitalised word is a person, from `words.txt`, where each is explained."""

from __future__ import annotations

from pathlib import Path


def sections(path: Path) -> dict[str, frozenset[str]]:
    """Words by section: a section opens with its name in brackets, lines that begin with # are remarks."""
    found: dict[str, set[str]] = {}
    words: set[str] = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            words = found.setdefault(line.strip("[]"), set())
        elif not line.startswith("#"):
            words.update(line.split())
    return {name: frozenset(words) for name, words in found.items()}


_WORDS = sections(Path(__file__).with_name("words.txt"))
TITLES = _WORDS["titles"]
ROLES = _WORDS["roles"]
NAME_LABELS = _WORDS["name labels"]
HONORIFICS = _WORDS["honorifics"]
KIN = _WORDS["kin"]
AFTER_ROLES = _WORDS["after roles"]
PARTICLES = _WORDS["particles"]
PERSON_VERBS = _WORDS["what persons do"] | _WORDS["what only persons do"]
SPEAKING_VERBS = _WORDS["what only persons do"]
ORGANISATION_TAILS = _WORDS["organisation tails"]
STREET_TAILS = _WORDS["street tails"]
NOT_ALONE = _WORDS["not alone"]
NOT_NAMES = _WORDS["not names"]
QUARTERS = _WORDS["quarters"]
BEFORE_ADDRESSES = _WORDS["before addresses"]
STREETS_ARE_CALLED = _WORDS["streets are called"]
BETWEEN_ADDRESSES = _WORDS["between addresses"]
FAMOUS = frozenset(
    tuple(name.split("_")) for names in sections(Path(__file__).with_name("famous.txt")).values() for name in names
)
FAMOUS_OPENINGS = frozenset(name[0] for name in FAMOUS)
