"""Calls, one row each, and whether a recording of them exists."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.bulutfon.parties import PARTY_KINDS, number_text
from connectors.bulutfon.settings import TRAILING
from connectors.contract import Belonging, Hours, Stream
from connectors.fields import RecordMap, field, to_decimal, to_moment


def moment(value: Any) -> datetime | None:
    """A moment with its offset; empty text means that there was none."""
    return None if value == "" else to_moment(value)


def _price(value: Any) -> Decimal | None:
    return None if value == "" else to_decimal(value)


def availability(value: Any) -> str:
    """YES, NO or REMOVED. The second generation writes the recording's address in place of YES.

    The address opens the recording to whoever has it, so nothing of it is passed on.
    """
    if isinstance(value, bool):
        return "YES" if value else "NO"
    if not isinstance(value, str):
        raise TypeError
    word = value.strip().upper()
    if word in ("YES", "NO", "REMOVED"):
        return word
    return "YES" if value.lower().startswith(("http://", "https://", "/")) else "OTHER"


def _upper(value: Any) -> str | None:
    if not isinstance(value, str):
        raise TypeError
    return value.upper() or None


CALL = RecordMap(
    (
        field("uuid", "text", "The call", name="call_id", required=True),
        field("bf_calltype", "text", "voice or fax", name="call_type"),
        field(
            "direction",
            "text",
            "IN from outside, OUT to outside, LOCAL between extensions",
            allowed=("IN", "OUT", "LOCAL"),
            convert=_upper,
        ),
        field(
            None,
            "text",
            "What stands as the caller: a phone, a short number of the tenant's own, nothing (withheld), or other",
            name="caller_kind",
            required=True,
            allowed=PARTY_KINDS,
        ),
        field(None, "text", "What stands as the callee", name="callee_kind", required=True, allowed=PARTY_KINDS),
        field(None, "text", "Menu, group or extension that called", name="caller_short"),
        field(None, "text", "Menu, group, extension or service number that was called", name="callee_short"),
        field(
            None,
            "text",
            "The phone outside: the caller's of an IN call, the callee's of any other",
            name="customer_phone",
        ),
        field(None, "text", "The tenant's own line of the call", name="our_number"),
        field("extension", "text", "Extension or line that called out", convert=number_text),
        field("call_time", "timestamp", "When it began", required=True, convert=moment),
        field("answer_time", "timestamp", "When somebody answered", convert=moment),
        field("hangup_time", "timestamp", "When it ended", convert=moment),
        field(None, "bool", "Whether somebody answered", name="answered", required=True),
        field(None, "bool", "Whether it had not ended yet when it was read", name="in_progress", required=True),
        field("missing_call", "bool", "Whether Bulutfon counts it as missed", name="missed"),
        field(
            None, "int", "Seconds until somebody answered, or until it ended unanswered", name="wait_seconds", minimum=0
        ),
        field(None, "int", "Seconds from answer to end", name="talk_seconds", minimum=0),
        field("call_price", "decimal", "Price of an OUT call, in lira", minimum=0, convert=_price),
        field("hangup_cause", "text", "Why it ended, for example NORMAL_CLEARING"),
        field("hangup_state", "text", "Who ended it and how, for example recv_bye"),
    )
)

RECORDING = RecordMap(
    (
        field("uuid", "text", "The call that was recorded", name="call_id", required=True),
        field("call_time", "timestamp", "When the call began", required=True, convert=moment),
        field(
            "call_record",
            "text",
            "Whether a recording can be heard at Bulutfon: YES, NO, or REMOVED when it was deleted",
            name="availability",
            required=True,
            allowed=("YES", "NO", "REMOVED"),
            convert=availability,
        ),
    )
)

_PLAN = Hours(trailing=TRAILING, span=timedelta(days=7), first_depth=timedelta(days=90))

CALLS = Stream(
    name="calls",
    title="Bulutfon calls",
    description="Calls of the cloud switchboard, with the outside party apart from the tenant's own numbers.",
    columns=CALL.columns,
    key=("call_id",),
    plan=_PLAN,
)
RECORDINGS = Stream(
    name="recordings",
    title="Bulutfon recordings",
    description="Whether a call's recording exists. Neither the audio nor its address is ever fetched.",
    columns=RECORDING.columns,
    key=("call_id",),
    plan=_PLAN,
    parent=CALLS.name,
    belongs_to=(Belonging(CALLS.name, ("call_id",), ("call_id",)),),
)
