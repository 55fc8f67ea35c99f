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
    CAPITAL,
    FAMILY,
    GIVEN,
    HONORIFIC,
    INITIAL,
    NEVER,
    ROLE,
    SURE,
    TITLE,
    words_of,
)

_FIRST = 1
"""Could begin a name if the right word follows or goes before."""
_FOLLOWS = 2
"""Could stand second: a capitalised word, or a surname in small letters."""
_LEADS = 4
"""A title or role: makes a name of what follows."""
_CROWNS = 8
"""An honorific or "adına": makes a name of what goes before."""
_ALONE = 16
"""Could be a name by itself."""


def texts_with_name_signs(column: Array) -> npt.NDArray[np.bool_]:
    """For each text whether a finder of names has to look at it. Never False where it would find one."""
    words = pc.ascii_split_whitespace(column)
    encoded = words.flatten().dictionary_encode()
    found = np.zeros(len(column), dtype=np.bool_)
    if len(encoded) == 0:
        return found
    bits = np.array([_signs(word) for word in encoded.dictionary.to_pylist()], dtype=np.uint8)[
        encoded.indices.to_numpy(zero_copy_only=False)
    ]
    parents = pc.list_parent_indices(words).to_numpy(zero_copy_only=False)
    following = np.zeros_like(bits)
    following[:-1] = np.where(parents[1:] == parents[:-1], bits[1:], 0)
    led = (bits & _LEADS > 0) & (following & (_FIRST | _FOLLOWS) > 0)
    crowned = (following & _CROWNS > 0) & (bits & (_FIRST | _FOLLOWS) > 0)
    paired = (bits & _FIRST > 0) & (following & _FOLLOWS > 0)
    found[parents[(bits & _ALONE > 0) | led | crowned | paired]] = True
    return found


def _signs(written: str) -> int:
    """The signs of one piece between white space, which may hold several words ("Ali/Veli", "Müşteri:Ali")."""
    pieces = [bits for _, _, bits in words_of(written)]
    if len(pieces) > 1 and any(piece & CAPITAL and not piece & NEVER for piece in pieces):
        return _ALONE
    signs = 0
    for bits in pieces:
        capital = bits & CAPITAL and not bits & NEVER
        signs |= _FIRST if (capital and bits & (GIVEN | FAMILY)) or bits & (SURE | INITIAL) else 0
        signs |= _FOLLOWS if capital or bits & FAMILY else 0
        signs |= _LEADS if bits & (TITLE | ROLE) else 0
        signs |= _CROWNS if bits & (HONORIFIC | AFTER_ROLE) else 0
        signs |= _ALONE if capital and bits & SURE else 0
    return signs
