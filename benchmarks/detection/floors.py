"""The least figures a change may leave behind, kept in `floors.toml` beside the texts and checked by the tests.

A floor lies one span in a hundred, and at least one span, below the figure it was set from: single texts may be
exchanged, a recognizer may not be lost. `--raise-floors` moves floors up to today's figures, never down; whoever lowers
one edits the file, and says why in the commit.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import NamedTuple

from benchmarks.detection.score import Score

FILE = Path(__file__).with_name("floors.toml")
WHOLE = "ALL"
"""The key of a set's own floors, beside its labels: `untouched` clean texts, and characters `kept` from leaking."""
Floors = dict[str, dict[str, dict[str, float]]]
"""Floors by set, label and figure; shares, 0 to 1."""


class Figure(NamedTuple):
    """One measured share, with the count it came from."""

    label: str
    name: str
    part: int
    whole: int


def read_floors(path: Path = FILE) -> Floors:
    """The floors of both sets; none when there is no file yet."""
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def figures(result: Score) -> list[Figure]:
    """Every figure that can have a floor."""
    kept = result.personal_characters - result.leaked_characters
    found = [
        Figure(WHOLE, "untouched", result.untouched, result.clean),
        Figure(WHOLE, "kept", kept, result.personal_characters),
    ]
    for label, counts in sorted(result.labels.items()):
        if counts.marked:
            found.append(Figure(label, "recall", counts.found_right, counts.marked))
            found.append(Figure(label, "masked", counts.masked, counts.marked))
        if counts.found:
            found.append(Figure(label, "precision", counts.answering, counts.found))
    return found


def below(result: Score, floors: dict[str, dict[str, float]]) -> list[str]:
    """A line for each floor that the result does not reach: label, figure, what was measured, the floor."""
    measured = {(each.label, each.name): each for each in figures(result)}
    lines: list[str] = []
    for label, by_name in floors.items():
        for name, floor in by_name.items():
            each = measured.get((label, name))
            share = each.part / each.whole if each else 0.0
            if share < floor:
                lines.append(f"{label} {name}: {share:.4f}, floor {floor:.4f}")
    return lines


def raised(floors: dict[str, dict[str, float]], result: Score) -> dict[str, dict[str, float]]:
    """The floors of one set after a better result: each is the higher of the old one and the one due today."""
    higher = {label: dict(by_name) for label, by_name in floors.items()}
    for each in figures(result):
        slack = max(1, math.ceil(each.whole / 100))
        due = math.floor(max(0, each.part - slack) / each.whole * 1000) / 1000
        by_name = higher.setdefault(each.label, {})
        by_name[each.name] = max(by_name.get(each.name, 0.0), due)
    return higher


def write_floors(floors: Floors, path: Path = FILE) -> None:
    """Store floors, sorted, one table for each set and label."""
    lines = ["# Least shares; see floors.py. Raise with: python -m benchmarks.detection --raise-floors"]
    for name, by_label in sorted(floors.items()):
        for label, by_figure in sorted(by_label.items()):
            lines += ["", f"[{name}.{label}]", *(f"{figure} = {floor}" for figure, floor in sorted(by_figure.items()))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
