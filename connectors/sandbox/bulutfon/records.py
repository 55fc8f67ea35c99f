"""A call as each generation writes it at a moment: what has not happened by then is not told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.istanbul import ISTANBUL
from connectors.sandbox.bulutfon.calls import passed_on
from connectors.sandbox.bulutfon.switchboard import MENU, extension_number

if TYPE_CHECKING:
    from connectors.sandbox.bulutfon.calls import Call
    from connectors.sandbox.company import Company

V2_TELLS_WHAT_V1_TELLS = True
"""Assumed: of the second generation only eight fields are seen in public."""


def first(call: Call, now: datetime) -> dict[str, Any]:
    """As the first generation lists it: numbers are integers, a withheld one is null."""
    caller, callee = _parties(call)
    record = {
        "uuid": call.uuid,
        "bf_calltype": "voice",
        "direction": call.direction,
        "caller": caller,
        "callee": callee,
    }
    if call.direction == "OUT":
        # The vendor's example shows the line, its text says extension: both come.
        shown = call.line.number if call.agent % 4 == 3 else extension_number(call.agent)
        record |= {"extension": str(shown)}
    return record | _fate(call, now) | {"call_record": _recording(call, now)}


def second(call: Call, now: datetime, *, recordings: str) -> dict[str, Any]:
    """As the second generation lists it: numbers are text, and a recording is told by an address that opens it."""
    caller, callee = _parties(call)
    there = _recording(call, now) == "YES"
    over = call.ended_at <= now
    record = {
        "uuid": call.uuid,
        "direction": call.direction,
        "caller": "anonymous" if caller is None else str(caller),
        "callee": str(callee),
        "caller_extension": str(extension_number(call.agent)) if call.direction == "OUT" else None,
        "duration": call.talk_seconds() if over else 0,
        "call_time": written(call.at),
        "call_record": f"{recordings}{call.uuid}" if there else "NO",
    }
    return {"bf_calltype": "voice", **_fate(call, now), **record} if V2_TELLS_WHAT_V1_TELLS else record


def flow(call: Call, now: datetime, company: Company) -> list[dict[str, Any]]:
    """The way of a call through menu, group and extensions, oldest step first."""
    if call.direction != "IN":
        return []
    ended = _by(call.ended_at, now)
    steps = [
        _step(call.line.number, call.at, None, None, _REDIRECTED[call.line.destination_type], call.line.destination)
    ]
    if call.line.destination == MENU and call.group is not None:
        steps.append(_step(MENU, call.at, None, None, "REDIRECTED_TO_GROUP", call.group))
    answered = _by(call.answered_at, now)
    reached = call.line.destination if call.group is None else call.group
    kind = "CONNECTING_TO_EXTENSION" if call.group is None else "CONNECTING_TO_GROUP"
    ringing = [_origination(call, agent, now, company) for agent in call.rang]
    steps.append(_step(reached, call.at, answered, ended, kind, None) | {"origination": ringing})
    if call.transferred_to is not None and answered:
        other = extension_number(call.transferred_to)
        # The one who took it first hands it over: both have answered.
        steps.append(_step(other, answered, answered, ended, "CONNECTING_TO_EXTENSION", None))
        steps[-1]["origination"] = [
            {
                "destination": other,
                "start_time": answered and written(answered),
                "answer_time": answered and written(answered),
                "hangup_time": ended and written(ended),
                "result": "ANSWERED",
            }
        ]
    return steps


_REDIRECTED = {
    "Auto attendant": "REDIRECTED_TO_MENU",
    "Group": "REDIRECTED_TO_GROUP",
    "Extension": "REDIRECTED_TO_EXTENSION",
}


def written(moment: datetime) -> str:
    """`2026-06-01T10:01:00+03:00`."""
    return moment.astimezone(ISTANBUL).isoformat(timespec="seconds")


def _parties(call: Call) -> tuple[int | None, int | None]:
    if call.direction == "IN":
        return call.outside, call.line.number
    if call.direction == "OUT":
        return call.line.number, call.outside
    return extension_number((call.agent + 3) % 8), extension_number(call.agent)


def _fate(call: Call, now: datetime) -> dict[str, Any]:
    answered, over = _by(call.answered_at, now), call.ended_at <= now
    return {
        "call_time": written(call.at),
        "answer_time": answered and written(answered),
        "hangup_time": written(call.ended_at) if over else None,
        "missing_call": over and call.direction == "IN" and call.answered_at is None,
        "call_price": call.price() if over else None,
        "hangup_cause": call.cause if over else None,
        "hangup_state": call.state if over else None,
    }


def _recording(call: Call, now: datetime) -> str:
    if call.removed_at is not None and call.removed_at <= now:
        return "REMOVED"
    return "YES" if call.recorded and call.ended_at <= now else "NO"


def _by(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment <= now else None


def _step(
    callee: int, start: datetime, answered: datetime | None, ended: datetime | None, kind: str, target: int | None
) -> dict[str, Any]:
    step = {
        "callee": callee,
        "start_time": written(start),
        "answer_time": answered and written(answered),
        "hangup_time": ended and written(ended),
        "redirection": kind,
    }
    return step if target is None else step | {"redirection_target": target}


def _origination(call: Call, agent: int, now: datetime, company: Company) -> dict[str, Any]:
    took = agent == call.agent and call.answered_at is not None
    number = extension_number(agent)
    if took and passed_on(call):
        number = int(company.employee(agent).phone.removeprefix("+"))
    answered = _by(call.answered_at, now)
    ended = _by(call.ended_at if took or answered is None else answered, now)
    lost = "LOSE_RACE" if call.answered_at is not None else "ORIGINATOR_CANCEL"
    return {
        "destination": number,
        "start_time": written(call.at),
        "answer_time": answered and written(answered) if took else None,
        "hangup_time": ended and written(ended),
        "result": "ANSWERED" if took else lost,
    }
