"""What the commands of `hub kvkk breach` share: which breach, times as they are typed, and the clock as it is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from hub.errors import HubError
from hub.i18n import N_, _

BreachArgument = Annotated[UUID, typer.Argument(metavar="BREACH", help=N_("The breach's id."))]


def time_given(field: str, text: str | None) -> datetime | None:
    """A time with its zone. HubError `time_malformed`."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise HubError("time_malformed", option=f"--{field.replace('_', '-')}")
    return read


def clock_text(left: timedelta | None) -> str:
    """Hours and minutes that are left, or since when it is over; a dash where no clock runs."""
    if left is None:
        return "–"
    hours, rest = divmod(abs(int(left.total_seconds())), 3600)
    text = _("{hours} h {minutes} min").format(hours=hours, minutes=rest // 60)
    return text if left >= timedelta() else _("over since {time}").format(time=text)
