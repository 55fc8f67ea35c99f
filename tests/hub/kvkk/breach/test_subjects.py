"""Whom a breach concerns: followed from the audit log, and from what stood in a stream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.audit import Actor, Entry
from hub.kvkk.audit_listing import entries
from hub.kvkk.breach.register import close, register
from hub.kvkk.breach.subjects import Found, Period, SubjectSearch, concerned
from hub.sync.batch import BatchRequest, sync_batch
from kvkk_policies.canonical import canonical
from tests.fixtures.siparis import PROVIDER
from tests.hub.kvkk.breach.conftest import ACTOR
from tests.support.shop import Order, add_shop, drop

if TYPE_CHECKING:
    from pathlib import Path

    from hub.sync.batch import Engine

THIEF = Actor("mehmet", "analyst", "10.0.0.9")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Case:
    """One tenant with a breach that is looked into."""

    def __init__(self, engine: Engine, tenant: str) -> None:
        self.engine = engine
        self.tenant = tenant
        self.search = SubjectSearch(engine.database, engine.keyring, {PROVIDER.name: PROVIDER}, engine.policies)
        learned, fields = datetime.now(UTC), {"sources": ["theft"]}
        self.breach_id = register(
            engine.database, engine.keyring, tenant, learned_at=learned, fields=fields, actor=ACTOR
        ).breach_id

    def log(self, action: str, what: str, *, actor: Actor = THIEF, **given: Any) -> datetime:
        audit.record(self.engine.database, self.tenant, Entry(actor, action, what, **given))
        return self.now()

    def now(self) -> datetime:
        with self.engine.database.tenant(self.tenant, "app") as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        return row[0]

    def from_audit(self, since: datetime | None = None, until: datetime | None = None, **given: Any) -> Found:
        period = Period(since, until or self.now())
        return self.search.from_audit(self.tenant, self.breach_id, period, actor=ACTOR, **given)

    def from_stream(self, since: datetime | None = None, until: datetime | None = None) -> Found:
        period = Period(since, until or self.now())
        return self.search.from_stream(self.tenant, self.breach_id, "siparis.orders", period, actor=ACTOR)

    def people(self) -> set[str]:
        found = concerned(self.engine.database, self.tenant, self.breach_id, actor=ACTOR)
        return {each.subject_id.hex for each in found}

    def buyer(self, order: Order) -> str:
        """The subject of an order, as the gate makes it: by the identity number, the strongest identifier."""
        keys = self.engine.keyring.tenant(self.tenant)
        form = canonical("tckn", order.row()["customer_tckn"])
        assert form is not None
        return keys.subject_id("tckn", keys.pseudonymiser().one("tckn", form))


@pytest.fixture
def case(engine: Engine, tmp_path: Path) -> Case:
    return Case(engine, add_shop(engine, tmp_path / "shop"))


def load(case: Case, directory: Path, name: str, orders: list[Order]) -> datetime:
    drop(directory, name, orders)
    result = sync_batch(case.engine, PROVIDER, BatchRequest([case.tenant]), run_id=f"run-{name}")
    assert result.tenants[case.tenant].outcomes[0].failed is None
    return case.now()


class TestFromTheAuditLog:
    def test_entries_that_name_their_subjects_lead_to_them(self, case: Case) -> None:
        one, two, three = (uuid4().hex for _ in range(3))
        case.log("original_read", "subject:" + one)
        case.log("export_built", "export:1", details={"subjects": [two, three]})
        found = case.from_audit()
        assert found == Found(subjects=3, added=3, entries=2, untraced=0)
        assert case.people() == {one, two, three}

    def test_only_the_period_the_name_and_the_actions_asked_for_count(self, case: Case) -> None:
        early, mine, other, late = (uuid4().hex for _ in range(4))
        since = case.log("original_read", early)
        case.log("original_read", mine)
        case.log("original_read", other, actor=Actor("fatma", "operator"))
        until = case.log("export_downloaded", other)
        case.log("original_read", late)
        found = case.from_audit(since, until, by="mehmet", actions=("original_read",))
        assert (found.entries, case.people()) == (1, {mine})

    def test_what_shows_nobody_anything_does_not_count(self, case: Case) -> None:
        case.log("erasure_finished", uuid4().hex)
        case.log("breach.read", uuid4().hex)
        case.log("reveal", uuid4().hex, result="reveal_not_permitted")
        case.log("revealer_permitted", "mehmet")
        assert case.from_audit() == Found(0, 0, 0, 0)

    def test_a_download_leads_to_whoever_was_in_the_package(self, case: Case) -> None:
        person = uuid4().hex
        case.log("export_begun", "export:7", details={"subjects": [person]})
        since = case.now()
        case.log("export_downloaded", "export:7")
        assert case.from_audit(since) == Found(1, 1, 1, 0)
        assert case.people() == {person}

    def test_a_read_request_leads_to_the_person_who_made_it(self, case: Case) -> None:
        person, stranger, request = uuid4(), uuid4(), uuid4()
        with case.engine.database.tenant(case.tenant, "app") as connection:
            connection.execute(
                "INSERT INTO hub.requests (tenant_id, request_id, type, channel, received_at, due_at, created_by)"
                " VALUES (%s, %s, 'access', 'kep', now(), now(), 'ayşe')",
                (case.tenant, request),
            )
            connection.execute(
                "INSERT INTO hub.request_subjects (tenant_id, request_id, subject_id, reached_by, decision)"
                " VALUES (%(t)s, %(r)s, %(p)s, 'strong', 'included'), (%(t)s, %(r)s, %(s)s, 'weak', 'excluded')",
                {"t": case.tenant, "r": request, "p": person, "s": stranger},
            )
        case.log("request.read", f"request:{request}", request_id=request)
        case.from_audit()
        assert case.people() == {person.hex}

    def test_a_revealed_pseudonym_leads_to_its_person(self, case: Case, tmp_path: Path) -> None:
        order = Order(1, 1, 901)
        load(case, tmp_path / "shop", "a", [order])
        keys = case.engine.keyring.tenant(case.tenant)
        phone = canonical("phone", order.row()["customer_phone"])
        assert phone is not None
        case.log("value_revealed", keys.pseudonymiser().one("phone", phone))
        case.from_audit()
        assert case.people() == {case.buyer(order)}

    def test_a_whole_dataset_that_was_read_leads_to_everybody_in_it(self, case: Case, tmp_path: Path) -> None:
        orders = [Order(number, 1, 902) for number in range(5)]
        load(case, tmp_path / "shop", "a", orders)
        case.log("sql_read", "landing.siparis_orders")
        case.from_audit()
        assert case.people() == {case.buyer(order) for order in orders}

    def test_what_leads_to_nobody_is_said(self, case: Case) -> None:
        case.log("original_read", "phone_" + "a" * 26)
        case.log("export_downloaded", "export:404")
        case.log("sql_read", "landing.yok_boyle")
        assert case.from_audit() == Found(0, 0, 3, 3)

    def test_another_tenants_log_is_not_looked_at(self, engine: Engine, case: Case, tmp_path: Path) -> None:
        other = Case(engine, add_shop(engine, tmp_path / "other"))
        other.log("original_read", uuid4().hex)
        assert case.from_audit().subjects == 0


class TestFromAStream:
    def test_everybody_who_stood_in_it_by_then_is_found(self, case: Case, tmp_path: Path) -> None:
        before = [Order(number, 1, 903) for number in range(20)]
        then = load(case, tmp_path / "shop", "a", before)
        newer = [Order(number, 1, 904) for number in range(100, 110)]
        load(case, tmp_path / "shop", "b", newer)
        found = case.from_stream(until=then)
        assert case.people() == {case.buyer(order) for order in before}
        assert found.added == len(case.people())
        case.from_stream()
        assert case.people() == {case.buyer(order) for order in before + newer}

    def test_a_person_known_for_long_whose_row_came_later_is_not_found(self, case: Case, tmp_path: Path) -> None:
        order = Order(1, 1, 910)
        with case.engine.database.tenant(case.tenant, "vault") as connection:
            connection.execute(
                "INSERT INTO vault.subjects (tenant_id, subject_id, created_at) VALUES (%s, %s, %s)",
                (case.tenant, case.buyer(order), LONG_AGO),
            )
        then = case.now()
        load(case, tmp_path / "shop", "a", [order])
        assert case.from_stream(until=then).subjects == 0
        assert case.from_stream().subjects == 1

    def test_of_what_was_loaded_in_a_period_only_those_are_found(self, case: Case, tmp_path: Path) -> None:
        since = load(case, tmp_path / "shop", "a", [Order(1, 1, 905)])
        load(case, tmp_path / "shop", "b", [Order(2, 1, 906)])
        case.from_stream(since=since)
        assert case.people() == {case.buyer(Order(2, 1, 906))}

    def test_a_row_that_changed_afterwards_does_not_hide_its_person(self, case: Case, tmp_path: Path) -> None:
        then = load(case, tmp_path / "shop", "a", [Order(1, 1, 907)])
        load(case, tmp_path / "shop", "b", [Order(1, 2, 907)])
        case.from_stream(until=then)
        assert case.people() == {case.buyer(Order(1, 1, 907))}

    def test_a_value_that_stands_readable_leads_to_its_person_too(self, case: Case, tmp_path: Path) -> None:
        order = Order(1, 1, 908)
        load(case, tmp_path / "shop", "a", [order])
        with case.engine.database.tenant(case.tenant, "loader") as connection:
            connection.execute(
                "UPDATE landing.siparis_orders SET customer_tckn = %s WHERE tenant_id = %s",
                (order.row()["customer_tckn"], case.tenant),
            )
        case.from_stream()
        assert case.people() == {case.buyer(order)}

    def test_is_in_the_audit_log_before_and_after(self, case: Case, tmp_path: Path) -> None:
        load(case, tmp_path / "shop", "a", [Order(1, 1, 909)])
        case.from_stream()
        logged = [line for line in entries(case.engine.database, case.tenant) if "subjects" in line.action]
        assert [(line.action, line.count) for line in logged] == [
            ("breach.subjects_searched", None),
            ("breach.subjects_found", 1),
        ]

    def test_that_nobody_declared_is_refused(self, case: Case) -> None:
        for name, code in (("yok.orders", "provider_unknown"), ("siparis.yok", "stream_unknown")):
            with pytest.raises(HubError, match=code):
                case.search.from_stream(case.tenant, case.breach_id, name, Period(None, case.now()), actor=ACTOR)

    def test_a_period_that_ends_before_it_begins_is_refused(self, case: Case) -> None:
        with pytest.raises(HubError, match="breach_period_wrong"):
            case.from_stream(since=case.now(), until=LONG_AGO)

    def test_of_a_closed_breach_is_not_searched(self, case: Case) -> None:
        close(case.engine.database, case.tenant, case.breach_id, false_alarm=True, actor=ACTOR)
        with pytest.raises(HubError, match="breach_closed"):
            case.from_stream()


def test_a_person_found_twice_is_kept_as_first_found(case: Case) -> None:
    person = uuid4().hex
    case.log("original_read", person)
    case.from_audit()
    assert case.from_audit(since=case.now() - timedelta(days=1)) == Found(1, 0, 1, 0)
    assert len(case.people()) == 1
