"""Scores the column scanner on the labelled texts.

    python -m benchmarks.detection [--set NAME] [--misses 20 [--label PERSON]] [--write docs/detection.md]

Sets are dev, third, fourth and test; without `--set` all are scored. Misses are shown for the development sets only:
whoever sees the test set's texts fail starts to fit the recognizers to them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.detection.floors import raised, read_floors, write_floors
from benchmarks.detection.report import table, write
from benchmarks.detection.score import Score, misses, score
from benchmarks.detection.texts import SETS, TUNED_ON, LabelledText, read
from kvkk_policies.detect import Span, detect_many


def main() -> None:
    """Print the tables; with options, misses, the page's section or higher floors."""
    given = _arguments()
    floors = read_floors()
    for name in [given.set] if given.set else SETS:
        texts = read(name)
        found = detect_many([each.text for each in texts])
        result = score(texts, found)
        print(f"== {name}\n{table(result)}\n")
        if given.misses:
            _print_misses(texts, found, given.misses, given.label)
        if given.write and name == "test":
            write(Path(given.write), table(result))
        if given.raise_floors:
            floors[name] = raised(floors.get(name, {}), result)
    if given.raise_floors:
        write_floors(floors)


def measure(name: str) -> Score:
    """The score of one set with today's recognizers."""
    texts = read(name)
    return score(texts, detect_many([each.text for each in texts]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection")
    parser.add_argument("--set", choices=SETS, help="one set alone")
    parser.add_argument("--misses", type=int, default=0, help="wrong texts to show, of a development set")
    parser.add_argument("--label", help="show misses of this label alone")
    parser.add_argument("--write", metavar="PAGE", help="put the test set's table between the markers of this page")
    parser.add_argument("--raise-floors", action="store_true", help="move the tests' floors up to today's figures")
    given = parser.parse_args()
    if given.misses and given.set not in TUNED_ON:
        parser.error(f"--misses needs --set {' or '.join(TUNED_ON)}: nobody tunes on the texts of the test set")
    if given.write and given.set in TUNED_ON:
        parser.error("--write takes the figures of the test set")
    return given


def _print_misses(
    texts: Sequence[LabelledText], found_by_text: Sequence[Sequence[Span]], limit: int, label: str | None
) -> None:
    shown = 0
    for each, found in zip(texts, found_by_text, strict=True):
        wrong = misses(each.spans, found)
        lines = [
            f"  {sign} {span.label} {each.text[span.start : span.end]!r}"
            for sign, spans in (("lost", wrong.lost), ("invented", wrong.invented))
            for span in spans
            if label in (None, span.label)
        ]
        if lines and shown < limit:
            shown += 1
            print(f"{each.identifier} [{each.style}] {each.text!r}", *lines, sep="\n")


if __name__ == "__main__":
    sys.exit(main())
