"""The whole life of a request, and everything that may not happen in it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, get_args

import pytest

from connectors.secret import Secret
from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.requests import answering, handling, record, sealed
from hub.kvkk.requests.answering import Refusal
from hub.kvkk.requests.fees import Delivery, highest_fee
from hub.kvkk.requests.record import Request
from hub.kvkk.requests.summary import Standing, standings
from hub.kvkk.requests.transitions import DESK, MACHINE, TRANSITIONS, Act, after
from hub.kvkk.requests.vocabulary import REFUSAL_GROUNDS, State
from tests.hub.kvkk.requests.conftest import LATER, OTHER_TCKN, PHONE, TCKN, DeskOf

TEXT = Secret("Sayın Ayşe Denemeoğlu, talebiniz üzerine…")
OTHER = Actor("başkası", DESK)


def started(desk: DeskOf, type_: str = "object_automated", **fields: Any) -> Request:
    request = desk.identify(desk.open(type_, **fields))
    return handling.start(desk.database, desk.keyring, desk.tenant_id, request.request_id, actor=desk.actor, now=LATER)


def answered(desk: DeskOf, request: Request, **more: Any) -> Request:
    return answering.answer(
        desk.database,
        desk.keyring,
        desk.tenant_id,
        request.request_id,
        TEXT,
        actor=more.pop("actor", desk.actor),
        now=more.pop("now", LATER),
        **more,
    )


def refused_with(desk: DeskOf, request: Request, refusal: Refusal | None, **more: Any) -> Request:
    return answering.refuse(
        desk.database,
        desk.keyring,
        desk.tenant_id,
        request.request_id,
        TEXT,
        refusal,
        actor=more.pop("actor", desk.actor),
        now=LATER,
    )


def code_of(act: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(HubError) as refused:
        act(*arguments, **named)
    return refused.value.code


class TestTable:
    def test_every_act_has_a_line(self) -> None:
        assert set(TRANSITIONS) == set(get_args(Act))

    @pytest.mark.parametrize(("act", "state"), list(product(get_args(Act), get_args(State))))
    def test_an_act_in_a_state_that_its_line_does_not_name_is_refused(self, act: Act, state: State) -> None:
        line = TRANSITIONS[act]
        actor = Actor("x", MACHINE if line.who == "machine" else DESK)
        if state in line.sources:
            assert after(act, state, actor=actor, handler=None) == (line.target or state)
        else:
            assert code_of(after, act, state, actor=actor, handler=None) == "request_act_not_allowed"

    @pytest.mark.parametrize("act", get_args(Act))
    def test_a_person_does_not_do_the_machines_part_nor_the_machine_a_persons(self, act: Act) -> None:
        line = TRANSITIONS[act]
        wrong = Actor("x", DESK if line.who == "machine" else MACHINE)
        assert code_of(after, act, line.sources[0], actor=wrong, handler=None) == "request_role_wrong"

    @pytest.mark.parametrize("act", ["start", "answer", "refuse"])
    def test_what_is_assigned_is_done_by_nobody_else(self, act: Act) -> None:
        state = TRANSITIONS[act].sources[-1]
        assert code_of(after, act, state, actor=OTHER, handler="memur") == "request_not_yours"
        assert after(act, state, actor=OTHER, handler="başkası")

    def test_nothing_leads_out_of_closed_and_only_closing_out_of_answered(self) -> None:
        assert [act for act, line in TRANSITIONS.items() if "closed" in line.sources] == []
        assert [act for act, line in TRANSITIONS.items() if "answered" in line.sources] == ["close"]


class TestLife:
    def test_a_request_goes_from_receipt_to_closed_with_every_step_told_and_audited(self, desk: DeskOf) -> None:
        request = desk.open("object_automated")
        handling.ask(desk.database, desk.tenant_id, request.request_id, "tckn", actor=desk.actor, now=LATER)
        assert desk.read(request.request_id).state == "info_needed"
        desk.identify(request)
        handling.start(desk.database, desk.keyring, desk.tenant_id, request.request_id, actor=desk.actor, now=LATER)
        answered(desk, request)
        closed = answering.close(desk.database, desk.tenant_id, request.request_id, actor=desk.actor, now=LATER)

        steps = ["open", "ask", "confirm_identity", "start", "answer", "close"]
        assert (closed.state, closed.outcome, closed.handler) == ("closed", "accepted", "memur")
        assert desk.history(request.request_id) == steps
        audited = desk.rows("SELECT action FROM hub.audit_log WHERE request_id = %s ORDER BY seq", request.request_id)
        assert [row[0] for row in audited] == [f"request.{step}" for step in steps]

    def test_asking_for_more_does_not_stop_the_thirty_days(self, desk: DeskOf) -> None:
        request = desk.open()
        asked = handling.ask(desk.database, desk.tenant_id, request.request_id, "tckn", actor=desk.actor, now=LATER)

        assert asked.due_at == request.due_at

    def test_a_step_that_is_refused_leaves_no_trace_of_having_happened(self, desk: DeskOf) -> None:
        request = desk.open()

        assert code_of(answering.close, desk.database, desk.tenant_id, request.request_id, actor=desk.actor) == (
            "request_act_not_allowed"
        )
        assert desk.read(request.request_id) == request
        assert desk.history(request.request_id) == ["open"]
        assert desk.rows("SELECT count(*) FROM hub.audit_log") == [(1,)]

    def test_a_history_cannot_be_changed_or_shortened(self, desk: DeskOf) -> None:
        import psycopg

        desk.open()
        for statement in ("UPDATE hub.request_events SET actor = 'x'", "DELETE FROM hub.request_events"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), desk.database.tenant(desk.tenant_id, "app") as db:
                db.execute(statement)

    def test_another_tenants_request_is_unknown(self, desk: DeskOf, make_desk: Any) -> None:
        request = desk.open()

        assert code_of(make_desk().read, request.request_id) == "request_unknown"


class TestStart:
    def test_it_waits_for_the_identity(self, desk: DeskOf) -> None:
        request = desk.open()
        start = (handling.start, desk.database, desk.keyring, desk.tenant_id, request.request_id)

        assert code_of(*start, actor=desk.actor) == "request_identity_open"

    def test_it_waits_for_the_reviewer(self, desk: DeskOf) -> None:
        desk.knows(("tckn", OTHER_TCKN), ("phone", PHONE))
        request = desk.identify(desk.open(identifiers={"tckn": TCKN, "phone": PHONE}))
        start = (handling.start, desk.database, desk.keyring, desk.tenant_id, request.request_id)

        assert code_of(*start, actor=desk.actor) == "request_review_open"

    def test_it_sees_what_came_into_the_index_since_the_identity_was_checked(self, desk: DeskOf) -> None:
        request = desk.identify(desk.open(identifiers={"tckn": TCKN, "phone": PHONE}))
        desk.knows(("tckn", OTHER_TCKN), ("phone", PHONE))
        start = (handling.start, desk.database, desk.keyring, desk.tenant_id, request.request_id)

        assert code_of(*start, actor=desk.actor) == "request_review_open"
        assert desk.rows("SELECT decision FROM hub.request_subjects") == [("review",)]

    def test_the_hubs_own_part_is_queued_and_a_persons_part_is_not(self, desk: DeskOf) -> None:
        assert [started(desk, type_).work_state for type_ in ("access", "erase", "object_automated")] == [
            "pending",
            "pending",
            "none",
        ]

    def test_nobody_starts_it_twice(self, desk: DeskOf) -> None:
        request = started(desk)
        start = (handling.start, desk.database, desk.keyring, desk.tenant_id, request.request_id)

        assert code_of(*start, actor=desk.actor) == "request_work_running"


class TestAnswer:
    def test_the_text_is_sealed_and_opens_again(self, desk: DeskOf) -> None:
        request = answered(desk, started(desk))
        [(cipher,)] = desk.rows("SELECT answer_cipher FROM hub.requests WHERE request_id = %s", request.request_id)

        assert TEXT.reveal().encode() not in cipher
        opened = sealed.unseal(desk.keyring.tenant(desk.tenant_id), request.request_id, "answer", cipher)
        assert opened == {"text": TEXT.reveal(), "form": "electronic"}

    def test_it_waits_for_the_hubs_own_part(self, desk: DeskOf) -> None:
        request = started(desk, "access")

        assert code_of(answered, desk, request) == "request_work_open"

    def test_an_answer_in_part_says_what_is_refused_and_why(self, desk: DeskOf) -> None:
        part = Refusal("statutory_retention", article="TTK 82", destruction_due=date(2036, 12, 31))
        request = answered(desk, started(desk), refused_part=part)

        assert (request.outcome, request.refusal_code, request.refusal_article, request.destruction_due) == (
            "partly",
            "statutory_retention",
            "TTK 82",
            date(2036, 12, 31),
        )

    def test_a_late_answer_is_known_as_late(self, desk: DeskOf) -> None:
        first, second = started(desk), started(desk)
        answered(desk, first, now=first.due_at - timedelta(microseconds=1))
        answered(desk, second, now=second.due_at)

        late = desk.rows("SELECT details->>'late' FROM hub.request_events WHERE event = 'answer' ORDER BY at")
        assert late == [("false",), ("true",)]

    def test_an_answer_without_words_is_none(self, desk: DeskOf) -> None:
        request = started(desk)
        answer = (answering.answer, desk.database, desk.keyring, desk.tenant_id, request.request_id, Secret("  "))

        assert code_of(*answer, actor=desk.actor) == "answer_without_text"

    def test_whoever_is_not_its_handler_does_not_answer_it_until_it_is_theirs(self, desk: DeskOf) -> None:
        request = started(desk)
        assert code_of(answered, desk, request, actor=OTHER) == "request_not_yours"
        assert desk.history(request.request_id)[-1] == "start"  # nothing happened to it
        assert desk.rows("SELECT actor, action, result, request_id FROM hub.audit_log ORDER BY seq DESC LIMIT 1") == [
            (OTHER.name, "request.answer", "request_not_yours", request.request_id)
        ]
        handling.assign(
            desk.database, desk.keyring, desk.tenant_id, request.request_id, "başkası", actor=desk.actor, now=LATER
        )

        assert answered(desk, request, actor=OTHER).state == "answered"


class TestRefusal:
    def test_it_needs_no_work_and_states_ground_and_article(self, desk: DeskOf) -> None:
        request = refused_with(desk, desk.open(), Refusal("identity_not_established"))

        assert (request.state, request.outcome, request.refusal_code) == (
            "answered",
            "refused",
            "identity_not_established",
        )
        assert request.refusal_article == REFUSAL_GROUNDS["identity_not_established"].article

    def test_it_calls_off_work_that_nobody_has_begun_and_waits_for_work_under_way(self, desk: DeskOf) -> None:
        pending, running = started(desk, "access"), started(desk, "access")
        with desk.database.tenant(desk.tenant_id, "app") as connection:
            connection.execute(
                "UPDATE hub.requests SET work_state = 'running' WHERE request_id = %s", (running.request_id,)
            )

        assert refused_with(desk, pending, Refusal("exempt")).work_state == "none"
        assert code_of(refused_with, desk, running, Refusal("exempt")) == "request_work_running"

    @pytest.mark.parametrize(
        ("ground", "more", "code"),
        [
            ("because", {}, "refusal_ground_unknown"),
            ("statutory_retention", {"destruction_due": date(2030, 1, 1)}, "refusal_without_article"),
            ("statutory_retention", {"article": "VUK 253"}, "refusal_without_date"),
            ("legal_hold", {}, "refusal_without_article"),
        ],
    )
    def test_a_ground_that_says_too_little_is_no_ground(self, ground: str, more: dict[str, Any], code: str) -> None:
        assert code_of(Refusal, ground, **more) == code


class TestGroundsOfTheWork:
    def done(self, desk: DeskOf, work_code: str, ground: str | None) -> Request:
        """An erasure that has been worked on, as its part leaves it."""
        request = started(desk, "erase")
        with desk.database.tenant(desk.tenant_id, "app") as connection:
            connection.execute(
                "UPDATE hub.requests SET work_state = 'done', work_code = %s, refusal_code = %s,"
                " refusal_article = 'TTK 82', destruction_due = '2036-12-31' WHERE request_id = %s",
                (work_code, ground, request.request_id),
            )
        return desk.read(request.request_id)

    def test_an_answer_is_in_part_when_the_work_kept_something(self, desk: DeskOf) -> None:
        request = answered(desk, self.done(desk, "partly", "statutory_retention"))

        assert (request.outcome, request.refusal_code, request.refusal_article) == (
            "partly",
            "statutory_retention",
            "TTK 82",
        )
        assert answered(desk, self.done(desk, "erased", None)).outcome == "accepted"

    def test_what_a_hold_forbade_is_refused_with_the_holds_ground_and_not_answered(self, desk: DeskOf) -> None:
        request = self.done(desk, "refused", "legal_hold")

        assert code_of(answered, desk, request) == "request_work_refused"
        refused = refused_with(desk, request, None)
        assert (refused.outcome, refused.refusal_code) == ("refused", "legal_hold")

    def test_a_refusal_without_any_ground_is_none(self, desk: DeskOf) -> None:
        assert code_of(refused_with, desk, desk.open(), None) == "refusal_without_ground"


class TestFee:
    @pytest.mark.parametrize(
        ("delivery", "fee"),
        [
            (Delivery("electronic", pages=500), 0),
            (Delivery("paper", pages=10), 0),
            (Delivery("paper", pages=11), 1),
            (Delivery("paper", pages=35), 25),
            (Delivery("paper", pages=35, own_fault=True), 0),
            (Delivery("medium", medium_cost=Decimal("89.9"), pages=900), Decimal("89.90")),
        ],
    )
    def test_ten_pages_are_free_and_electronic_answers_always(self, delivery: Delivery, fee: Decimal | int) -> None:
        assert highest_fee(delivery) == fee

    def test_it_is_kept_with_the_answer(self, desk: DeskOf) -> None:
        assert answered(desk, started(desk), delivery=Delivery("paper", pages=12)).fee == Decimal("2.00")

    @pytest.mark.parametrize("delivery", [Delivery("paper", pages=-1), Delivery("medium", medium_cost=Decimal("NaN"))])
    def test_figures_that_cannot_be_are_refused(self, delivery: Delivery) -> None:
        assert code_of(highest_fee, delivery) == "fee_figures_wrong"


def test_the_list_is_ordered_by_what_is_due_first_and_shows_no_person(desk: DeskOf) -> None:
    late = desk.open(received_at=LATER - timedelta(days=29))
    fresh = desk.open()
    done = refused_with(desk, desk.open(received_at=LATER - timedelta(days=30)), Refusal("exempt"))
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        everything = record.listed(connection, desk.tenant_id, only_open=False)
        still_open = record.listed(connection, desk.tenant_id, only_open=True)

    assert [each.request_id for each in everything] == [late.request_id, fresh.request_id, done.request_id]
    assert [each.request_id for each in still_open] == [late.request_id, fresh.request_id]
    assert TCKN not in repr(everything)


def test_the_operator_sees_how_each_desk_stands(desk: DeskOf) -> None:
    urgent = desk.open()
    desk.open(received_at=LATER)
    late = started(desk)
    answered(desk, late, now=late.due_at)
    refused_with(desk, desk.open(), Refusal("exempt"))
    at_due = standings(desk.database, urgent.due_at)
    before = standings(desk.database, urgent.due_at - timedelta(microseconds=1))

    assert [each for each in at_due if each.tenant_id == desk.tenant_id] == [
        Standing(desk.tenant_id, 2, 1, urgent.due_at, 2, 1, 1)
    ]
    assert [each.overdue for each in before if each.tenant_id == desk.tenant_id] == [0]
