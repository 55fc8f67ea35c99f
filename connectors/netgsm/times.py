"""Times as Netgsm writes them: Turkey's wall clock, in a form of its own for every service."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.istanbul import ISTANBUL

_SCHEDULE = "%d%m%Y%H%M"
_INBOX = "%d%m%Y%H%M%S"
_REPORT = "%d.%m.%Y %H:%M:%S"
_READ = (_REPORT, "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S", _INBOX, _SCHEDULE)
"""Forms seen in answers and pushes, the documented one first."""


def schedule_time(moment: datetime) -> str:
    """`startdate` and `stopdate` of a send."""
    return moment.astimezone(ISTANBUL).strftime(_SCHEDULE)


def inbox_time(moment: datetime) -> str:
    """Bounds of an inbox query."""
    return moment.astimezone(ISTANBUL).strftime(_INBOX)


def report_time(moment: datetime) -> str:
    """Bounds of a report query."""
    return moment.astimezone(ISTANBUL).strftime(_REPORT)


def read_time(value: object) -> datetime | None:
    """Aware UTC from whatever Netgsm wrote; None where it is no time (it writes zeros and blanks for "not yet")."""
    if not isinstance(value, str):
        return None
    for form in _READ:
        try:
            return datetime.strptime(value.strip(), form).replace(tzinfo=ISTANBUL).astimezone(UTC)
        except ValueError:
            continue
    return None
