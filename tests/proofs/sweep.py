"""Searches bytes for people's data, whatever they are wrapped in: compressed, escaped, encoded, spelt another way.

Bytes are searched as they are and in every reading of them (decompressed, decoded), readings of readings included.
Letters are compared without case and Turkish marks, numbers and words without what may stand between their parts.

An installation writes the same pages again and again, so bytes come in pieces, and none is searched twice. New pieces
are searched together; only where something was found does each have to say whether it was there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from tests.proofs.identity import Identity, joined
from tests.proofs.pglz import shrunk_by_postgres
from tests.proofs.readings import foldings, readings

DEPTH = 4
"""Readings of readings: base64 of gzip of JSON with escapes has three."""
_TOGETHER = 512 * 1024
"""Bytes that are searched at once: few enough to stay in a processor's cache."""
_PARTS = 16
"""Into which pieces that hold something are divided. With two each would be searched again on nine levels."""
_WHOLE = (b"PK", b"PAR1")
"""Beginnings of files that can be read only as a whole, and so are searched alone."""
_BETWEEN_PIECES = b"\n|\n"

What = tuple[str, str]
"""Of whom and what: ("label", "kind")."""
Found = dict[str, set[What]]
"""What was found, by place."""


class Spellings:
    """Looks for many words at once: wherever three pairs of letters fit, the words that begin so are compared."""

    _BEGINNING = 6

    def __init__(self, words: Iterable[tuple[bytes, What]]) -> None:
        self._words: dict[bytes, list[tuple[bytes, What]]] = defaultdict(list)
        self._pairs = np.zeros((3, 65_536), bool)
        for word, what in words:
            beginning = word[: self._BEGINNING]
            if len(beginning) < self._BEGINNING:
                raise ValueError(f"too short to be told from chance: {what}")
            self._words[beginning].append((word, what))
            for place in range(3):
                self._pairs[place, int.from_bytes(beginning[2 * place : 2 * place + 2], "big")] = True

    def found(self, text: bytes) -> set[What]:
        """Every word that stands in the text."""
        if len(text) < self._BEGINNING:
            return set()
        codes = np.frombuffer(text, np.uint8)
        pairs = (codes[:-1].astype(np.uint16) << 8) | codes[1:]
        likely = self._pairs[0][pairs[:-4]] & self._pairs[1][pairs[2:-2]] & self._pairs[2][pairs[4:]]
        return {
            what
            for place in np.flatnonzero(likely).tolist()
            for word, what in self._words.get(text[place : place + self._BEGINNING], ())
            if text.startswith(word, place)
        }


@dataclass
class _Batch:
    """New pieces that wait to be searched together."""

    pieces: list[tuple[str, bytes, bytes]] = field(default_factory=list[tuple[str, bytes, bytes]])
    """(place, digest, piece)."""
    size: int = 0

    def add(self, place: str, digest: bytes, piece: bytes) -> None:
        self.pieces.append((place, digest, piece))
        self.size += len(piece)


class Sweep:
    """Knows whom to look for."""

    def __init__(self, people: Iterable[Identity], secrets: dict[str, str] | None = None) -> None:
        words = [
            (spelling.encode(), (person.label, kind))
            for person in people
            for kind, spellings in person.spellings().items()
            for spelling in spellings
        ]
        words += [(joined(value.lower()).encode(), (label, "secret")) for label, value in (secrets or {}).items()]
        self._spellings = Spellings(words)
        self._known: dict[bytes, frozenset[What]] = {}

    def find(self, places: Iterable[tuple[str, Iterable[bytes]]]) -> Found:
        """What is found in the pieces of each place. Pieces seen before, here or in another call, cost a hash."""
        found: Found = defaultdict(set)
        batch = _Batch()
        for place, pieces in places:
            for each in pieces:
                # Zeroed parts of database pages: nothing to read, much to search. A whole file would be broken by it.
                piece = each if each.startswith(_WHOLE) else each.replace(b"\0" * 64, b"")
                digest = _digest(piece)
                known = self._known.get(digest)
                if known is None and piece.startswith(_WHOLE):
                    known = self._known[digest] = frozenset(self.search(piece))
                if known is None:
                    batch.add(place, digest, piece)
                else:
                    found[place] |= known
                if batch.size > _TOGETHER:
                    self._settle(batch.pieces, found)
                    batch = _Batch()
        self._settle(batch.pieces, found)
        return {place: what for place, what in found.items() if what}

    def search(self, data: bytes) -> set[What]:
        """Everything found in the bytes, in any reading of them."""
        return self._search(data, DEPTH, set())

    def _settle(self, pieces: Sequence[tuple[str, bytes, bytes]], found: Found) -> None:
        """Search pieces together; where something is found, in ever smaller parts until it is known which hold it."""
        whats = frozenset(self.search(_BETWEEN_PIECES.join(piece for _, _, piece in pieces)))
        if whats and len(pieces) > 1:
            size = -(-len(pieces) // _PARTS)
            for start in range(0, len(pieces), size):
                self._settle(pieces[start : start + size], found)
            return
        for place, digest, _ in pieces:
            self._known[digest] = whats
            found[place] |= whats

    def _search(self, data: bytes, depth: int, seen: set[bytes]) -> set[What]:
        once = bytes([depth]) + _digest(data)
        if once in seen:
            return set()
        seen.add(once)
        found: set[What] = set()
        if depth == DEPTH:
            for text in shrunk_by_postgres(data):
                found |= self._search(text, depth - 1, seen)
        for folded in foldings(data):
            found |= self._spellings.found(folded)
        if depth:
            for reading in readings(data):
                found |= self._search(reading, depth - 1, seen)
        return found


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
