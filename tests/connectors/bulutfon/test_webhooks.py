"""Bulutfon's calls: any spelling, JSON or form, and never more than a hint."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.bulutfon.webhooks import WEBHOOKS
from connectors.webhooks import Account, Call, CallMalformed, Meaning, ReadAgain, Standing

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
HANGUP: dict[str, Any] = {
    "event_type": "call_hangup",
    "caller": 905550000002,
    "callee": 908500000001,
    "uuid": "b75d34a7-0000-4801-8530-406c6aea0e02",
    "direction": "IN",
    "timestamp": 1780297420000000,
    "hangup_cause": "NORMAL_CLEARING",
}

NOW = datetime.now(UTC)


def said(**fields: Any) -> bytes:
    return json.dumps(HANGUP | fields).encode()


def meant(body: bytes, **headers: str) -> list[Meaning]:
    (event,) = WEBHOOKS.events(Call(body, headers))
    return list(WEBHOOKS.meanings(event, Standing(False, NOW)))


def test_nothing_is_signed_and_so_nothing_is_verified() -> None:
    assert WEBHOOKS.verify(Call(said(), {"authorization": "Basic x"}), Account({})) == "unsigned"


def test_an_event_is_the_same_in_either_form() -> None:
    form = urlencode(HANGUP).encode()
    (from_json,), (from_form,) = WEBHOOKS.events(Call(said())), WEBHOOKS.events(Call(form, FORM))
    assert (from_json.event_id, from_json.kind) == (from_form.event_id, from_form.kind)
    assert from_json.kind == "call_hangup"


def test_two_events_of_one_call_are_two() -> None:
    calls = [said(), said(event_type="call_init"), said(destination=101), said(timestamp=1)]
    assert len({WEBHOOKS.events(Call(call))[0].event_id for call in calls}) == 4


def test_a_call_that_is_over_is_worth_a_look_and_one_that_rings_is_not() -> None:
    assert meant(said()) == meant(said(event_type="missing_call")) == [ReadAgain()]
    for rings in ("call_init", "incoming_call_extension", "call_init_manu", "call_init_menu", "fax_init"):
        assert meant(said(event_type=rings)) == []


def test_a_repeated_key_is_no_fault_and_a_missing_one_is() -> None:
    twice = said().replace(b"}", b', "hangup_cause": "USER_BUSY"}')
    assert meant(twice) == [ReadAgain()]
    for body in (b"{}", said(uuid=""), said(event_type=None), b"[1]", b"x"):
        with pytest.raises(CallMalformed):
            WEBHOOKS.events(Call(body))
