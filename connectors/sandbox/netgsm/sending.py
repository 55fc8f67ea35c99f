"""Sends: many messages in a call, a one-time password by SMS, and one by WhatsApp."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from connectors.istanbul import ISTANBUL
from connectors.sandbox.netgsm.desk import headers_of, unnamed
from connectors.sandbox.netgsm.envelope import refusal, success
from connectors.sandbox.netgsm.messages import (
    BROKEN_BEHIND,
    REFUSED,
    Kind,
    Message,
    units_and_parts,
)

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.netgsm.desk import Call, Desk

_NUMBER = re.compile(r"(?:\+?90|0)?(5[0-9]{9})")
_ENCODINGS = ("", "TR", "UTF-8", "UNICODE")
_CODE = re.compile(r"[0-9]{4,8}")
_TURKISH = frozenset("çğıöşüÇĞİÖŞÜ")


class _No(Exception):
    """Refused with a code."""


def send(desk: Desk, call: Call) -> Response:
    """POST /sms/rest/v2/send."""
    try:
        _header(desk, call)
        encoding = _encoding(call.body)
        _iys(desk, call)
        starts_at, moved = _starts_at(desk, call.body)
        job = desk.new_job()
        messages = [_message(desk, call, job, entry, "sms", encoding, starts_at) for entry in _entries(call.body)]
    except _No as no:
        return refusal(str(no))
    return _taken(desk, job, messages, code="01" if moved else "00")


def otp(desk: Desk, call: Call) -> Response:
    """POST /sms/rest/v2/otp."""
    if desk.lacks(call.company, "otp"):
        return refusal("60")
    try:
        _header(desk, call)
        job = desk.new_job()
        message = _message(desk, call, job, call.body, "otp", "", desk.world.clock.now())
    except _No as no:
        return refusal("50" if str(no) == "70" and isinstance(call.body.get("no"), str) else str(no))
    if message.parts > 1 or _TURKISH & set(message.text):
        return refusal("20")
    return _taken(desk, job, [message])


def whatsapp_otp(desk: Desk, call: Call) -> Response:
    """POST /v1/otp on the WhatsApp host."""
    if desk.lacks(call.company, "whatsapp_otp"):
        return refusal("60")
    to, code = call.body.get("to"), call.body.get("code")
    found = _NUMBER.fullmatch(to) if isinstance(to, str) else None
    if found is None or not isinstance(code, str) or not _CODE.fullmatch(code):
        return refusal("70")
    job = desk.new_job()
    desk.skip_job(job)
    desk.enter(call.company, "whatsapp_otp", unnamed(found[1], code), job)
    return success({"description": "success", "jobid": f"wamid.{job}"})


def _taken(desk: Desk, job: str, messages: list[Message], *, code: str = "00") -> Response:
    endings = {message.magic for message in messages}
    for ending, code_of_ending in REFUSED.items():
        if ending in endings:
            return refusal(code_of_ending)
    desk.accept(job, messages)
    if BROKEN_BEHIND in endings:
        return refusal("100")
    return success({"jobid": job, "description": "queued"}, code=code)


def _entries(body: dict[str, Any]) -> list[object]:
    entries: object = body.get("messages")
    if not isinstance(entries, list) or not entries:
        raise _No("70")
    return cast("list[object]", entries)


def _message(
    desk: Desk, call: Call, job: str, entry: object, kind: Kind, encoding: str, starts_at: datetime
) -> Message:
    if not isinstance(entry, dict):
        raise _No("70")
    fields = cast("dict[str, Any]", entry)
    text, to, reference = fields.get("msg"), fields.get("no"), fields.get("referansID")
    if not isinstance(text, str) or not text.strip():
        raise _No("20")
    number = _NUMBER.fullmatch(to) if isinstance(to, str) else None
    if number is None or not isinstance(reference, str | None):
        raise _No("70")
    units, parts, most = units_and_parts(text, encoding)
    if units > most:
        raise _No("20")
    return Message(
        company=call.company,
        job=job,
        number=number[1],
        text=text,
        reference=reference,
        kind=kind,
        parts=parts,
        accepted_at=desk.world.clock.now(),
        starts_at=starts_at,
    )


def _header(desk: Desk, call: Call) -> str:
    header = call.body.get("msgheader")
    if not isinstance(header, str) or not header:
        raise _No("70")
    if header not in headers_of(desk.world, call.company):
        raise _No("40")
    return header


def _encoding(body: dict[str, Any]) -> str:
    encoding = body.get("encoding") or ""
    if not isinstance(encoding, str) or encoding.upper() not in _ENCODINGS:
        raise _No("70")
    return encoding.upper()


def _iys(desk: Desk, call: Call) -> None:
    wanted = call.body.get("iysfilter") or "0"
    if wanted not in ("0", "11", "12"):
        raise _No("70")
    if wanted != "0" and desk.lacks(call.company, "iys"):
        raise _No("50")
    if wanted != "0" and desk.lacks(call.company, "iys_brand"):
        raise _No("51")


def _starts_at(desk: Desk, body: dict[str, Any]) -> tuple[datetime, bool]:
    """When the job starts, and whether that is not when it was asked for."""
    now = desk.world.clock.now()
    start, stop = _time(body.get("startdate")), _time(body.get("stopdate"))
    begins = start or now
    if stop is not None and not timedelta(hours=1) <= stop - begins <= timedelta(hours=21):
        raise _No("70")
    # Written without seconds, the present minute has begun already.
    past = start is not None and start < now - timedelta(minutes=1)
    return max(begins, now), past


def _time(value: object) -> datetime | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{12}", value):
        raise _No("70")
    try:
        return datetime.strptime(value, "%d%m%Y%H%M").replace(tzinfo=ISTANBUL).astimezone(UTC)
    except ValueError:
        raise _No("70") from None
