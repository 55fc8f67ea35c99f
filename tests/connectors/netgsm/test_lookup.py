from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.actions import Absent, Act, CannotTell, Finding, Found, Taken
from connectors.netgsm.actions import OTP, WHATSAPP_OTP, open_sms
from connectors.netgsm.reports import report_row
from connectors.sandbox.faults import Fault
from connectors.sandbox.netgsm.messages import FINAL_STATUSES
from connectors.sandbox.server import Sandbox
from tests.connectors.netgsm.acting import HEADER, TO, act, attempted, look_up, magic, perform, sms, spec_of
from tests.connectors.raw_server import Script, http, raw_server
from tests.connectors.stand_still import START, StandStill, spec_at

REPORT = "/sms/rest/v2/report"
LATER = timedelta(minutes=20)


def done(sandbox: Sandbox, company: str, acts: Sequence[Act], **settings: Any) -> list[Act]:
    """The acts as the outbox knows them after they were taken."""
    outcomes = perform(spec_of(sandbox, company, **settings), acts)
    assert all(isinstance(outcome, Taken) for outcome in outcomes)
    return [
        attempted(each, provider_reference=outcome.provider_reference)
        for each, outcome in zip(acts, outcomes, strict=True)
        if isinstance(outcome, Taken)
    ]


def told(rows: list[dict[str, Any]], acts: Sequence[Act], time: StandStill | None = None) -> list[Finding]:
    """What a look-up makes of rows that a server tells in pages of a hundred."""
    pages: list[Script] = []
    for start in range(0, len(rows) + 1, 100):
        page = rows[start : start + 100]
        pages.append(http(200, json.dumps({"code": "00", "jobs": page}).encode()) if page else _nothing())

    async def run() -> list[Finding]:
        async with raw_server(*pages) as server, httpx.AsyncClient(trust_env=False) as shared:
            # A number of its own: ports come again, and with them the limit of whoever asked there before.
            keys = {"usercode": secrets.token_hex(8), "password": "p"}
            clock = (time or StandStill(START + LATER)).clock()
            async with open_sms(spec_at(server.url, keys, msgheader=HEADER), shared, clock=clock) as performer:
                return list(await performer.look_up(acts))

    return asyncio.run(run())


def _nothing() -> bytes:
    return http(406, b'{"code":"60"}')


def row(**fields: Any) -> dict[str, Any]:
    return {"jobid": "1", "number": "905321234567", "status": 1, "msglen": 1, "errorCode": 0, **fields}


class TestByJob:
    def test_a_message_waits_and_is_delivered_as_time_passes(self, moving_sandbox: Sandbox) -> None:
        (mine,) = done(moving_sandbox, "c", [act("r1", sms())])
        connection = spec_of(moving_sandbox, "c", sms_part_price="0.20")
        (waiting,) = look_up(connection, [mine])
        moving_sandbox.advance(minutes=2)
        (delivered,) = look_up(connection, [mine])
        assert isinstance(waiting, Found)
        assert isinstance(delivered, Found)
        assert (waiting.state, delivered.state) == ("accepted", "delivered")
        assert delivered.facts == {"status": 1, "error": 0, "parts": 1}
        assert (delivered.provider_reference, str(delivered.cost)) == (mine.provider_reference, "0.20")

    def test_each_end_has_its_code_and_costs_what_was_estimated(self, moving_sandbox: Sandbox) -> None:
        endings = sorted(FINAL_STATUSES)
        acts = done(moving_sandbox, "c", [act(f"e{end}", sms(magic(f"{end:03d}"))) for end in endings])
        moving_sandbox.advance(minutes=2)
        found = look_up(spec_of(moving_sandbox, "c", sms_part_price=1), acts)
        assert [(each.state, each.code, each.cost) for each in found if isinstance(each, Found)] == [
            ("failed", str(end), None) for end in endings
        ]

    def test_a_second_message_with_the_same_text_to_the_same_number_is_a_duplicate(
        self, moving_sandbox: Sandbox
    ) -> None:
        first = done(moving_sandbox, "c", [act("d1", sms())])
        second = done(moving_sandbox, "c", [act("d2", sms())])
        moving_sandbox.advance(minutes=61)
        third = done(moving_sandbox, "c", [act("d3", sms())])
        moving_sandbox.advance(minutes=2)
        found = look_up(spec_of(moving_sandbox, "c"), [*first, *second, *third])
        assert [each.code for each in found if isinstance(each, Found)] == [None, "13", None]

    def test_many_jobs_are_one_question(self, sandbox: Sandbox) -> None:
        acts = [done(sandbox, "many", [act(f"m{index}", sms(text=f"{index}"))])[0] for index in range(8)]
        found = look_up(spec_of(sandbox, "many"), acts)
        assert all(isinstance(each, Found) for each in found)
        assert sandbox.world.requests["netgsm", "many", REPORT] == 1

    def test_a_job_that_the_report_does_not_show_was_accepted_all_the_same(self, sandbox: Sandbox) -> None:
        assert look_up(spec_of(sandbox, "c"), [attempted(act("r", sms()), provider_reference="123")]) == [CannotTell()]

    def test_without_an_echo_the_number_tells_where_only_one_has_it(self, sandbox: Sandbox) -> None:
        sandbox.world.withheld.add(("netgsm", "mute", "reference_echo"))
        others = ["+905331234567", "+905341234567", "+905341234567"]
        acts = [act(f"n{index}", sms(to, f"Metin {index}")) for index, to in enumerate(others)]
        found = look_up(spec_of(sandbox, "mute"), done(sandbox, "mute", acts))
        assert [type(each) for each in found] == [Found, CannotTell, CannotTell]

    def test_a_job_of_the_future_is_accepted_until_its_time(self, moving_sandbox: Sandbox) -> None:
        (mine,) = done(moving_sandbox, "c", [act("s", sms(start="2026-11-18T15:00:00+03:00"))])
        moving_sandbox.advance(hours=2)
        (before,) = look_up(spec_of(moving_sandbox, "c"), [mine])
        moving_sandbox.advance(hours=2)
        (after,) = look_up(spec_of(moving_sandbox, "c"), [mine])
        assert [each.state for each in (before, after) if isinstance(each, Found)] == ["accepted", "delivered"]


