"""Detection for whole columns: one cheap pass over all texts, then Presidio recognizers on those that show a sign.

The engine's own way (tokenise, run every recognizer, compare contexts) costs a third of a millisecond a text; a column
of notes has a few microseconds a row. Each recognizer's sign is looked for by Arrow over the whole column, and only the
recognizers whose sign a text shows are asked. Both ways give the same spans; a test compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from kvkk_policies.arrow import Array, pa, pc
from kvkk_policies.detect.finders import FINDERS
from kvkk_policies.detect.name_signs import texts_with_name_signs
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.repeat import until_nothing_is_left
from kvkk_policies.detect.resolve import resolve
from kvkk_policies.detect.span import Span
from kvkk_policies.detect.special import speaks_of_special_category

# Characters of ordinary Turkish notes. A text with any other (decomposed letters, foreign digits) is asked everything.
_UNUSUAL = "[^\ue000\\x01-\\x7FçğıöşüÇĞİÖŞÜâîûÂÎÛ’‘“”…–—€₺°\u00a0]"


_NOTHING: list[Span] = []


class ColumnScanner:
    """The detector that the gate uses. It holds no state of its own and can be shared between threads."""

    def scan(self, texts: Sequence[str]) -> list[list[Span]]:
        """Personal data in each text, in code points: spans that do not overlap, in order. Repeated texts cost once."""
        if not texts:
            return []
        distinct = list(dict.fromkeys(texts))
        found = dict(zip(distinct, until_nothing_is_left(distinct, _scan_once), strict=True))
        return [found[text] for text in texts]

    def special(self, texts: Sequence[str]) -> list[bool]:
        """Whether each text speaks of a special category (health, belief, conviction)."""
        return speaks_of_special_category(texts)


def _scan_once(texts: Sequence[str]) -> list[list[Span]]:
    asked = _finders_by_row(pa.array(texts, pa.string()))
    # One shared empty list: a list a text makes the collector walk the batch's rows again and again.
    found: list[list[Span]] = [_NOTHING] * len(texts)
    if not asked:
        return found
    from kvkk_policies.detect.recognizers import recognizers

    known = recognizers()
    for row, names in asked.items():
        text = Prepared(texts[row])
        spans: list[Span] = []
        for name in names:
            spans.extend(known[name].spans(text))
        if spans:
            found[row] = resolve(spans)
    return found


def _finders_by_row(column: Array) -> dict[int, list[str]]:
    """Which finders have to look at which texts."""
    asked: dict[int, list[str]] = {}
    # One pass with all patterns rejects most texts; single patterns then run over the few that are left.
    left = np.flatnonzero(_matches(column, _any_sign()))
    rest = column.take(pa.array(left))
    unusual = _matches(rest, _UNUSUAL)
    for sign, names in _names_by_sign().items():
        for row in left[_matches(rest, sign) | unusual].tolist():
            asked.setdefault(row, []).extend(names)
    named = texts_with_name_signs(column)
    named[left[unusual]] = True
    for row in np.flatnonzero(named).tolist():
        asked.setdefault(row, []).extend(_NAMES_BY_WORDS)
    return asked


def _matches(column: Array, pattern: str) -> npt.NDArray[np.bool_]:
    return pc.match_substring_regex(column, pattern).to_numpy(zero_copy_only=False)


@cache
def _names_by_sign() -> dict[str, tuple[str, ...]]:
    signs = dict.fromkeys(finder.sign for finder in FINDERS if finder.sign is not None)
    return {sign: tuple(finder.name for finder in FINDERS if finder.sign == sign) for sign in signs}


@cache
def _any_sign() -> str:
    return "|".join((*_names_by_sign(), _UNUSUAL))


_NAMES_BY_WORDS = tuple(finder.name for finder in FINDERS if finder.sign is None)
