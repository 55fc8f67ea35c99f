"""What is wrong with a message before anything is queued: every field is named, and no value is repeated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.actions import Problem, Recipient
from connectors.netgsm.alphabets import TURKISH_LETTERS
from connectors.netgsm.phones import e164, national_mobile
from connectors.netgsm.segments import ENCODINGS, Segments, chosen, measured
from connectors.netgsm.settings import HEADER, LONGEST_SCHEDULE, SHORTEST_SCHEDULE, WHATSAPP_CODE

if TYPE_CHECKING:
    from connectors.actions import Payload

AUTO = "auto"
RECIPIENT_TYPES = ("BIREYSEL", "TACIR")
"""As IYS names them: an individual, and a merchant or tradesman."""
_SMS_FIELDS = ("to", "text", "commercial", "recipient_type", "header", "encoding", "start", "stop", "template")
_OTP_FIELDS = ("to", "text", "header", "template")
_WHATSAPP_FIELDS = ("to", "code", "template")


def sms_problems(payload: Payload) -> list[Problem]:
    """Of an SMS: `to` and `text` must be there.

    | field | meaning |
    | --- | --- |
    | `to` | a Turkish mobile number, `+905321234567` |
    | `text` | what to say |
    | `commercial` | whether anything is promoted, false unless given; it must agree with what the outbox is told |
    | `recipient_type` | `BIREYSEL` or `TACIR`; must be there when commercial |
    | `header` | sender name; the account's unless given |
    | `encoding` | `auto` (unless given), `GSM`, `TR` or `UNICODE` |
    | `start`, `stop` | times with zone: Netgsm itself waits until `start` and gives up at `stop`; not if commercial |
    | `template` | name of the template that made the text |
    """
    return [
        *_unknown(payload, _SMS_FIELDS),
        *_number(payload),
        *_header(payload),
        *_purpose(payload),
        *(_text(payload) or _letters(payload)),
        *_schedule(payload),
    ]


def otp_problems(payload: Payload) -> list[Problem]:
    """Of a one-time password: `to`, `text` (one part, no Turkish letters), and perhaps `header` and `template`."""
    return [
        *_unknown(payload, _OTP_FIELDS),
        *_number(payload),
        *_header(payload),
        *(_text(payload) or _otp_letters(payload)),
    ]


def whatsapp_problems(payload: Payload) -> list[Problem]:
    """Of a one-time password by WhatsApp: `to`, `code` (4 to 8 digits), and perhaps `template`."""
    problems = [*_unknown(payload, _WHATSAPP_FIELDS), *_number(payload)]
    code = payload.get("code")
    if code is None:
        problems.append(Problem("code", "field_missing"))
    elif not isinstance(code, str) or not WHATSAPP_CODE.fullmatch(code):
        problems.append(Problem("code", "sms_code_malformed"))
    return problems


def recipient(payload: Payload) -> Recipient | None:
    """Whom a message reaches."""
    phone = e164(payload.get("to"))
    return None if phone is None else Recipient("phone", phone)


def segments(payload: Payload) -> Segments:
    """The text of a checked payload as it is sent."""
    encoding = payload.get("encoding", AUTO)
    return chosen(payload["text"]) if encoding == AUTO else measured(payload["text"], encoding)


def iys_filter(payload: Payload) -> str:
    """Netgsm's `iysfilter` of a checked payload: 0 informs, 11 and 12 promote and are held against IYS."""
    if not payload.get("commercial"):
        return "0"
    return "11" if payload["recipient_type"] == "BIREYSEL" else "12"


def moment(value: object) -> datetime | None:
    """A time with its zone; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return time if time.tzinfo is not None else None


def _unknown(payload: Payload, names: Iterable[str]) -> Iterator[Problem]:
    known = tuple(names)
    for name in payload:
        if name not in known:
            # A field may be named by anybody; its name is shown only where it is short and plain.
            path = name if len(name) <= 40 and name.isascii() and name.isidentifier() else "?"
            yield Problem(path, "field_unknown", {"known": ", ".join(known)})
    template = payload.get("template")
    if template is not None and not isinstance(template, str):
        yield Problem("template", "field_wrong")


def _number(payload: Payload) -> Iterator[Problem]:
    to = payload.get("to")
    if to is None:
        yield Problem("to", "field_missing")
    elif national_mobile(to) is None:
        yield Problem("to", "sms_phone_not_mobile")


def _header(payload: Payload) -> Iterator[Problem]:
    header = payload.get("header")
    if header is not None and (not isinstance(header, str) or not HEADER.fullmatch(header)):
        yield Problem("header", "sms_header_malformed")


def _purpose(payload: Payload) -> Iterator[Problem]:
    commercial = payload.get("commercial")
    if commercial is not None and not isinstance(commercial, bool):
        yield Problem("commercial", "field_not_in_list", {"expected": "true, false"})
    kind = payload.get("recipient_type")
    if kind is None and commercial is True:
        yield Problem("recipient_type", "field_missing")
    elif kind is not None and kind not in RECIPIENT_TYPES:
        yield Problem("recipient_type", "field_not_in_list", {"expected": ", ".join(RECIPIENT_TYPES)})


def _text(payload: Payload) -> list[Problem]:
    text: Any = payload.get("text")
    if text is None:
        return [Problem("text", "field_missing")]
    if not isinstance(text, str) or not _writable(text):
        return [Problem("text", "field_wrong")]
    return [] if text.strip() else [Problem("text", "field_empty")]


def _writable(text: str) -> bool:
    """Half of a surrogate pair is no character."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _letters(payload: Payload) -> Iterator[Problem]:
    encoding = payload.get("encoding", AUTO)
    if encoding not in (AUTO, *ENCODINGS):
        yield Problem("encoding", "field_not_in_list", {"expected": ", ".join((AUTO, *ENCODINGS))})
        return
    found = segments(payload)
    if found.lost:
        yield Problem("text", "sms_letters_outside", {"count": found.lost, "encoding": found.encoding})
    if found.too_long:
        params = {"characters": found.characters, "limit": found.limit, "encoding": found.encoding}
        yield Problem("text", "sms_text_too_long", params)


def _otp_letters(payload: Payload) -> Iterator[Problem]:
    text: str = payload["text"]
    found = measured(text, "GSM")
    if TURKISH_LETTERS & set(text):
        yield Problem("text", "sms_otp_turkish")
    elif found.changed or found.lost:
        yield Problem("text", "sms_letters_outside", {"count": found.lost or 1, "encoding": found.encoding})
    if found.parts > 1:
        yield Problem("text", "sms_otp_too_long", {"characters": found.characters, "limit": found.single})


def _schedule(payload: Payload) -> Iterator[Problem]:
    times: dict[str, datetime] = {}
    for name in ("start", "stop"):
        value = payload.get(name)
        if value is None:
            continue
        time = moment(value)
        if time is None:
            yield Problem(name, "field_not_a_date")
        else:
            times[name] = time
    if payload.get("stop") is not None and payload.get("start") is None:
        yield Problem("start", "field_missing")
    elif "start" in times and payload.get("commercial") is True:
        # What was handed over nobody takes back: a refusal before `start`, or the tenant's night, would stop nothing.
        yield Problem("start", "sms_commercial_scheduled")
    if len(times) == 2 and not SHORTEST_SCHEDULE <= times["stop"] - times["start"] <= LONGEST_SCHEDULE:
        yield Problem("stop", "sms_schedule_gap")
