"""How long to wait: before the next attempt, the next look, and while a provider is left alone."""

from __future__ import annotations

from datetime import timedelta

_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(hours=1)
_FIRST_LOOK = timedelta(seconds=15)
_LONGEST_LOOK = timedelta(minutes=30)
_LOOKS_AT_LEAST = 150
"""In the whole of the time in which an end is looked for: a commercial invoice may be answered for eight days."""
_FIRST_HOLD = timedelta(seconds=30)
_LONGEST_HOLD = timedelta(hours=1)
_MOST_DOUBLINGS = 20


def retry_wait(attempt: int, chance: float, *, asked: float | None = None) -> timedelta:
    """Before the next attempt after attempt number `attempt`; `chance` from 0 to 1 keeps many from coming at once.

    `asked` are the seconds that the provider asked for: never less than those.
    """
    doubled = _doubled(_FIRST_RETRY, attempt - 1, _LONGEST_RETRY)
    spread = doubled * (0.5 + chance / 2)
    return spread if asked is None else timedelta(seconds=asked) + doubled * chance / 2


def look_wait(looks: int, first: timedelta | None = None, *, within: timedelta = timedelta(0)) -> timedelta:
    """Before the next look, after `looks` of them; the rarer the longer it may take altogether (`within`)."""
    longest = max(_LONGEST_LOOK, within / _LOOKS_AT_LEAST, first or _FIRST_LOOK)
    return _doubled(first or _FIRST_LOOK, looks, longest)


def hold_wait(times: int, *, asked: float | None = None) -> timedelta:
    """How long a provider is left alone that said so for the `times`-th time in a row."""
    doubled = _doubled(_FIRST_HOLD, times - 1, _LONGEST_HOLD)
    return doubled if asked is None else max(timedelta(seconds=asked), _FIRST_HOLD / 30)


def _doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    return min(first * 2 ** min(max(times, 0), _MOST_DOUBLINGS), longest)
