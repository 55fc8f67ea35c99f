"""Writes a score as a table, in a terminal or between two markers of a page, with the aims beside the figures."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from benchmarks.detection.score import LabelScore, Score

BEGIN = "<!-- figures: begin -->"
END = "<!-- figures: end -->"
SPEED = ("<!-- speed: begin -->", "<!-- speed: end -->")
CLEAN_AIM = 0.95


class Aim(NamedTuple):
    """Shares that a label should reach."""

    recall: float
    precision: float


_SURE = Aim(0.99, 0.97)
AIMS = {
    "TR_TCKN": _SURE,
    "TR_IBAN": _SURE,
    "CREDIT_CARD": _SURE,
    "TR_VKN": _SURE,
    "EMAIL": _SURE,
    "TR_PHONE": Aim(0.98, 0.98),
    "TR_PLATE": Aim(0.97, 0.98),
    "BIRTH_DATE": Aim(0.90, 0.95),
    "TR_ADDRESS": Aim(0.80, 0.85),
    "PERSON": Aim(0.85, 0.90),
}
_HEAD = ("Label", "marked", "found", "aim", "masked by any label", "precision", "aim")


def table(result: Score) -> str:
    """A Markdown table, aligned so that it also reads well in a terminal, and two lines about the whole set."""
    rows = [_HEAD, *(_row(label, result.labels[label]) for label in _in_order(result))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    lines = ["| " + " | ".join(_cell(row[i], widths[i], i) for i in range(len(_HEAD))) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 1) + (":" if i else "-") for i, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:], "", *_whole(result)])


def write(page: Path, text: str, between: tuple[str, str] = (BEGIN, END)) -> None:
    """Put the text between the markers of a page. Raises ValueError when the page lacks one."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(between[0])
    _, end, after = rest.partition(between[1])
    if not begin or not end:
        raise ValueError(f"{page.name} has no {between[0]} and {between[1]}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def percent(share: float | None) -> str:
    """Rounded down to a tenth, so that 100.0 % means all; a dash when there was nothing to count."""
    return "–" if share is None else f"{int(share * 1000 + 1e-9) / 10:.1f} %"


def _row(label: str, counts: LabelScore) -> tuple[str, ...]:
    aim = AIMS.get(label)
    return (
        label,
        str(counts.marked),
        percent(counts.recall),
        percent(aim and aim.recall),
        percent(counts.masked_share),
        percent(counts.precision),
        percent(aim and aim.precision),
    )


def _whole(result: Score) -> list[str]:
    leaked = f"{result.leaked_characters} leaked ({percent_up(result.leaked_share)})"
    untouched = f"{result.untouched} stayed untouched ({percent(result.untouched_share)}, aim {percent(CLEAN_AIM)})"
    return [
        f"Of {result.personal_characters} letters and digits of personal data {leaked}.",
        f"Of {result.clean} texts without personal data {untouched}; the set has {result.texts} texts.",
    ]


def percent_up(share: float | None) -> str:
    """As `percent`, rounded up: a leak is never told smaller than it is."""
    return "–" if share is None else f"{-int(-share * 1000 - 1 + 1e-9) / 10:.1f} %"


def _in_order(result: Score) -> list[str]:
    return sorted(
        result.labels, key=lambda label: (label not in AIMS, list(AIMS).index(label) if label in AIMS else 0, label)
    )


def _cell(text: str, width: int, column: int) -> str:
    return text.rjust(width) if column else text.ljust(width)
