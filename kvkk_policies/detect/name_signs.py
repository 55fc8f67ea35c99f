"""Which texts of a column can hold a person's name: judged on the column's distinct words, not on its texts.

A column of 100,000 notes has a few thousand different words. Arrow splits and encodes them; each word is judged once;
what remains is arithmetic on bits of neighbouring words.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kvkk_policies.arrow import Array, pc
from kvkk_policies.detect.name_words import (
    AFTER_ROLE,
    AGENT,
    CAPITAL,
    COMMON,
    DOUBTFUL,
    FAMILY,
    FREQUENT,
    GIVEN,
    HONORIFIC,
    INITIAL,
    KINSHIP,
    LABEL,
    NAMED,
    NEVER,
    OWNED,
    OWNER,
    ROLE,
    SURE,
    TITLE,
    VERB,
    words_of,
)

_FIRST = 1
"""Could begin a name if the right word follows or goes before."""
_FOLLOWS = 2
"""Could stand second."""
_LEADS = 4
"""A title or role: makes a name of what follows."""
_CROWNS = 8
"""An honorific or "adına": makes a name of what goes before."""
_ALONE = 16
"""Could be a name by itself."""
_SPEAKS = 32
"""Holds a word at all: what holds none (a dash, a number) lies between neighbours without parting them."""
_WRITTEN = 64
"""An everyday word with a capital: a name only before an honorific."""
_LISTED = 128
"""Stands in a list of names."""
_MAYBE = 256
"""A doubtful given name in small letters: a name only before another listed one."""
_DOES = 512
"""A verb of persons, or what persons have."""
_SAYS_WHO = TITLE | ROLE | LABEL | KINSHIP | AGENT
_KEPT = 50_000
_known: dict[str, int] = {}


def texts_with_name_signs(column: Array) -> npt.NDArray[np.bool_]:
    """For each text whether a finder of names has to look at it. Never False where it would find one."""
    words = pc.ascii_split_whitespace(column)
    encoded = words.flatten().dictionary_encode()
    found = np.zeros(len(column), dtype=np.bool_)
    if len(encoded) == 0:
        return found
    bits = np.array([_signs(word) for word in encoded.dictionary.to_pylist()], dtype=np.uint16)[
        encoded.indices.to_numpy(zero_copy_only=False)
    ]
    parents = pc.list_parent_indices(words).to_numpy(zero_copy_only=False)
    speaks = bits & _SPEAKS > 0
    bits, parents = bits[speaks], parents[speaks]
    following = np.zeros_like(bits)
    following[:-1] = np.where(parents[1:] == parents[:-1], bits[1:], 0)
    led = (bits & _LEADS > 0) & (following & (_FIRST | _FOLLOWS) > 0)
    crowned = (following & _CROWNS > 0) & (bits & (_FIRST | _FOLLOWS | _WRITTEN) > 0)
    paired = (bits & _FIRST > 0) & (following & _FOLLOWS > 0)
    doubted = (bits & _MAYBE > 0) & (following & _LISTED > 0)
    doing = (bits & _FIRST > 0) & (following & _DOES > 0)
    lines = pc.match_substring(column, "\n").to_numpy(zero_copy_only=False)
    if lines.any():
        # Below a heading any word can be a name.
        found[parents[lines[parents] & (bits & _LEADS > 0)]] = True
    found[parents[(bits & _ALONE > 0) | led | crowned | paired | doubted | doing]] = True
    return found


def _signs(written: str) -> int:
    """The signs of one piece between white space, which may hold several words ("Ali/Veli", "Müşteri:Ali")."""
    signs = _known.get(written)
    if signs is None:
        if len(_known) >= _KEPT:
            _known.clear()
        signs = _known[written] = _judge(written)
    return signs


def _judge(written: str) -> int:
    words = words_of(written)
    signs = 0
    for _, _, bits in words:
        signs |= _SPEAKS | _signs_of(bits)
    if "_" in written and any(bits & _SAYS_WHO for _, _, bits in words_of(written.replace("_", "\u00a0"))):
        # A table's heading: "gorusulen_kisi".
        signs |= _LEADS
    if len(words) < 2:
        return signs
    capital = any(bits & CAPITAL and bits & NAMED for _, _, bits in words)
    inside = signs & (_LEADS | _CROWNS) and signs & (_FIRST | _FOLLOWS | _WRITTEN)
    return signs | _ALONE if capital or inside or (signs & _MAYBE and signs & _LISTED) else signs


def _signs_of(bits: int) -> int:
    signs = _LEADS if bits & _SAYS_WHO else 0
    signs |= _CROWNS if bits & (HONORIFIC | AFTER_ROLE | KINSHIP) else 0
    signs |= _DOES if bits & (VERB | OWNED) else 0
    if bits & NEVER:
        return signs
    if bits & FREQUENT or (bits & CAPITAL and bits & (GIVEN | DOUBTFUL | FAMILY)):
        return signs | _ALONE | _LISTED | _FOLLOWS
    signs |= _LISTED if bits & NAMED else 0
    signs |= _MAYBE if bits & DOUBTFUL else 0
    signs |= _FIRST if bits & (SURE | INITIAL | OWNER) or (bits & CAPITAL and bits & NAMED) else 0
    nameable = bits & NAMED or not bits & COMMON
    return signs | (_FOLLOWS if nameable else _WRITTEN if bits & CAPITAL else 0)
