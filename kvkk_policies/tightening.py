"""What a changed policy owes the rows that are loaded already: nothing, masking them, or emptying what is left of them.

The rows hold what the old action left of a value, and only `keep` leaves the value itself. So a stricter action can be
applied to clear values alone; where the old action left a part (`partial`, `scan`, `generalise`) from which the new
form does not follow, that part goes and a new sync brings the new form. A pseudonym says least and may always stay,
except where the column is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from kvkk_policies.parameters import PLACE_DECIMALS_AT_MOST
from kvkk_policies.partial import HIDDEN
from kvkk_policies.vocabulary import ActionName

PSEUDONYM = "[a-z][a-z0-9_]*_[a-z2-7]{26}"
"""A pseudonym, for Python's and for Postgres' regular expressions: 128 bits, so no value in clear looks like one."""
MARKED = f"<[A-Z_]+:{PSEUDONYM}>"
"""What `scan` leaves where it found something."""
_MARKED = re.compile(MARKED)

_KEYED = ("pseudonymise", "vault")

Landed = Literal["nothing", "mask", "empty"]


class Treatment(Protocol):
    """What becomes of a column: a `ColumnPolicy`, or what is recorded of an earlier one."""

    @property
    def action(self) -> ActionName:
        """Which of the seven actions."""
        ...

    @property
    def params(self) -> Mapping[str, Any]:
        """What the action was told."""
        ...


@dataclass(frozen=True)
class Applied:
    """A treatment that was in force."""

    action: ActionName
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Tightening:
    """What a change owes. `landed`: what happens to values that are no pseudonyms yet.

    `drops`: pseudonyms go too. `retires`: originals in the vault that nothing else refers to go. `needs_sync`: only a
    new sync gives the rows the form that the new policy asks for.
    """

    landed: Landed = "nothing"
    drops: bool = False
    retires: bool = False
    needs_sync: bool = False

    @property
    def owes(self) -> bool:
        """Whether anything that is stored must change."""
        return self.landed != "nothing" or self.retires


def tightening(was: Treatment, now: Treatment) -> Tightening:
    """What the change from one treatment to another owes the rows loaded under the first."""
    if (was.action, dict(was.params)) == (now.action, dict(now.params)) or now.action == "keep":
        return Tightening(needs_sync=was.action != now.action)
    retires = _holds_originals(was) and not _holds_originals(now)
    if now.action == "drop":
        return Tightening("empty", drops=True, retires=retires)
    landed = _landed(was, now)
    return Tightening(landed, retires=retires, needs_sync=not _follows(was, now, landed))


def _holds_originals(treatment: Treatment) -> bool:
    return treatment.action == "vault" or (treatment.action == "scan" and bool(treatment.params.get("vault", False)))


def _follows(was: Treatment, now: Treatment, landed: Landed) -> bool:
    """Whether the rows (and the vault) then hold what a new sync would bring."""
    if was.action == "keep":
        return True
    if was.action in _KEYED:
        return now.action in _KEYED and (now.action == "pseudonymise" or was.action == "vault")
    return was.action == now.action and (landed == "mask" or (now.action == "scan" and _holds_originals(was)))


def _landed(was: Treatment, now: Treatment) -> Landed:
    if was.action == "keep":
        return "mask"
    if was.action == "drop":
        return "nothing"
    if was.action in _KEYED:
        kept = was.params.get("keep_matching")
        return "mask" if kept is not None and kept != now.params.get("keep_matching") else "nothing"
    if was.action != now.action:
        return "empty"
    if now.action == "partial":
        return _less_shown(was.params, now.params)
    return _coarser(was.params, now.params) if now.action == "generalise" else "nothing"


def _less_shown(was: Mapping[str, Any], now: Mapping[str, Any]) -> Landed:
    """Stars hide what another cut would need; a cut that shows no less than before leaves the rows alone."""
    if "show" in was or "show" in now:
        return "empty"
    return "nothing" if all(was.get(end, 0) <= now.get(end, 0) for end in ("first", "last")) else "empty"


_TIME_UNITS = ("hour", "day", "month")


def _coarser(was: Mapping[str, Any], now: Mapping[str, Any]) -> Landed:
    """Some coarser forms follow from finer ones: an hour has a day, six leading digits have four."""
    if was.get("to") != now.get("to"):
        return "empty"
    match now["to"]:
        case "time":
            return "mask" if _TIME_UNITS.index(now["unit"]) > _TIME_UNITS.index(was["unit"]) else "nothing"
        case "place":
            return "mask" if _decimals(now) < _decimals(was) else "nothing"
        case "prefix":
            return "mask" if now["length"] < was["length"] else "nothing"
        case _:
            return "empty"


def _decimals(params: Mapping[str, Any]) -> int:
    given = params.get("decimals")
    return PLACE_DECIMALS_AT_MOST if given is None else given


def is_cut(value: object) -> bool:
    """Whether an earlier `partial` or `scan` left its mark: from such a value no new form follows."""
    return isinstance(value, str) and (HIDDEN in value or _MARKED.search(value) is not None)
