"""What commands show: a table for people, JSON for machines, times in Turkey's zone, progress on the error stream."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from rich.console import Console

_ZONE = ZoneInfo("Europe/Istanbul")
_WIDTH_WITHOUT_A_TERMINAL = 200
"""Wide enough that a pipe or a log gets whole lines."""

OnProgress = Callable[..., None]


def console(*, error: bool = False) -> Console:
    """Rich's console on standard output, or on the error stream."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    return Console(
        file=stream, width=None if stream.isatty() else _WIDTH_WITHOUT_A_TERMINAL, highlight=False, soft_wrap=False
    )


def say(text: str) -> None:
    """One line for the person."""
    typer.echo(text)


def note(text: str) -> None:
    """One line on the error stream, out of the way of data."""
    typer.echo(text, err=True)


def show_json(value: object) -> None:
    """One JSON document: dataclasses as objects, times as ISO 8601 in UTC."""
    typer.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def show_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, title: str | None = None) -> None:
    """A table; texts are shown as they are, without rich's markup."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


def moment(time: datetime | None) -> str:
    """A time as people in Turkey read it; a dash for none."""
    return time.astimezone(_ZONE).strftime("%d.%m.%Y %H:%M") if time else "–"


@contextmanager
def progress(title: str) -> Generator[OnProgress]:
    """Shows `on_progress(step)` or `on_progress(step, done, total)`: a bar on a terminal, else a line a new step."""
    if sys.stderr.isatty():
        with _bar(title) as report:
            yield report
        return
    seen: set[str] = set()

    def line(step: str, *_counts: int) -> None:
        if step not in seen:
            seen.add(step)
            note(f"{title}: {step}")

    yield line


@contextmanager
def _bar(title: str) -> Generator[OnProgress]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(error=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def report(step: str, done: int = 0, total: int | None = None) -> None:
            bar.update(task, description=f"{title}: {step}", completed=done, total=total)

        yield report


def _plain(value: object) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Path | Decimal):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    raise TypeError(type(value).__name__)
