"""What may be asked for at all: every field of a request is held against its rule, and no value is repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.outbox.enqueue import NewAction

LONGEST_NAME = 200
"""Characters of a key, and of whatever names a thing and no person."""


def require_right(actions: Sequence[NewAction], kinds: Sequence[ActionKind], where: Sequence[str]) -> None:
    """`InvalidInput` with every problem of every action; `where` stands before its fields."""
    problems = [
        Problem(f"{at}{each.field}", each.code, each.params)
        for new, kind, at in zip(actions, kinds, where, strict=True)
        for each in _problems(new, kind)
    ]
    if problems:
        raise InvalidInput(problems)


def shown(kind: ActionKind, payload: Mapping[str, Any], where: str) -> dict[str, str | int]:
    """What a listing shows of a checked payload. `InvalidInput` for what cannot be printed: no table stores it."""
    found = dict(kind.summary(payload))
    wrong = [name for name, value in found.items() if isinstance(value, str) and not value.isprintable()]
    if wrong:
        fields = (f"payload.{name}" if name in payload else "payload" for name in wrong)
        raise InvalidInput([Problem(f"{where}{field}", "field_wrong") for field in fields])
    return found


def _problems(new: NewAction, kind: ActionKind) -> Iterator[Problem]:
    yield from _named("idempotency_key", new.idempotency_key)
    for name in ("about", "template", "purpose"):
        value: str | None = getattr(new, name)
        # An empty purpose is none: what needs one says so below.
        if value:
            yield from _named(name, value)
    if not 0 <= new.priority <= 9:
        yield Problem("priority", "field_between", {"least": 0, "most": 9})
    yield from _times(new, kind)
    if new.commercial and not kind.is_message:
        yield Problem("commercial", "action_is_no_message", {"kind": kind.name})
    if new.commercial and not new.purpose:
        yield Problem("purpose", "field_missing")
    if kind.says_commercial is not None and kind.says_commercial(new.payload) != new.commercial:
        yield Problem("payload.commercial", "action_commercial_differs")
    for each in kind.check(new.payload):
        yield Problem(f"payload.{each.path}", each.code, dict(each.params))


def _named(name: str, value: str) -> Iterator[Problem]:
    if not 1 <= len(value) <= LONGEST_NAME:
        yield Problem(name, "field_length", {"least": 1, "most": LONGEST_NAME})
    elif not value.isprintable():
        yield Problem(name, "field_wrong")


def _times(new: NewAction, kind: ActionKind) -> Iterator[Problem]:
    zoned = True
    for name, moment in (("not_before", new.not_before), ("not_after", new.not_after)):
        if moment is not None and moment.tzinfo is None:
            zoned = False
            yield Problem(name, "field_without_time_zone")
    if new.not_before is not None and kind.expires_after is not None:
        yield Problem("not_before", "action_cannot_wait", {"kind": kind.name})
    if zoned and new.not_before is not None and new.not_after is not None and new.not_after <= new.not_before:
        yield Problem("not_after", "action_ends_before_it_begins")
