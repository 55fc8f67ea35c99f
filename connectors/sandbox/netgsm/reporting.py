"""What became of messages: the report, counts of a job, and taking back a job that has not started."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.istanbul import ISTANBUL
from connectors.sandbox.netgsm.envelope import refusal, success

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.netgsm.desk import Call, Desk
    from connectors.sandbox.netgsm.messages import Message

_FORMAT = "%d.%m.%Y %H:%M:%S"
_TURKCELL = 30
_MOST_JOBS = 50
_LARGEST_PAGE = 100


def report(desk: Desk, call: Call) -> Response:
    """POST /sms/rest/v2/report: by jobs, or by the time at which messages were to start."""
    size, page = call.body.get("pagesize", _LARGEST_PAGE), call.body.get("pagenumber", 0)
    if not isinstance(size, int) or not 1 <= size <= _LARGEST_PAGE or not isinstance(page, int) or page < 0:
        return refusal("70")
    messages = _asked_for(desk, call)
    if messages is None:
        return refusal("70")
    rows = messages[page * size : (page + 1) * size]
    if not rows:
        return refusal("60")
    now = desk.world.clock.now()
    echo = not desk.lacks(call.company, "reference_echo")
    return success({"jobs": [row_of(message, now, echo=echo) for message in rows], "description": "success"})


def stats(desk: Desk, call: Call) -> Response:
    """POST /sms/rest/v2/stats."""
    messages = desk.of_job(call.company, str(call.body.get("jobid", "")))
    if not messages:
        return refusal("60")
    now = desk.world.clock.now()
    counts = Counter(message.status(now) for message in messages)
    lengths = Counter[int]()
    for message in messages:
        lengths[message.status(now)] += message.parts
    rows = [
        {
            "status": status,
            "totalMessageLength": lengths[status],
            "totalSms": count,
            "chargeStatement": "Ücretlendirildi",
            "statement": "",
            "domestic": True,
        }
        for status, count in sorted(counts.items())
    ]
    return success({"stats": rows})


def cancel(desk: Desk, call: Call) -> Response:
    """POST /sms/rest/v2/cancel: jobs of the future only."""
    job = call.body.get("jobid")
    if not isinstance(job, str):
        return refusal("70")
    now = desk.world.clock.now()
    with desk.lock:
        waiting = [each for each in desk.of_job(call.company, job) if each.starts_at > now and not each.cancelled]
        for message in waiting:
            message.cancelled = True
    return success({"jobid": job, "description": "success"}) if waiting else refusal("60")


def row_of(message: Message, now: datetime, *, echo: bool) -> dict[str, Any]:
    """A row of the report."""
    final = message.is_final(now) and not message.cancelled
    return {
        "jobid": message.job,
        "number": f"90{message.number}",
        "status": message.status(now),
        "operator": _TURKCELL,
        "msglen": message.parts,
        "deliveredDate": local(message.final_at) if final else "",
        "errorCode": message.error(now),
        "referansID": message.reference if echo else None,
    }


def local(moment: datetime) -> str:
    """Turkey's wall clock as reports write it."""
    return moment.astimezone(ISTANBUL).strftime(_FORMAT)


def _asked_for(desk: Desk, call: Call) -> list[Message] | None:
    """The messages that a question is about; None for a question that is none."""
    jobs: Any = call.body.get("jobids")
    if jobs:
        if not isinstance(jobs, list) or len(jobs) > _MOST_JOBS:  # pyright: ignore[reportUnknownArgumentType]
            return None
        return [message for job in jobs for message in desk.of_job(call.company, str(job))]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    start, stop = _time(call.body.get("startdate")), _time(call.body.get("stopdate"))
    if start is None or stop is None or start > stop:
        return None
    return [message for message in desk.of_company(call.company) if start <= message.starts_at <= stop]


def _time(value: object) -> datetime | None:
    try:
        return datetime.strptime(str(value), _FORMAT).replace(tzinfo=ISTANBUL).astimezone(UTC)
    except ValueError:
        return None
