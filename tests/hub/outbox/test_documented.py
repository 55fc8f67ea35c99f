"""docs/outbox.md says of every kind what its connector declares."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connectors.action_registry import kinds
from connectors.actions import ActionKind
from hub.message_texts.outbox import TEXTS
from hub.outbox import vocabulary

PAGE = (Path(__file__).parents[3] / "docs" / "outbox.md").read_text()


def span(value: timedelta | None) -> str:
    if value is None:
        return "–"
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    if seconds:
        return f"{60 * minutes + seconds} s"
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


def row(kind: ActionKind) -> str:
    settles = span(kind.settles_after) if kind.asking == "by_reference" else "–"
    cells = (f"`{kind.name}`", f"`{kind.asking}`", settles, span(kind.gives_up_after), span(kind.expires_after))
    return f"| {' | '.join(cells)} |"


def test_the_table_of_kinds_says_what_is_declared() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `") and "." in line.split("`")[1]]
    assert rows == [row(kinds()[name]) for name in sorted(kinds())]


def test_every_state_and_reason_of_ours_is_explained() -> None:
    reasons = {value for name, value in vars(vocabulary).items() if name.isupper() and isinstance(value, str)}
    assert not [each for each in reasons - {vocabulary.KIND_UNKNOWN} if each not in TEXTS]  # that one is counted only
    assert not [each for each in {*vocabulary.STATES, *reasons} if f"`{each}`" not in PAGE]
