"""Landing rows of a switchboard: one call for everything that can become of one."""

from __future__ import annotations

from typing import Any

DAY = "2026-11-20"


def call(name: str, direction: str = "IN", /, **more: Any) -> dict[str, Any]:
    """A call of that name, answered after 10 seconds and talked for 60, with a phone outside."""
    outside, inside = ("caller", "callee") if direction == "IN" else ("callee", "caller")
    return {
        "call_id": name,
        "direction": direction,
        f"{outside}_kind": "phone",
        f"{inside}_kind": "phone",
        "customer_phone": "phone_" + "c" * 26,
        "call_time": f"{DAY}T10:00:00+03:00",
        "answer_time": f"{DAY}T10:00:10+03:00",
        "hangup_time": f"{DAY}T10:01:10+03:00",
        "answered": True,
        "in_progress": False,
        "missed": False,
        "wait_seconds": 10,
        "talk_seconds": 60,
    } | more


def unanswered(name: str, direction: str = "IN", /, **more: Any) -> dict[str, Any]:
    """A call that nobody answered for 30 seconds."""
    untold = {"answer_time": None, "answered": False, "talk_seconds": None, "wait_seconds": 30}
    return call(name, direction, **untold) | more


def ring(name: str, extension: str, *, taken: int | None = None, step: int = 2, **more: Any) -> dict[str, Any]:
    """An extension that rang for a call, and for how many seconds it was talked on."""
    answered = None if taken is None else f"{DAY}T10:00:10+03:00"
    return {
        "call_id": name,
        "step": step,
        "target": int(extension[-1]),
        "destination": extension,
        "destination_kind": "short",
        "start_time": f"{DAY}T10:00:00+03:00",
        "answer_time": answered,
        "hangup_time": None if taken is None else f"{DAY}T10:{(10 + taken) // 60:02d}:{(10 + taken) % 60:02d}+03:00",
        "result": "LOSE_RACE" if taken is None else "ANSWERED",
    } | more


CALLS = [
    call("plain"),
    call("handed-over", wait_seconds=20, talk_seconds=120),
    call("to-a-mobile", wait_seconds=3, talk_seconds=30),
    unanswered("missed", missed=True),
    unanswered("missed-untold", missed=None),
    unanswered("withheld", caller_kind="withheld", customer_phone=None, missed=True),
    call("going-on", hangup_time=None, in_progress=True, talk_seconds=None),
    call("dialled", "OUT", extension="1002", call_price="0.70"),
    unanswered("dialled-in-vain", "OUT", extension="1002"),
    call("dialled-from-a-line", "OUT", extension="phone_" + "l" * 26, caller_short=None),
    call(
        "inside", "LOCAL", caller_short="1001", caller_kind="short", callee_short="1002", callee_kind="short",
        customer_phone=None,
    ),
    call("late", call_time="2026-11-20T22:30:00Z"),
]  # fmt: skip
RINGS = [
    ring("plain", "1001", taken=60),
    ring("plain", "1002"),
    ring("handed-over", "1001", taken=40),
    ring("handed-over", "1003", taken=80, step=3),
    ring("to-a-mobile", "1003", taken=30, destination="phone_" + "m" * 26, destination_kind="phone"),
    ring("missed", "1001"),
    ring("never-listed", "1009", taken=5),
]
RECORDINGS = [
    {"call_id": "plain", "call_time": f"{DAY}T10:00:00+03:00", "availability": "YES"},
    {"call_id": "handed-over", "call_time": f"{DAY}T10:00:00+03:00", "availability": "REMOVED"},
]
EXTENSIONS = [
    {"extension_id": "1", "number": "1001", "caller_name": "name_" + "o" * 26},
    {"extension_id": "9", "number": "1001", "caller_name": "name_" + "n" * 26},
    {"extension_id": "2", "number": "1002", "caller_name": None},
]
"""1001 was given to somebody else, under a new id."""
