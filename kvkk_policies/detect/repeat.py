"""Searches again behind what was found, until nothing is left.

A value that stood glued to another, or lost to it by overlapping, shows only when the other is hidden. Ending where
nothing more is found also makes masking final: a masked text is exactly the text of the last, fruitless search.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kvkk_policies.detect.hiding import hide
from kvkk_policies.detect.span import Span


def until_nothing_is_left(
    texts: Sequence[str], search: Callable[[Sequence[str]], list[list[Span]]]
) -> list[list[Span]]:
    """Spans of each text by repeated search. Each round hides at least one value more, so the rounds come to an end."""
    found = search(texts)
    open_rows = [row for row, spans in enumerate(found) if spans]
    while open_rows:
        hidden = [hide(texts[row], ((span.start, span.end) for span in found[row])) for row in open_rows]
        more = search([text for text, _ in hidden])
        still_open: list[int] = []
        for row, (_, positions), spans in zip(open_rows, hidden, more, strict=True):
            if spans:
                back = [Span(positions[span.start], positions[span.end], span.label, span.score) for span in spans]
                found[row] = sorted([*found[row], *back])
                still_open.append(row)
        open_rows = still_open
    return found
