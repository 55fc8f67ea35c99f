"""Turkish casing and folding that never change the length of a text.

`str.lower` maps İ to two code points and I to the wrong letter, so offsets found in a lowered text point beside the
value. Everything here maps one code point to one code point.
"""

from __future__ import annotations

import unicodedata

_LOWER = {ord("İ"): "i", ord("I"): "ı"}
_FOLD_TO = {
    "ç": "c",
    "ğ": "g",
    "ı": "i",
    "ö": "o",
    "ş": "s",
    "ü": "u",
    "â": "a",
    "î": "i",
    "û": "u",
    "ê": "e",
    "ô": "o",
    "á": "a",
    "é": "e",
    "\u00a0": " ",
    "\u2007": " ",
    "\u2009": " ",
    "\u202f": " ",
    "\t": " ",
    "’": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "–": "-",
    "—": "-",
    "‑": "-",
    "−": "-",
}


def _single(char: str) -> str:
    lowered = char.lower()
    return lowered if len(lowered) == 1 else char


class _FoldTable(dict[int, str]):
    """Folds a code point on first sight and remembers it: the table grows to the alphabet in use, a few hundred."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        lowered = _LOWER.get(code) or _single(char)
        folded = self[code] = _FOLD_TO.get(lowered, lowered)
        return folded


class _LowerTable(dict[int, str]):
    def __missing__(self, code: int) -> str:
        lowered = self[code] = _LOWER.get(code) or _single(chr(code))
        return lowered


_FOLDS = _FoldTable()
_LOWERS = _LowerTable()


def lower(text: str) -> str:
    """Turkish lower case, same length: İ becomes i, I becomes ı."""
    return text.translate(_LOWERS)


def fold(text: str) -> str:
    """Lower case without Turkish marks, same length, so that SICIL, sicil and SİCİL meet; odd spaces become spaces."""
    return text.translate(_FOLDS)


def squeeze(text: str) -> str:
    """Composed form (NFC), with runs of white space made one space and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())
