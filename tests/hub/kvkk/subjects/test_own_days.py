"""In which days a shared identifier counts as a person's, and which of them are left when others have theirs."""

from __future__ import annotations

from datetime import date

import pytest

from hub.kvkk.own_days import gaps
from hub.kvkk.person import Period

PAIR = ("plate", "plate_x")
MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))

Bounds = tuple[date | None, date | None]


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(None, None)]),
        ([(None, None)], []),
        ([(None, APRIL)], [(APRIL, None)]),
        ([(APRIL, None)], [(None, APRIL)]),
        ([(MAY, JUNE), (MARCH, APRIL)], [(None, MARCH), (APRIL, MAY), (JUNE, None)]),
        ([(MARCH, APRIL), (APRIL, MAY)], [(None, MARCH), (MAY, None)]),
        ([(APRIL, None), (None, APRIL)], []),
    ],
)
def test_what_lies_between_the_days_of_others_is_left(taken: list[Bounds], left: list[Bounds]) -> None:
    assert gaps(PAIR, [Period(*PAIR, *bounds) for bounds in taken]) == [Period(*PAIR, *bounds) for bounds in left]


def test_a_period_ends_before_its_last_day() -> None:
    period = Period(*PAIR, MARCH, APRIL)
    assert [period.covers(day) for day in (MARCH, date(2026, 3, 31), APRIL, date(2026, 2, 28))] == [
        True,
        True,
        False,
        False,
    ]
