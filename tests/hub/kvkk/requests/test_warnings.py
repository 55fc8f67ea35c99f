"""Warnings of applications, at times that the test says: in Istanbul's days, once each, to whom it concerns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from dagster import build_schedule_context
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from connectors.secret import Secret
from hub.kvkk.requests import answering, handling
from hub.kvkk.requests.answering import Refusal
from hub.kvkk.requests.record import Request
from hub.kvkk.requests.warnings import Warned, days_reached, pending, warn
from resources.engine import HubResource
from schedules.request_warnings import request_warnings_job, request_warnings_schedule
from tests.hub.kvkk.requests.conftest import RECEIVED, TCKN, DeskOf

if TYPE_CHECKING:
    from hub.keys.keyring import Keyring
    from hub.settings import Settings

DPO, HANDLER = "kvkk@kiraci.invalid", "uzman@kiraci.invalid"
ISTANBUL = ZoneInfo("Europe/Istanbul")


@pytest.fixture
def desk(make_desk: Callable[..., DeskOf]) -> DeskOf:
    return make_desk(settings=Jsonb({"dpo_email": DPO}))


def day(number: int, **more: int) -> datetime:
    return RECEIVED + timedelta(days=number, **more)


def warned(desk: DeskOf, now: datetime) -> Warned:
    """Only this tenant's: others of the session are warned of as well."""
    before = mails(desk)
    warn(desk.database, desk.keyring, now)
    return Warned(
        len(desk.rows("SELECT 1 FROM hub.request_events WHERE event = 'warn'")), len(mails(desk)) - len(before)
    )


def mails(desk: DeskOf) -> list[tuple[str, str]]:
    """Template and recipient of what is queued."""
    keys: Keyring = desk.keyring
    return [
        (template, keys.tenant(desk.tenant_id).open("mail-recipient", str(mail_id), bytes(cipher)).decode())
        for template, mail_id, cipher in desk.rows(
            "SELECT template, mail_id, recipient_cipher FROM hub.mails ORDER BY created_at, about"
        )
    ]


def assigned(desk: DeskOf) -> Request:
    request = desk.open("object_automated")
    handling.assign(
        desk.database,
        desk.keyring,
        desk.tenant_id,
        request.request_id,
        "uzman",
        actor=desk.actor,
        email=Secret(HANDLER),
        now=RECEIVED,
    )
    return request


def test_contact_and_handler_are_warned_at_day_20_and_27_and_when_it_is_late(desk: DeskOf) -> None:
    request = assigned(desk)
    told: list[list[tuple[str, str]]] = []
    for number in (20, 27, 30):
        warned(desk, day(number, microseconds=-1))
        before = mails(desk)
        warned(desk, day(number))
        told.append(mails(desk)[len(before) :])

    assert told == [
        [("request_warning", DPO), ("request_warning", HANDLER)],
        [("request_warning", DPO), ("request_warning", HANDLER)],
        [("request_overdue", DPO), ("request_overdue", HANDLER)],
    ]
    assert desk.read(request.request_id).warned_days == [20, 27, 30]
    assert desk.history(request.request_id) == ["open", "assign", "warn", "warn", "warn"]


def test_the_days_are_counted_at_the_time_of_receipt_in_istanbul(desk: DeskOf) -> None:
    request = desk.open()
    local = request.due_at.astimezone(ISTANBUL)

    assert request.received_at.astimezone(ISTANBUL).strftime("%H:%M") == local.strftime("%H:%M") == "23:30"
    assert warned(desk, datetime(2026, 3, 22, 23, 29, 59, tzinfo=ISTANBUL)) == (0, 0, 0)
    assert warned(desk, datetime(2026, 3, 22, 23, 30, tzinfo=ISTANBUL)) == (1, 1, 0)


def test_nobody_is_warned_of_the_same_thing_twice(desk: DeskOf) -> None:
    desk.open()

    assert [warned(desk, day(20, hours=hour)).mails for hour in range(4)] == [1, 0, 0, 0]


def test_two_looks_at_the_same_time_warn_once(desk: DeskOf, monkeypatch: pytest.MonkeyPatch) -> None:
    request = desk.open()
    seen = [each for each in pending(desk.database, day(20)) if each.request_id == request.request_id]
    monkeypatch.setattr("hub.kvkk.requests.warnings.pending", lambda *_: seen)  # both saw it before either wrote

    assert [warn(desk.database, desk.keyring, day(20)) for _ in range(2)] == [(1, 1, 0), (0, 0, 0)]
    assert desk.history(request.request_id) == ["open", "warn"]


