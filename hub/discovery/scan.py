"""One scan: samples as they come, judged and forgotten table by table, so that no two tables' values are in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hub.discovery.draft import Tables
from hub.discovery.judgement import Finding, judge_table
from hub.discovery.sample import TableSample


def judged(samples: Iterator[TableSample], on_column: Callable[..., None]) -> Tables:
    """Findings of every table, in the order of the source. `on_column` as in `judge_table`."""
    found: list[tuple[str, int, list[Finding]]] = []
    for sample in samples:
        found.append((sample.name, sample.rows, judge_table(sample, on_column)))
        sample.columns.clear()
    return found
