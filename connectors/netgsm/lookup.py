"""What became of messages whose answer was lost: asked by job where Netgsm named one, else by time and our reference.

The one wrong answer is "never arrived" for a message that did: it would be sent twice. So that is said only when the
report of the whole span was read and holds neither our reference nor a message to the same number that names no
reference at all (whether Netgsm echoes it for every account is not documented).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.actions import Absent, Act, CannotTell, Finding
from connectors.failure import ProviderFailure
from connectors.netgsm.payloads import moment
from connectors.netgsm.phones import national_mobile
from connectors.netgsm.references import job_of
from connectors.netgsm.reports import Report, ReportRow, report_between, report_of_jobs
from connectors.netgsm.settings import HISTORY, LONGEST_SCHEDULE, LOOK_AHEAD, LOOK_BACK, MOST_JOBS_ASKED

if TYPE_CHECKING:
    from decimal import Decimal

    from connectors.netgsm.client import NetgsmClient

_PROGRESS = {"failed": 0, "accepted": 1, "delivered": 2}


async def findings(client: NetgsmClient, acts: Sequence[Act], *, part_price: Decimal) -> list[Finding]:
    """A finding for each act, in order. No failure is raised."""
    by_job = await _by_job(client, [act for act in acts if act.provider_reference], part_price)
    by_time = await _by_time(client, [act for act in acts if not act.provider_reference], part_price)
    found = by_job | by_time
    return [found[act.action_id] for act in acts]


async def _by_job(client: NetgsmClient, acts: Sequence[Act], part_price: Decimal) -> dict[str, Finding]:
    """By the numbers that Netgsm gave. A job that it does not show (yet) was accepted all the same: nobody can tell."""
    jobs = list(dict.fromkeys(_job(act) for act in acts))
    found: dict[str, Finding] = {}
    for start in range(0, len(jobs), MOST_JOBS_ASKED):
        asked = jobs[start : start + MOST_JOBS_ASKED]
        wanted = [act for act in acts if _job(act) in asked]

        def enough(rows: Sequence[ReportRow], wanted: Sequence[Act] = wanted) -> bool:
            return all(_of_job(act, rows) is not None for act in wanted)

        try:
            report = await report_of_jobs(client, asked, enough=enough)
        except ProviderFailure as failure:
            found |= {act.action_id: CannotTell(failure) for act in wanted}
            continue
        for act in wanted:
            row = _of_job(act, report.rows)
            found[act.action_id] = CannotTell() if row is None else row.found(part_price)
    return found


def _job(act: Act) -> str:
    return job_of(act.provider_reference or "")


def _of_job(act: Act, rows: Sequence[ReportRow]) -> ReportRow | None:
    """Its row: by reference, or by number where the job's rows name none and only one has this number."""
    mine = [row for row in rows if row.job == _job(act)]
    named = _furthest(row for row in mine if row.reference == act.reference)
    if named is not None:
        return named
    phone = national_mobile(act.payload.get("to"))
    unnamed = [row for row in mine if row.reference is None and row.phone == phone and phone is not None]
    return unnamed[0] if len(unnamed) == 1 else None


async def _by_time(client: NetgsmClient, acts: Sequence[Act], part_price: Decimal) -> dict[str, Finding]:
    now = client.clock.now()
    found: dict[str, Finding] = {}
    for span in _spans(acts, now):
        wanted = {act.reference for act in span.acts}

        def enough(rows: Sequence[ReportRow], wanted: set[str] = wanted) -> bool:
            return wanted <= {row.reference for row in rows}

        if span.start < now - HISTORY:
            found |= {act.action_id: CannotTell() for act in span.acts}
            continue
        try:
            report = await report_between(client, span.start, span.stop, enough=enough)
        except ProviderFailure as failure:
            found |= {act.action_id: CannotTell(failure) for act in span.acts}
            continue
        found |= {act.action_id: _judged(act, report, part_price) for act in span.acts}
    return found


def _judged(act: Act, report: Report, part_price: Decimal) -> Finding:
    row = _furthest(row for row in report.rows if row.reference == act.reference)
    if row is not None:
        return row.found(part_price)
    phone = national_mobile(act.payload.get("to"))
    maybe = any(row.reference is None and row.phone in (phone, None) for row in report.rows)
    return CannotTell() if maybe or not report.whole else Absent()


def _furthest(rows: Iterable[ReportRow]) -> ReportRow | None:
    return max(rows, key=lambda row: _PROGRESS[row.state], default=None)


@dataclass(frozen=True)
class _Span:
    start: datetime
    stop: datetime
    acts: tuple[Act, ...]


def _spans(acts: Sequence[Act], now: datetime) -> list[_Span]:
    """Where to look, spans that touch made one: a question costs a tenth of a minute's limit."""
    spans: list[_Span] = []
    for act in sorted(acts, key=lambda each: _bounds(each, now)[0]):
        start, stop = _bounds(act, now)
        last = spans[-1] if spans else None
        if last is not None and start <= last.stop:
            spans[-1] = _Span(last.start, max(last.stop, stop), (*last.acts, act))
        else:
            spans.append(_Span(start, stop, (act,)))
    return spans


def _bounds(act: Act, now: datetime) -> tuple[datetime, datetime]:
    first = act.first_attempt_at or act.last_attempt_at or now
    last = act.last_attempt_at or now
    # What Netgsm itself holds back until a time may stand in its report under that time.
    held = _held_until(act.payload)
    if held is not None:
        last = max(last, held + LONGEST_SCHEDULE)
    # Not cut off at our own present: Netgsm's may be ahead of it.
    return first - LOOK_BACK, max(first, last) + LOOK_AHEAD


def _held_until(payload: Mapping[str, object]) -> datetime | None:
    start = moment(payload.get("start"))
    return None if start is None else start.astimezone(UTC)
