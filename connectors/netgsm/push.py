"""What Netgsm pushes: delivery reports and incoming SMS, in no documented form and signed by nobody.

Integrators have met JSON, forms and queries, one record or many, with English or Turkish names. Everything that can be
made out becomes one of two neutral values; a report is a hint to ask Netgsm and never a proof.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from connectors.failure import ProviderFailure
from connectors.netgsm.phones import e164
from connectors.netgsm.references import provider_reference
from connectors.netgsm.reports import report_row, whole_number
from connectors.netgsm.times import read_time

if TYPE_CHECKING:
    from connectors.netgsm.reports import ReportRow

_SENDER = ("sender", "gsmno", "orjinator", "originator", "from", "gonderen")
_RECEIVER = ("receiver", "alici", "to", "msisdn")
_TEXT = ("message", "mesaj", "msg", "text")
_AT = ("datetime", "tarih", "date", "time")
_JOB = ("jobid", "bulkid", "gorevid")
_NUMBER = ("number", "telno", "no", "gsmno")
_STATUS = ("status", "durum")
_ERROR = ("errorcode", "hata", "hatakodu")
_PARTS = ("msglen", "boy")
_REFERENCE = ("referansid", "referenceid", "reference")
_DELIVERED = ("delivereddate", "iletimtarihi", "tarih", "date")
_WRAPPERS = ("jobs", "messages", "data", "reports", "items")
_MOST_FIELDS = 200
_MOST_RECORDS = 1_000
_DEEPEST = 4


@dataclass(frozen=True)
class IncomingSms:
    """A message that somebody sent to the tenant. Its `repr` shows nothing of it."""

    sender: str | None = field(repr=False)
    """`+905321234567`; None where it is no number (a short name)."""
    receiver: str | None = field(repr=False)
    text: str = field(repr=False)
    at: datetime | None
    """Aware UTC, by Netgsm's clock."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells it from others, the same however often it is sent. Personal data: to be hashed."""
        at = "" if self.at is None else self.at.isoformat()
        return ("sms", self.sender or "", self.receiver or "", at, self.text)


@dataclass(frozen=True)
class PushedReport:
    """Somebody says that a message has come to a state."""

    row: ReportRow

    @property
    def provider_reference(self) -> str:
        """What the message's action is known by (`Taken.provider_reference`), whether or not ours is echoed."""
        return provider_reference(self.row.job, self.row.phone)

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells it from others, the same however often it is sent. Personal data: to be hashed."""
        return ("report", self.row.job, self.row.phone or "", str(self.row.status))


Pushed = IncomingSms | PushedReport


def read_push(body: bytes, *, content_type: str = "", query: Mapping[str, str] | None = None) -> list[Pushed]:
    """Everything that a call says, from its body, or from its query where the body is empty.

    Raises `ProviderFailure` answer_malformed when nothing in it can be made out.
    """
    pushed = [each for record in _records(body, content_type, query or {}) if (each := read_record(record)) is not None]
    if not pushed:
        raise ProviderFailure("permanent", "answer_malformed")
    return pushed


def read_record(record: Mapping[str, Any]) -> Pushed | None:
    """One record; None when it is neither a report nor a message."""
    values = plain(record)
    if _first(values, _JOB) is not None and whole_number(_first(values, _STATUS)) is not None:
        return PushedReport(
            report_row(
                {
                    "jobid": _first(values, _JOB),
                    "number": _first(values, _NUMBER),
                    "status": _first(values, _STATUS),
                    "errorCode": _first(values, _ERROR),
                    "msglen": _first(values, _PARTS),
                    "referansID": _first(values, _REFERENCE),
                    "deliveredDate": _first(values, _DELIVERED),
                }
            )
        )
    if _first(values, _SENDER) is not None and isinstance(_first(values, _TEXT), str | int):
        return incoming_sms(values)
    return None


def incoming_sms(record: Mapping[str, Any]) -> IncomingSms:
    """A message of the inbox or of a push. Raises `ProviderFailure` wrong_type without its text."""
    values = plain(record)
    text = _first(values, _TEXT)
    if isinstance(text, int):  # a message of digits alone, in JSON of a careless sender
        text = str(text)
    if not isinstance(text, str):
        raise ProviderFailure("transient", "wrong_type", field="message")
    return IncomingSms(
        sender=e164(_first(values, _SENDER)),
        receiver=e164(_first(values, _RECEIVER)),
        text=text,
        at=read_time(_first(values, _AT)),
    )


def _records(body: bytes, content_type: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    if not body.strip():
        yield query
        return
    document = _json(body)
    if document is None or "form" in content_type.lower():
        document = dict(_pairs(body)) if document is None else document
    yield from _unpacked(document)


def _unpacked(document: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(document, list):
        for each in cast("list[object]", document)[:_MOST_RECORDS]:
            yield from _unpacked(each, depth + 1)
    elif isinstance(document, dict):
        record = cast("dict[str, Any]", document)
        inner = [value for name, value in record.items() if name.lower() in _WRAPPERS and _holds(value)]
        if not inner:
            yield record
        for each in inner:
            yield from _unpacked(each, depth + 1)


def _holds(value: object) -> bool:
    return isinstance(value, list | dict)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record under small names without separators: `errorCode`, `error_code` and `ErrorCode` are one."""
    return {name.lower().replace("_", "").replace("-", ""): value for name, value in record.items()}


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((values[name] for name in names if values.get(name) not in (None, "")), None)
