"""What a change from one action to another owes the rows that are loaded."""

from __future__ import annotations

from typing import Any

import pytest

from kvkk_policies.tightening import Applied, is_cut, tightening
from kvkk_policies.vocabulary import ACTIONS, ActionName


def applied(action: ActionName, **params: Any) -> Applied:
    return Applied(action, params)


PARAMS: dict[str, dict[str, Any]] = {"partial": {"last": 4}, "generalise": {"to": "prefix", "length": 6}}


@pytest.mark.parametrize("action", ACTIONS)
def test_the_same_action_owes_nothing(action: ActionName) -> None:
    same = applied(action, **PARAMS.get(action, {}))
    assert not tightening(same, same).owes
    assert not tightening(same, same).needs_sync


@pytest.mark.parametrize("action", [action for action in ACTIONS if action != "keep"])
def test_keeping_again_rewrites_nothing_and_needs_a_sync(action: ActionName) -> None:
    change = tightening(applied(action, **PARAMS.get(action, {})), applied("keep"))
    assert not change.owes
    assert change.needs_sync


@pytest.mark.parametrize("action", [action for action in ACTIONS if action not in ("keep", "drop")])
def test_values_in_clear_are_masked_and_need_no_sync(action: ActionName) -> None:
    change = tightening(applied("keep"), applied(action, **PARAMS.get(action, {})))
    assert change.landed == "mask"
    assert not change.needs_sync


@pytest.mark.parametrize("action", [action for action in ACTIONS if action != "drop"])
def test_dropping_empties_whatever_was_there(action: ActionName) -> None:
    change = tightening(applied(action, **PARAMS.get(action, {})), applied("drop"))
    assert (change.landed, change.drops, change.needs_sync) == ("empty", True, False)


@pytest.mark.parametrize(
    ("was", "now", "landed", "needs_sync"),
    [
        (applied("vault"), applied("pseudonymise"), "nothing", False),
        (applied("pseudonymise"), applied("vault"), "nothing", True),
        (applied("vault"), applied("partial", last=4), "nothing", True),
        (applied("partial", last=4), applied("vault"), "empty", True),
        (applied("scan"), applied("pseudonymise"), "empty", True),
        (applied("generalise", to="ip"), applied("pseudonymise"), "empty", True),
        (applied("partial", first=2, last=4), applied("partial", last=4), "empty", True),
        (applied("partial", last=2), applied("partial", last=4), "nothing", True),
        (applied("partial", last=2), applied("partial", show="province"), "empty", True),
        (applied("generalise", to="time", unit="hour"), applied("generalise", to="time", unit="day"), "mask", False),
        (applied("generalise", to="time", unit="month"), applied("generalise", to="time", unit="day"), "nothing", True),
        (applied("generalise", to="place"), applied("generalise", to="place", decimals=1), "mask", False),
        (applied("generalise", to="place", decimals=0), applied("generalise", to="place"), "nothing", True),
        (
            applied("generalise", to="prefix", length=6),
            applied("generalise", to="prefix", length=4),
            "mask",
            False,
        ),
        (applied("generalise", to="band", edges=[1]), applied("generalise", to="band", edges=[2]), "empty", True),
        (applied("generalise", to="ip"), applied("generalise", to="prefix", length=2), "empty", True),
        (applied("vault", keep_matching=r"^\d{2,5}$"), applied("vault"), "mask", False),
        (applied("vault"), applied("vault", keep_matching=r"^\d{2,5}$"), "nothing", False),
        (applied("scan"), applied("scan", vault=True), "nothing", True),
        (applied("scan", vault=True), applied("scan"), "nothing", False),
        (applied("drop"), applied("vault"), "nothing", True),
    ],
)
def test_what_follows_is_derived_and_what_does_not_is_emptied(
    was: Applied, now: Applied, landed: str, *, needs_sync: bool
) -> None:
    change = tightening(was, now)
    assert (change.landed, change.needs_sync) == (landed, needs_sync)


@pytest.mark.parametrize(
    ("was", "now", "retires"),
    [
        (applied("vault"), applied("pseudonymise"), True),
        (applied("vault"), applied("drop"), True),
        (applied("vault"), applied("keep"), False),
        (applied("scan", vault=True), applied("scan"), True),
        (applied("scan", vault=True), applied("drop"), True),
        (applied("pseudonymise"), applied("drop"), False),
        (applied("keep"), applied("vault"), False),
    ],
)
def test_originals_go_with_the_action_that_kept_them(was: Applied, now: Applied, *, retires: bool) -> None:
    assert tightening(was, now).retires is retires


def test_a_value_that_was_cut_is_known_by_its_marks() -> None:
    pseudonym = "phone_" + "a" * 26
    assert is_cut("*********0001")
    assert is_cut(f"ara <TR_PHONE:{pseudonym}>")
    assert not is_cut("0532 000 00 01")
    assert not is_cut(pseudonym)
    assert not is_cut(None)