class TestByTime:
    def test_a_lost_answer_is_cleared_up_by_our_reference(self, sandbox: Sandbox) -> None:
        sandbox.world.faults.add(Fault("cut_after", company="lost", times=1))
        arrived, never = act("t1", sms()), act("t2", sms(text="Merhaba"))
        perform(spec_of(sandbox, "lost"), [arrived])
        sandbox.world.faults.add(Fault("cut_before", company="lost", times=1))
        perform(spec_of(sandbox, "lost"), [never])
        found = look_up(spec_of(sandbox, "lost"), [attempted(never), attempted(arrived)])
        assert found[0] == Absent()
        assert isinstance(found[1], Found)
        assert found[1].provider_reference == f"{sandbox.world.ledger.deeds(company='lost')[0].number}/5321234567"
        assert sandbox.world.requests["netgsm", "lost", REPORT] == 1, "attempts of one time are one question"

    def test_attempts_of_different_times_are_looked_for_apart(self, sandbox: Sandbox) -> None:
        connection = spec_of(sandbox, "apart")
        acts = [attempted(act("a", sms())), attempted(act("b", sms()), START - timedelta(days=3))]
        assert look_up(connection, acts) == [Absent(), Absent()]
        assert sandbox.world.requests["netgsm", "apart", REPORT] == 2

    def test_every_page_is_read_before_anything_is_called_absent(self, sandbox: Sandbox) -> None:
        people = [f"+90532{index:07d}" for index in range(2_000_000, 2_000_250)]
        done(sandbox, "pages", [act(f"g{index}", sms(to, f"{index}")) for index, to in enumerate(people)])
        assert look_up(spec_of(sandbox, "pages"), [attempted(act("g249", sms(people[249])))])[0] != Absent()
        assert look_up(spec_of(sandbox, "pages"), [attempted(act("g250", sms()))]) == [Absent()]
        assert sandbox.world.requests["netgsm", "pages", REPORT] == 6

    def test_what_was_not_read_is_not_called_absent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.netgsm.reports.REPORT_PAGES_READ", 12)
        rows = [row(referansID=f"o{index}") for index in range(1_200)]
        time = StandStill(START + LATER)
        assert told(rows, [attempted(act("mine", sms()))], time) == [CannotTell()]
        assert sum(time.slept) == 60, "ten pages a minute"

    def test_a_message_to_the_number_that_names_no_reference_may_be_it(self) -> None:
        mine = attempted(act("mine", sms()))
        assert told([row(referansID=None)], [mine]) == [CannotTell()]
        assert told([row(referansID="")], [mine]) == [CannotTell()]
        assert told([row(referansID=None, number="bozuk")], [mine]) == [CannotTell()]
        assert told([row(referansID=None, number="905339999999")], [mine]) == [Absent()]
        assert told([row(referansID="panel-7")], [mine]) == [Absent()]

    def test_the_furthest_of_two_with_our_reference_counts(self) -> None:
        rows = [row(status=14, referansID="mine"), row(jobid="2", referansID="mine"), row(status=0, referansID="mine")]
        (found,) = told(rows, [attempted(act("mine", sms()))])
        assert isinstance(found, Found)
        assert (found.state, found.provider_reference) == ("delivered", "2/5321234567")

    def test_a_report_that_cannot_be_asked_says_nothing(self, sandbox: Sandbox) -> None:
        sandbox.world.faults.add(Fault("server_error", company="away"))
        (by_time, by_job) = look_up(
            spec_of(sandbox, "away"),
            [attempted(act("a", sms())), attempted(act("b", sms()), provider_reference="1")],
        )
        assert isinstance(by_time, CannotTell)
        assert isinstance(by_job, CannotTell)
        assert by_time.failure is not None
        assert by_time.failure.code == "provider_error"

    def test_what_is_older_than_the_report_cannot_be_told(self, sandbox: Sandbox) -> None:
        old = attempted(act("o", sms()), START - timedelta(days=91))
        assert look_up(spec_of(sandbox, "old"), [old]) == [CannotTell()]
        assert sandbox.world.requests["netgsm", "old", REPORT] == 0

    def test_the_hubs_clock_may_be_ahead_of_netgsms(self, sandbox: Sandbox) -> None:
        perform(spec_of(sandbox, "skew"), [act("k", sms())])
        ahead = attempted(act("k", sms()), START + timedelta(minutes=29))
        assert isinstance(look_up(spec_of(sandbox, "skew"), [ahead])[0], Found)

    def test_one_that_netgsm_was_to_hold_back_is_looked_for_under_its_own_time(self, moving_sandbox: Sandbox) -> None:
        held = act("h", sms(start="2026-11-19T12:00:00+03:00"))
        perform(spec_of(moving_sandbox, "c"), [held])
        moving_sandbox.advance(hours=24, minutes=30)
        time = StandStill(moving_sandbox.world.clock.now())
        assert isinstance(look_up(spec_of(moving_sandbox, "c"), [attempted(held)], time=time)[0], Found)


