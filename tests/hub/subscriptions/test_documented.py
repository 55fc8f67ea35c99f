"""The page that tenants' programmers read says what is sent."""

from __future__ import annotations

import re
from pathlib import Path

from hub.subscriptions.sending import LONGEST_ANSWER, TOTAL_SECONDS
from hub.subscriptions.vocabulary import DISABLED_AFTER, KEPT, OVERLAP, TYPES, VERSION, WAITS

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks-out.md").read_text(encoding="utf-8")


def test_the_table_of_events_is_the_one_that_is_sent() -> None:
    rows = re.findall(r"^\| `([a-z.]+)` \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)

    assert {name: (told, tuple(re.findall(r"`(\w+)`", fields))) for name, told, fields in rows} == {
        name: (kind.told, kind.data) for name, kind in TYPES.items()
    }
    assert f"This is version {VERSION}." in PAGE


def test_the_numbers_are_those_in_force() -> None:
    words = " ".join(PAGE.split())
    waits = [f"{int(wait.total_seconds())} s" for wait in WAITS[:1]]
    waits += [f"{int(wait.total_seconds() // 60)} min" for wait in WAITS[1:3]]
    waits += [f"{int(wait.total_seconds() // 3600)} h" for wait in WAITS[3:]]

    assert ", ".join(waits[:-1]) + f" and {waits[-1]}" in words
    assert f"within {int(TOTAL_SECONDS)} seconds" in words
    assert f"{LONGEST_ANSWER // 1024} kB" in words
    assert (DISABLED_AFTER.days, KEPT.days, OVERLAP.days, len(WAITS) + 1) == (5, 30, 1, 10)
