"""How many times faster a column is scanned than by Presidio's own `BatchAnalyzerEngine`, and whether it loses spans.

    python -m benchmarks.detection_speed [--texts 4000] [--rounds 5] [--write docs/detection.md]

Both sides have the same recognizers (on blank Turkish), the same texts and the same entities, in one process on one
core. Rounds alternate, so that a busy machine slows both, and CPU time of the median round is compared. The ratio
depends on the mix of texts: it is largest where most are clean or repeated, which is what columns look like, and
smallest where every text is distinct and holds personal data; all are printed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from presidio_analyzer import BatchAnalyzerEngine, RecognizerResult

from benchmarks.detection.report import SPEED, write
from benchmarks.notes import notes
from kvkk_policies.detect import ColumnScanner, Span
from kvkk_policies.detect.recognizers import LANGUAGE, engine, spans_of
from kvkk_policies.detect.resolve import resolve

AIM = 10
BATCH_SIZE = 256
"""Texts that Presidio hands to spaCy at once: larger ones make it no faster here."""


@dataclass(frozen=True)
class Mix:
    """What a column of texts is made of; both shares 0 to 1."""

    title: str
    distinct: float
    with_data: float


MIXES = (
    Mix("notes of calls and orders", distinct=0.7, with_data=0.15),
    Mix("the same, half repeated", distinct=0.5, with_data=0.15),
    Mix("mostly clean, none repeated", distinct=1.0, with_data=0.03),
    Mix("as many personal as clean", distinct=1.0, with_data=0.5),
    Mix("every text distinct and personal", distinct=1.0, with_data=1.0),
)


@dataclass(frozen=True)
class Outcome:
    """Texts a second of both sides, Presidio's spans, and those of them that the column scan lacks."""

    theirs: float
    ours: float
    spans: int
    lost: int

    @property
    def ratio(self) -> float:
        """How many times faster the column scan is."""
        return self.ours / self.theirs


def measure(texts: Sequence[str], rounds: int) -> Outcome:
    """Scan one column both ways, in turns."""
    batch = BatchAnalyzerEngine(engine())
    scanner = ColumnScanner()

    def by_presidio() -> list[list[RecognizerResult]]:
        return batch.analyze_iterator(texts, LANGUAGE, batch_size=BATCH_SIZE)

    def by_column() -> list[list[Span]]:
        return scanner.scan(texts)

    theirs, ours = by_presidio(), by_column()
    seconds: dict[str, list[float]] = {"theirs": [], "ours": []}
    for _ in range(rounds):
        seconds["theirs"].append(_cpu_seconds(by_presidio))
        seconds["ours"].append(_cpu_seconds(by_column))
    found = [resolve(spans_of(results)) for results in theirs]
    return Outcome(
        theirs=len(texts) / statistics.median(seconds["theirs"]),
        ours=len(texts) / statistics.median(seconds["ours"]),
        spans=sum(map(len, found)),
        lost=sum(span not in set(kept) for spans, kept in zip(found, ours, strict=True) for span in spans),
    )


def _cpu_seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def table(outcomes: Sequence[tuple[Mix, Outcome]], texts: int, rounds: int) -> str:
    """A Markdown table of the mixes, and how busy the machine was: the ratios bear it, the counts a second do not."""
    lines = [
        "| Texts | distinct | with data | Presidio, texts/s | column scan, texts/s | times faster |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {mix.title} | {mix.distinct:.0%} | {mix.with_data:.0%} | {outcome.theirs:,.0f} | {outcome.ours:,.0f} "
        f"| {outcome.ratio:.1f} |"
        for mix, outcome in outcomes
    ]
    lost, spans = sum(outcome.lost for _, outcome in outcomes), sum(outcome.spans for _, outcome in outcomes)
    load = os.getloadavg()[0]
    return "\n".join(
        [
            *lines,
            "",
            f"{texts} texts a mix, the median of {rounds} rounds in turns, CPU seconds of one core.",
            f"{lost} of {spans} spans were lost. {load:.1f} processes wanted the {os.cpu_count()} cores meanwhile.",
        ]
    )


def main() -> None:
    """Print a line a mix; fails if a span is lost or the first mix misses the aim."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", metavar="PAGE", help="put the ratios between the speed markers of this page")
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    outcomes: list[Outcome] = []
    print(f"{given.texts} texts a mix, {given.rounds} rounds in turns, one core, CPU seconds of the median round")
    for mix in MIXES:
        column = notes(given.texts, distinct=mix.distinct, with_data=mix.with_data)
        outcome = measure(column, given.rounds)
        outcomes.append(outcome)
        print(
            f"{mix.title:34} {mix.distinct:4.0%} distinct, {mix.with_data:4.0%} with data, "
            f"{sum(map(len, column)) / len(column):.0f} characters: Presidio {outcome.theirs:7,.0f} texts/s, "
            f"column scan {outcome.ours:9,.0f} texts/s, {outcome.ratio:6.1f} times; "
            f"{outcome.lost} of {outcome.spans} spans lost",
            flush=True,
        )
    if given.write:
        write(Path(given.write), table([*zip(MIXES, outcomes, strict=True)], given.texts, given.rounds), SPEED)
    if any(outcome.lost for outcome in outcomes):
        sys.exit("the column scan lost spans that Presidio's engine finds")
    print(f"aim: {AIM} times on the first mix; reached {outcomes[0].ratio:.1f}")
    if outcomes[0].ratio < AIM:
        sys.exit("the aim is missed")


if __name__ == "__main__":
    main()