class TestPasswords:
    def test_a_password_is_looked_up_by_its_job_and_never_called_absent(self, moving_sandbox: Sandbox) -> None:
        payload = {"to": TO, "text": "Kodunuz 1234"}
        (outcome,) = perform(spec_of(moving_sandbox, "c"), [act("o", payload)], OTP)
        assert isinstance(outcome, Taken)
        moving_sandbox.advance(minutes=2)
        acts = [
            attempted(act("x", payload)),
            attempted(act("o", payload), provider_reference=outcome.provider_reference),
        ]
        found = look_up(spec_of(moving_sandbox, "c"), acts, OTP)
        assert found[0] == CannotTell()
        assert isinstance(found[1], Found)
        assert found[1].state == "delivered"

    def test_nothing_is_known_of_passwords_by_whatsapp(self, sandbox: Sandbox) -> None:
        payload = {"to": TO, "code": "123456"}
        acts = [attempted(act("w", payload), provider_reference="wamid.1")]
        assert look_up(spec_of(sandbox, "c"), acts, WHATSAPP_OTP) == [CannotTell()]


class TestTheReportsLimit:
    def test_ten_questions_a_minute_whatever_else_is_allowed(self, sandbox: Sandbox) -> None:
        time = StandStill()
        for _ in range(2):
            look_up(spec_of(sandbox, "slowly"), [attempted(act("a", sms()))], time=time)
        acts = [attempted(act(f"q{day}", sms()), START - timedelta(days=day)) for day in range(0, 20, 2)]
        look_up(spec_of(sandbox, "slowly"), acts, time=time)
        assert time.slept == [60.0]

    def test_an_account_may_be_allowed_more(self, sandbox: Sandbox) -> None:
        time = StandStill()
        acts = [attempted(act(f"q{day}", sms()), START - timedelta(days=day)) for day in range(0, 30, 2)]
        look_up(spec_of(sandbox, "faster", reports_per_minute=60), acts, time=time)
        assert time.slept == []


@pytest.mark.parametrize(
    ("status", "state"), [(0, "accepted"), (1, "delivered"), (99, "accepted"), ("1", "delivered"), (None, "accepted")]
)
def test_a_status_that_nobody_listed_is_no_end(status: Any, state: str) -> None:
    assert report_row(row(status=status)).state == state


def test_a_row_is_read_under_either_name_of_its_number() -> None:
    record = row(telno="05321234567", deliveredDate="06.10.2026 14:30:12")
    del record["number"]
    found = report_row(record)
    assert found.phone == "5321234567"
    assert found.delivered_at is not None
    assert found.delivered_at.isoformat() == "2026-10-06T11:30:12+00:00"
    assert "5321234567" not in repr(found)