def test_whoever_was_not_looked_at_for_a_week_gets_one_mail_and_not_two(desk: DeskOf) -> None:
    request = desk.open()

    assert warned(desk, day(28)) == (1, 1, 0)
    assert desk.read(request.request_id).warned_days == [20, 27]
    assert warned(desk, day(31)) == (2, 1, 0)


def test_an_answered_request_warns_nobody(desk: DeskOf) -> None:
    request = desk.open()
    answering.refuse(
        desk.database,
        desk.keyring,
        desk.tenant_id,
        request.request_id,
        Secret("Ret"),
        Refusal("exempt"),
        actor=desk.actor,
        now=day(19),
    )

    assert warned(desk, day(40)) == (0, 0, 0)


def test_a_tenant_without_a_contact_sees_it_in_the_history_alone(make_desk: Callable[..., DeskOf]) -> None:
    for settings in ({}, {"dpo_email": "kvkk masası"}):
        desk = make_desk(settings=Jsonb(settings))
        request = desk.open()

        assert warned(desk, day(20)) == (1, 0, 0)
        assert desk.rows("SELECT details FROM hub.request_events WHERE event = 'warn'") == [
            ({"days": [20], "mails": 0, "undeliverable": ["dpo"] if settings else []},)
        ]
        assert desk.read(request.request_id).warned_days == [20]


def test_one_tenants_wrong_setting_keeps_no_other_from_being_warned(
    make_desk: Callable[..., DeskOf], desk: DeskOf
) -> None:
    broken = make_desk()
    broken.open(received_at=RECEIVED - timedelta(days=1))
    with broken.database.tenant(broken.tenant_id, "app") as connection:
        connection.execute("UPDATE hub.tenants SET settings = %s", (Jsonb({"request_answer_days": "otuz"}),))
    desk.open()

    assert warn(desk.database, desk.keyring, day(20)).failed >= 1
    assert mails(desk) == [("request_warning", DPO)]
    with broken.database.tenant(broken.tenant_id, "app") as connection:
        connection.execute("UPDATE hub.tenants SET settings = '{}'")


def test_a_shorter_promise_is_warned_of_as_long_before_its_end(make_desk: Callable[..., DeskOf]) -> None:
    desk = make_desk(settings=Jsonb({"dpo_email": DPO, "request_answer_days": 15}))
    desk.open()

    assert [warned(desk, day(number)).mails for number in (4, 5, 11, 12, 14, 15)] == [0, 1, 0, 1, 0, 1]


def test_what_the_mail_says_is_ids_and_dates(desk: DeskOf) -> None:
    from hub.mail.queue import claim
    from hub.mail.templates import render

    request = desk.open()
    warned(desk, day(27))
    [(mail_id,)] = desk.rows("SELECT mail_id FROM hub.mails")
    mail = claim(desk.database, desk.keyring.tenant(desk.tenant_id), mail_id)
    assert mail is not None
    rendered = render(mail.template, mail.language, mail.fields)

    assert str(request.request_id) in rendered.subject
    assert "3 gün kaldı" in rendered.subject
    assert "01.04.2026 23:30" in rendered.text
    assert not [marker for marker in (TCKN, "Denemeoğlu", "ayse@") if marker in rendered.text + rendered.html]


@given(
    due=st.integers(0, 60 * 60 * 24 * 366 * 10).map(lambda seconds: RECEIVED + timedelta(seconds=seconds)),
    hours=st.integers(-400, 400),
)
def test_a_warning_once_reached_stays_reached(due: datetime, hours: int) -> None:
    now = due + timedelta(hours=hours)
    reached = days_reached(due, now)

    assert set(reached) <= set(days_reached(due, now + timedelta(hours=1)))
    assert (30 in reached) == (hours >= 0)
    assert (27 in reached) == (hours >= -72)
    assert (20 in reached) == (hours >= -240)


def test_the_schedule_starts_a_run_only_when_somebody_must_know(
    desk: DeskOf, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setattr("kvkk_policies.detect.ColumnScanner", lambda: None)
    warn(desk.database, desk.keyring)  # what other tests left behind
    schedule = request_warnings_schedule(request_warnings_job())

    def tick() -> Any:
        with build_schedule_context(resources={"hub": HubResource()}) as context:
            return schedule.evaluate_tick(context)

    assert tick().run_requests == []
    request = desk.open(received_at=RECEIVED)  # long overdue by the database's clock
    assert [each.request_id for each in pending(desk.database)] == [request.request_id]
    assert len(tick().run_requests) == 1
    assert request_warnings_job().execute_in_process(resources={"hub": HubResource()}).success
    assert tick().run_requests == []
    assert mails(desk) == [("request_overdue", DPO)]
