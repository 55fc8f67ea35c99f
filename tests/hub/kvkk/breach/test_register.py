"""The register: its clock, its sealed form, the notices to the Board in stages, and a timeline that only grows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from hub.errors import HubError
from hub.kvkk.audit_listing import entries
from hub.kvkk.breach import record
from hub.kvkk.breach.directory import directory
from hub.kvkk.breach.form import LABELS, Form, missing
from hub.kvkk.breach.overview import overview
from hub.kvkk.breach.register import TIMES, close, register, tell_board, update
from hub.kvkk.breach.told import tell_persons
from hub.validation import InvalidInput
from tests.hub.kvkk.breach.conftest import ACTOR, LEARNED, WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from tests.hub.kvkk.breach.conftest import Begin

IN_TIME, LATE = LEARNED + timedelta(hours=71), LEARNED + timedelta(hours=73)


def events_of(database: Database, tenant: str, breach_id: UUID) -> list[str]:
    with database.tenant(tenant, "app") as connection:
        return [each.event for each in record.timeline(connection, tenant, breach_id)]


def form_of(database: Database, keyring: Keyring, tenant: str, breach_id: UUID) -> Form:
    with database.tenant(tenant, "app") as connection:
        return record.read_form(connection, keyring.tenant(tenant), breach_id)


class TestTheClock:
    def test_runs_for_72_hours_over_the_weekend(self, begin: Begin) -> None:
        _, breach = begin()
        assert breach.board_due_at == LEARNED + timedelta(hours=72)
        assert breach.remaining(LEARNED + timedelta(hours=60)) == timedelta(hours=12)
        assert breach.remaining(LATE) == timedelta(hours=-1)

    @pytest.mark.parametrize(
        ("learned_at", "fields", "missing"),
        [
            (None, {}, {"learned_at": "field_missing", "source_details": "field_one_at_least"}),
            (None, {"sources": ["theft"]}, {"learned_at": "field_missing"}),
            (LEARNED, {"sources": [], "affected": None, "consequences": "x"}, {"source_details": "field_one_at_least"}),
        ],
    )
    def test_does_not_start_without_when_and_what(
        self,
        database: Database,
        keyring: Keyring,
        make_tenant: Callable[[], str],
        learned_at: datetime | None,
        fields: dict[str, Any],
        missing: dict[str, str],
    ) -> None:
        tenant = make_tenant()
        with pytest.raises(InvalidInput) as refused:
            register(database, keyring, tenant, learned_at=learned_at, fields=fields, actor=ACTOR)
        assert {problem.field: problem.code for problem in refused.value.problems} == missing
        assert directory(database, tenant_id=tenant) == []

    def test_does_not_start_in_the_future(
        self, database: Database, keyring: Keyring, make_tenant: Callable[[], str]
    ) -> None:
        with pytest.raises(HubError, match="breach_learned_in_the_future"):
            register(
                database,
                keyring,
                make_tenant(),
                learned_at=LATE,
                fields={"sources": ["loss"]},
                actor=ACTOR,
                now=LEARNED,
            )

    def test_cannot_be_set_forward_in_the_database(self, database: Database, begin: Begin) -> None:
        tenant, breach = begin()
        with pytest.raises(psycopg.errors.InsufficientPrivilege), database.tenant(tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.breaches SET learned_at = learned_at + interval '1 day',"
                " board_due_at = board_due_at + interval '1 day' WHERE tenant_id = %s AND breach_id = %s",
                (tenant, breach.breach_id),
            )

    def test_is_seen_for_all_tenants_the_most_pressing_first(self, database: Database, begin: Begin) -> None:
        tenant, breach = begin()
        now = LEARNED + timedelta(hours=70)
        found = {each.breach_id: each for each in directory(database, now=now)}
        assert found[breach.breach_id].remaining == timedelta(hours=2)
        assert [each.breach_id for each in directory(database, tenant_id=tenant, now=now)] == [breach.breach_id]


class TestTheForm:
    def test_is_sealed_for_its_tenant_and_row(
        self, database: Database, keyring: Keyring, begin: Begin, make_tenant: Callable[[], str]
    ) -> None:
        tenant, breach = begin(WHOLE)
        _, other = begin()
        with database.tenant(tenant, "app") as connection:
            row = connection.execute(
                "SELECT form_cipher FROM hub.breaches WHERE tenant_id = %s AND breach_id = %s",
                (tenant, breach.breach_id),
            ).fetchone()
        assert row is not None
        assert b"Zeynep" not in row[0]
        for of, which in ((make_tenant(), breach), (tenant, other)):
            with pytest.raises(HubError, match="ciphertext_invalid"):
                keyring.tenant(of).open("breach-form", str(which.breach_id), bytes(row[0]))
        assert form_of(database, keyring, tenant, breach.breach_id).contact_name == "Zeynep Kaya"

    def test_is_filled_in_bit_by_bit_and_taken_back_by_null(
        self, database: Database, keyring: Keyring, begin: Begin
    ) -> None:
        tenant, breach = begin({"persons_count": 3, "counting": "estimate"})
        fields = {"persons_count": None, "records_count": 7, "ended_at": "2026-10-30T08:00:00+00:00"}
        after = update(database, keyring, tenant, breach.breach_id, fields=fields, actor=ACTOR)
        form = form_of(database, keyring, tenant, breach.breach_id)
        assert (form.persons_count, form.records_count, form.counting) == (None, 7, "estimate")
        assert after.ended_at is not None
        assert form.controller_name == "Deneme Ltd. Şti."

    def test_names_wrong_fields_and_never_their_values(
        self, database: Database, keyring: Keyring, begin: Begin
    ) -> None:
        tenant, breach = begin()
        wrong = {"sources": ["Ayşe yaptı"], "persons_count": -4, "categories": ["SAGLIK"], "boş": 1}
        with pytest.raises(InvalidInput) as caught:
            update(database, keyring, tenant, breach.breach_id, fields=wrong, actor=ACTOR)
        assert {problem.field for problem in caught.value.problems} == {"sources", "persons_count", "categories", "boş"}
        assert "Ayşe" not in str(caught.value)

    def test_knows_what_it_misses(self) -> None:
        whole = Form(controller_name="Deneme", **{k: v for k, v in WHOLE.items() if k not in TIMES})
        assert missing(whole, began_at=LEARNED, ended_at=LEARNED, late=False) == ()
        assert missing(whole, began_at=LEARNED, ended_at=None, late=True) == ("ended_at", "delay_reason")
        told = whole.model_copy(update={"persons_told": "told", "foreign_persons": "yes"})
        assert missing(told, began_at=LEARNED, ended_at=LEARNED, late=False) == (
            "persons_told_at",
            "persons_told_how",
            "persons_told_text",
            "foreign_persons_details",
        )
        none = whole.model_copy(update={"special_categories": (), "persons_count": 0})
        assert missing(none, began_at=LEARNED, ended_at=LEARNED, late=False) == ()
        assert "special_categories" in missing(Form(), began_at=None, ended_at=None, late=False)

    def test_has_a_label_for_every_field_and_time(self) -> None:
        assert set(LABELS) == {*Form.model_fields, *TIMES, "learned_at"}

    @pytest.mark.parametrize(
        "fields",
        [
            {"began_at": "2026-10-31T10:00:00+03:00"},
            {"began_at": "2026-10-30T10:00:00+03:00", "ended_at": "2026-10-30T09:00:00+03:00"},
        ],
    )
    def test_refuses_a_breach_that_begins_after_it_was_learned_of_or_ended(
        self, database: Database, keyring: Keyring, begin: Begin, fields: dict[str, Any]
    ) -> None:
        tenant, breach = begin()
        with pytest.raises(HubError, match="breach_times_wrong"):
            update(database, keyring, tenant, breach.breach_id, fields=fields, actor=ACTOR)


class TestTellingTheBoard:
    def tell(self, database: Database, keyring: Keyring, tenant: str, breach: record.Breach, **given: Any) -> Any:
        options: dict[str, Any] = {"stage": "initial", "at": None, "evidence_ref": "2026/1", "now": IN_TIME} | given
        return tell_board(database, keyring, tenant, breach.breach_id, actor=ACTOR, **options)

    def test_stops_the_clock_and_keeps_what_was_missing(
        self, database: Database, keyring: Keyring, begin: Begin
    ) -> None:
        tenant, breach = begin(WHOLE | {"records_count": None})
        told = self.tell(database, keyring, tenant, breach)
        assert (told.state, told.board_notified_at, told.remaining(IN_TIME)) == ("notified", IN_TIME, None)
        with database.tenant(tenant, "app") as connection:
            last = record.timeline(connection, tenant, breach.breach_id)[-1]
        assert (last.event, last.details["missing"], last.details["late"]) == ("board_told", ["records_count"], False)
        assert last.details["evidence_ref"] == "2026/1"

    def test_late_needs_a_reason(self, database: Database, keyring: Keyring, begin: Begin) -> None:
        tenant, breach = begin(WHOLE)
        with pytest.raises(HubError, match="breach_delay_unexplained"):
            self.tell(database, keyring, tenant, breach, now=LATE)
        update(database, keyring, tenant, breach.breach_id, fields={"delay_reason": "İnceleme sürdü."}, actor=ACTOR)
        assert self.tell(database, keyring, tenant, breach, now=LATE).state == "notified"

    def test_in_time_but_noted_late_needs_none(self, database: Database, keyring: Keyring, begin: Begin) -> None:
        tenant, breach = begin(WHOLE)
        assert self.tell(database, keyring, tenant, breach, at=IN_TIME, now=LATE).late(LATE) is False

    def test_is_staged(self, database: Database, keyring: Keyring, begin: Begin) -> None:
        tenant, breach = begin()
        with pytest.raises(HubError, match="breach_not_told"):
            self.tell(database, keyring, tenant, breach, stage="follow_up")
        self.tell(database, keyring, tenant, breach)
        with pytest.raises(HubError, match="breach_told_already"):
            self.tell(database, keyring, tenant, breach)
        self.tell(database, keyring, tenant, breach, stage="follow_up", now=LATE)
        again = self.tell(database, keyring, tenant, breach, stage="follow_up", now=LATE)
        assert (again.state, again.board_notified_at) == ("followed_up", IN_TIME)

    @pytest.mark.parametrize("hours", [-1, 100])
    def test_was_not_before_it_was_known_nor_is_it_to_come(
        self, database: Database, keyring: Keyring, begin: Begin, hours: int
    ) -> None:
        tenant, breach = begin()
        with pytest.raises(HubError, match="breach_told_when_wrong"):
            self.tell(database, keyring, tenant, breach, at=LEARNED + timedelta(hours=hours))


class TestClosing:
    def test_needs_the_board_and_the_persons_told(self, database: Database, keyring: Keyring, begin: Begin) -> None:
        tenant, breach = begin()

        def finish(**given: Any) -> record.Breach:
            return close(
                database, tenant, breach.breach_id, actor=ACTOR, now=IN_TIME, **({"false_alarm": False} | given)
            )

        with pytest.raises(HubError, match="breach_board_not_told"):
            finish()
        tell_board(
            database, keyring, tenant, breach.breach_id, stage="initial", at=None, evidence_ref="1", actor=ACTOR,
            now=IN_TIME,
        )  # fmt: skip
        with pytest.raises(HubError, match="breach_persons_not_told"):
            finish()
        with pytest.raises(HubError, match="breach_no_false_alarm"):
            finish(false_alarm=True)
        tell_persons(
            database, tenant, breach.breach_id, how="publication", evidence="https://ornek.com.tr/ihlal",
            at=None, actor=ACTOR, now=IN_TIME,
        )  # fmt: skip
        assert finish().state == "closed"
        with pytest.raises(HubError, match="breach_closed"):
            update(database, keyring, tenant, breach.breach_id, fields={"records_count": 1}, actor=ACTOR)

    def test_of_a_false_alarm_keeps_it_in_the_register(self, database: Database, begin: Begin) -> None:
        tenant, breach = begin()
        closed = close(database, tenant, breach.breach_id, false_alarm=True, actor=ACTOR, now=IN_TIME)
        assert closed.remaining(LATE) is None
        assert [each.breach_id for each in directory(database, tenant_id=tenant)] == []
        assert [each.breach_id for each in directory(database, tenant_id=tenant, closed=True)] == [breach.breach_id]


class TestTheTimeline:
    def test_and_the_audit_log_have_every_step(self, database: Database, keyring: Keyring, begin: Begin) -> None:
        tenant, breach = begin()
        update(database, keyring, tenant, breach.breach_id, fields={"contact_name": "Zeynep Kaya"}, actor=ACTOR)
        seen = overview(database, keyring, tenant, breach.breach_id, actor=ACTOR, now=IN_TIME)
        close(database, tenant, breach.breach_id, false_alarm=True, actor=ACTOR, now=IN_TIME)
        assert events_of(database, tenant, breach.breach_id) == ["registered", "updated", "closed"]
        logged = list(entries(database, tenant))
        assert [line.action for line in logged] == [
            "breach.registered",
            "breach.updated",
            "breach.read",
            "breach.closed",
        ]
        assert {line.object for line in logged} == {f"breach:{breach.breach_id}"}
        assert "Zeynep" not in str(logged)
        assert [each.number for each in seen.timeline] == [1, 2]
        assert "contact_email" in seen.missing

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE hub.breach_events SET event = 'closed' WHERE tenant_id = %s",
            "DELETE FROM hub.breach_events WHERE tenant_id = %s",
            "DELETE FROM hub.breaches WHERE tenant_id = %s",
        ],
    )
    def test_only_grows(self, database: Database, begin: Begin, statement: str) -> None:
        tenant, _ = begin()
        with pytest.raises(psycopg.errors.InsufficientPrivilege), database.tenant(tenant, "app") as connection:
            connection.execute(statement.encode(), (tenant,))

    def test_of_another_tenant_is_unknown(
        self, database: Database, keyring: Keyring, begin: Begin, make_tenant: Callable[[], str]
    ) -> None:
        _, breach = begin()
        with pytest.raises(HubError, match="breach_unknown"):
            overview(database, keyring, make_tenant(), breach.breach_id, actor=ACTOR)
