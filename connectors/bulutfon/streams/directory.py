"""The switchboard itself: extensions with the people behind them, groups, and the numbers under which it is called."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from connectors.bulutfon.parties import number_text
from connectors.contract import Snapshot, Stream
from connectors.fields import RecordMap, field, to_text

_RIGHTS = ("domestic", "gsm", "international")
_DAILY = timedelta(hours=24)
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHIFT = ("shift_start", "shift_finish", "lunch_break_start", "lunch_break_finish")
_CLOCK = re.compile(r"[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?")


def _rights(value: Any) -> str | None:
    """The known rights of an extension: `domestic,gsm`. Given as a list of words or as an object of booleans."""
    if isinstance(value, dict):
        given: set[Any] = {name for name, allowed in value.items() if allowed}  # pyright: ignore[reportUnknownVariableType]
    elif isinstance(value, list):
        given = {each for each in value if isinstance(each, str)}  # pyright: ignore[reportUnknownVariableType]
    else:
        raise TypeError
    return ",".join(name for name in _RIGHTS if name in given) or None


def _working_hours(value: Any) -> dict[str, dict[str, Any]]:
    """The known days with the known times of each. What else somebody put there is passed on by no policy."""
    if not isinstance(value, dict):
        raise TypeError
    told: dict[str, dict[str, Any]] = {}
    for day in _WEEK:
        hours: Any = value.get(day)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(hours, dict):
            told[day] = {name: each for name, each in hours.items() if _is_of_a_shift(name, each)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return told


def _is_of_a_shift(name: Any, value: Any) -> bool:
    if name == "open":
        return isinstance(value, bool)
    return name in _SHIFT and isinstance(value, str) and _CLOCK.fullmatch(value) is not None


def _plainly(value: Any) -> str:
    """Text of a field whose type is not told."""
    return ("true" if value else "false") if isinstance(value, bool) else to_text(value)


EXTENSION = RecordMap(
    (
        field("id", "text", "The extension", name="extension_id", required=True),
        field("number", "text", "Short number; a deleted extension's may be given to another", convert=number_text),
        field("caller_name", "text", "Name of the person behind it"),
        field("email", "text", "The person's e-mail address"),
        field("phone", "text", "The person's own telephone"),
        field("registered", "bool", "Whether a telephone is connected"),
        field("did", "text", "The tenant's line that it shows when it calls out", name="line", convert=number_text),
        field("did_id", "text", "The same as an id of `numbers`"),
        field("voice_mail", "json", "Voice mail of the extension"),
        field("redirection_type", "text", "When its calls go elsewhere: NONE, UNREACHABLE or ALWAYS"),
        field("destination_type", "text", "What they go to"),
        field("destination_number", "text", "Number that they go to", convert=number_text),
        field("external_number", "text", "Telephone outside that they go to"),
        field("acl", "text", "Where it may call: domestic, gsm, international", name="call_rights", convert=_rights),
    )
)

GROUP = RecordMap(
    (
        field("id", "text", "The group", name="group_id", required=True),
        field("number", "text", "Short number", convert=number_text),
        field("name", "text", "Name of the group"),
        field("timeout", "int", "Seconds until a call leaves the group", minimum=0),
        field("delay_time", "int", "Seconds between two telephones", minimum=0),
        field("ring_duration", "int", "Seconds that a telephone rings", minimum=0),
    )
)

MEMBER = RecordMap(
    (
        field(None, "text", "The group", name="group_id", required=True),
        field("id", "text", "The extension that belongs to it", name="extension_id", required=True),
        field("number", "text", "The extension's short number", convert=number_text),
    )
)

NUMBER = RecordMap(
    (
        field("id", "text", "The line", name="number_id", required=True),
        field("number", "text", "The number under which the tenant is called", convert=number_text),
        field(None, "text", "The same under a pseudonym, as calls name it: joins `calls.our_number`", name="line"),
        field("state", "text", "State of the line, for example CONFIRMED"),
        field("destination_type", "text", "What answers: Auto attendant, Group or Extension"),
        field("destination_id", "text", "Id of what answers"),
        field("destination_number", "text", "Number of what answers", convert=number_text),
        field("working_hour", "text", "Whether it has working hours", convert=_plainly),
        field(
            "working_hours",
            "json",
            "Shift and lunch break by day of the week, in local time",
            convert=_working_hours,
        ),
    )
)

EXTENSIONS = Stream(
    name="extensions",
    title="Bulutfon extensions",
    description="Telephones of the switchboard and the staff behind them, as they stand.",
    columns=EXTENSION.columns,
    key=("extension_id",),
    plan=Snapshot(),
    every=_DAILY,
    fresh_within=timedelta(hours=48),
)
GROUPS = Stream(
    name="groups",
    title="Bulutfon groups",
    description="Groups of extensions that ring together, as they stand.",
    columns=GROUP.columns,
    key=("group_id",),
    plan=Snapshot(),
    every=_DAILY,
    fresh_within=timedelta(hours=48),
)
MEMBERS = Stream(
    name="group_members",
    title="Bulutfon group members",
    description="Which extensions belong to a group; a member that left is not deleted. In the second generation no "
    "list of groups is known to name them, so with it there may never be any.",
    columns=MEMBER.columns,
    key=("group_id", "extension_id"),
    plan=Snapshot(),
    parent=GROUPS.name,
)
NUMBERS = Stream(
    name="numbers",
    title="Bulutfon numbers",
    description="Lines under which the tenant is called (DIDs), and what answers on them.",
    columns=NUMBER.columns,
    key=("number_id",),
    plan=Snapshot(),
    every=_DAILY,
    fresh_within=timedelta(hours=48),
)
