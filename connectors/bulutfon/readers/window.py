"""What the first generation can be asked of a window: it knows no from and to, only the last hour, day or month."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.bulutfon.settings import TIME_LIMIT_MARGIN, V1_TIME_LIMITS
from connectors.istanbul import ISTANBUL

if TYPE_CHECKING:
    from connectors.contract import Window

_SAME = {"hour": "%Y-%m-%d %H", "day": "%Y-%m-%d", "month": "%Y-%m"}


def time_limit(window: Window, *, now: datetime) -> str | None:
    """The shortest limit that is sure to hold the window; None when only the whole list is.

    Whether `day` means the last 24 hours or since midnight is published nowhere, so the window must lie in both.
    """
    earliest = window.start - TIME_LIMIT_MARGIN
    for name, length in V1_TIME_LIMITS:
        same = earliest.astimezone(ISTANBUL).strftime(_SAME[name]) == _later(now).strftime(_SAME[name])
        if same and now - earliest <= length:
            return name
    return None


def _later(now: datetime) -> datetime:
    # The server's clock may be ahead of ours, and in the next hour already.
    return (now + TIME_LIMIT_MARGIN).astimezone(ISTANBUL)
