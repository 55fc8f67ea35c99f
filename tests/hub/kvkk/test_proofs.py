"""Proofs of consents and bases go ten years after these ended, and not while anybody can still ask for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from hub.control import consents, legal_bases
from hub.control.consent_record import NewConsent
from hub.control.legal_basis_record import NewLegalBasis
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk import erasure_checks, holds
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries
from hub.kvkk.holds import NewHold
from hub.kvkk.inventory.own import ACTIVITIES
from hub.kvkk.retention.proofs import KEPT
from hub.kvkk.retention.run import Retention, Settled
from hub.kvkk.stores import Hub
from hub.kvkk.suppression import erased_mark

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings

ACTOR = Actor("Ayşe Yetkili", "operator")
TODAY = datetime(2036, 6, 15, 9, tzinfo=UTC)
GIVEN = datetime(2020, 1, 1, tzinfo=UTC)
OVER = datetime(2026, 6, 14, 20, 59, tzinfo=UTC)
"""Ten years ago in Istanbul, by a minute."""
YOUNG = OVER + timedelta(minutes=1)


@dataclass
class Desk:
    hub: Hub
    tenant: str

    def pseudonym(self, name: str = "a") -> str:
        return "tckn_" + name * 26

    def consent(self, ends: datetime | None, name: str = "a", *, examined: bool = True, **changes: Any) -> UUID:
        values: dict[str, Any] = {
            "purpose": "credit_assessment",
            "data_categories": ("FINANS",),
            "retention_period": "P1Y",
            "consent_text": "Onaylıyorum.",
            "text_version": "1",
            "notice_id": "n1",
            "channel": "web",
            "evidence_ref": "form-7",
            "given_at": GIVEN,
            "expires_at": ends,
        }
        new = NewConsent(**(values | changes))
        database = self.hub.database
        recorded = consents.record(database, self.tenant, kind="tckn", subject=self.pseudonym(name), new=new)
        if examined and ends is not None:
            self.check(recorded.consent_id)
            erasure_checks.examine(database, {}, self.tenant, recorded.consent_id)
        return recorded.consent_id

    def check(self, consent_id: UUID) -> None:
        with self.hub.database.tenant(self.tenant, "app") as connection:
            erasure_checks.raise_check(connection, self.tenant, consent_id, "consent_expired", actor=ACTOR)

    def basis(self, ends: datetime | None, name: str = "a") -> UUID:
        new = NewLegalBasis(
            purpose="credit_assessment",
            legal_basis="contract",
            data_categories=("FINANS",),
            proportionality_note="Vadeli satış.",
            notice_id="n1",
            valid_from=GIVEN,
            valid_until=ends,
            recorded_by="test",
        )
        return legal_bases.record(
            self.hub.database, self.tenant, kind="tckn", subject=self.pseudonym(name), new=new
        ).basis_id

    def hold(self, scope: Any, target: str) -> None:
        holds.place(self.hub.database, self.tenant, NewHold(scope, target, "litigation", "2026/1 E."), actor=ACTOR)

    def run(self) -> Settled:
        return Retention(self.hub).run(self.tenant, now=TODAY, actor=ACTOR)

    def left(self, table: str = "hub.consents") -> set[UUID]:
        with self.hub.database.tenant(self.tenant, "app") as connection:
            return {row[0] for row in connection.execute(f"SELECT id FROM {table}".encode())}  # noqa: S608


@pytest.fixture
def desk(settings: Settings, database: Database, make_tenant: Callable[[], str]) -> Desk:
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    return Desk(Hub(database, keyring, {}, {}), make_tenant())


def test_what_ended_ten_years_ago_goes_and_the_log_keeps_how_much(desk: Desk) -> None:
    desk.consent(OVER)
    young, standing = desk.consent(YOUNG, "b"), desk.consent(None, "c")
    desk.basis(OVER)
    young_basis = desk.basis(YOUNG, "b")
    planned = Retention(desk.hub).plan(desk.tenant, now=TODAY)

    done = desk.run()

    expected = [("hub.consents", "KIMLIK", 1, "delete"), ("hub.legal_bases", "KIMLIK", 1, "delete")]
    for settled in (planned, done):
        assert [(each.dataset, each.category, each.records, each.method) for each in settled.due] == expected
    assert done.left == 0
    assert (desk.left(), desk.left("hub.legal_bases")) == ({young, standing}, {young_basis})
    with desk.hub.database.tenant(desk.tenant, "app") as connection:
        rows = connection.execute("SELECT dataset, category, records, method, verified, cause FROM hub.destructions")
        assert sorted(rows.fetchall()) == [(*line, "none_left", "retention") for line in expected]
    (line,) = [line for line in entries(desk.hub.database, desk.tenant) if line.action == "proofs_destroyed"]
    assert (line.actor, line.count, line.details) == ("Ayşe Yetkili", 2, {"hub.consents": 1, "hub.legal_bases": 1})
    assert desk.run().due == []


def test_a_withdrawal_ends_a_consent_whenever_it_would_have_expired(desk: Desk) -> None:
    consent_id = desk.consent(TODAY, examined=False)
    consents.withdraw(desk.hub.database, desk.tenant, consent_id, channel="web", reason=None)
    assert desk.run().due == []
    erasure_checks.examine(desk.hub.database, {}, desk.tenant, consent_id)

    late = Retention(desk.hub).run(desk.tenant, now=datetime.now(UTC) + timedelta(days=366 * 10 + 9), actor=ACTOR)

    assert [each.dataset for each in late.due] == ["hub.consents"]
    assert desk.left() == set()
    with desk.hub.database.tenant(desk.tenant, "app") as connection:
        assert connection.execute("SELECT 1 FROM hub.erasure_checks").fetchall() == []


def test_until_somebody_has_looked_whether_data_rests_on_it_its_proof_stays(desk: Desk) -> None:
    consent_id = desk.consent(OVER, examined=False)
    assert desk.run().due == []
    desk.check(consent_id)
    assert desk.run().due == []
    erasure_checks.examine(desk.hub.database, {}, desk.tenant, consent_id)
    assert [each.records for each in desk.run().due] == [1]


def test_what_a_standing_consent_supersedes_stays_with_it_and_goes_with_it(desk: Desk) -> None:
    first = desk.consent(OVER)
    second = desk.consent(OVER, supersedes_id=first)
    third = desk.consent(YOUNG, supersedes_id=second)
    assert desk.run().due == []

    done = Retention(desk.hub).run(desk.tenant, now=TODAY + timedelta(days=1), actor=ACTOR)

    assert [each.records for each in done.due] == [3]
    assert desk.left().isdisjoint({first, second, third})


def test_the_proof_of_an_erased_person_goes_too(desk: Desk) -> None:
    mark = erased_mark(desk.hub.keyring.tenant(desk.tenant), "tckn", desk.pseudonym())
    desk.consent(OVER)
    with desk.hub.database.tenant(desk.tenant, "app") as connection:
        connection.execute(
            "UPDATE hub.consents SET data_subject = %s, withdrawn_at = now(), withdrawal_channel = 'erasure',"
            " evidence_ref = NULL",
            (mark,),
        )
    assert [each.records for each in desk.run().due] == [1]


@pytest.mark.parametrize(
    ("scope", "target", "stay"),
    [
        ("tenant", "*", {"a", "b", "bases"}),
        ("dataset", "hub.consents", {"a", "b"}),
        ("category", "ISLEM_GUV", {"a", "b"}),
        ("category", "KIMLIK", {"a", "b", "bases"}),
        ("subject", "a", {"a", "bases"}),
        ("dataset", "hub.mails", set[str]()),
    ],
)
def test_a_hold_keeps_what_lies_in_its_scope(desk: Desk, scope: str, target: str, stay: set[str]) -> None:
    kept = {desk.consent(OVER, name): name for name in "ab"}
    desk.basis(OVER)
    if scope == "subject":
        target = desk.hub.keyring.tenant(desk.tenant).subject_id("tckn", desk.pseudonym(target))
        with desk.hub.database.tenant(desk.tenant, "vault") as connection:
            connection.execute("INSERT INTO vault.subjects VALUES (%s, %s)", (desk.tenant, target))
    desk.hold(scope, target)

    desk.run()

    assert {kept[each] for each in desk.left()} | ({"bases"} if desk.left("hub.legal_bases") else set()) == stay


def test_a_hold_on_a_subject_keeps_the_proofs_of_the_person_who_is_linked_to_it(desk: Desk) -> None:
    kept = {desk.consent(OVER, name): name for name in "ab"}
    held, linked = (desk.hub.keyring.tenant(desk.tenant).subject_id("tckn", desk.pseudonym(name)) for name in "ca")
    with desk.hub.database.tenant(desk.tenant, "vault") as connection:
        for subject in (held, linked):
            connection.execute("INSERT INTO vault.subjects VALUES (%s, %s)", (desk.tenant, subject))
        connection.execute(
            "INSERT INTO vault.links (tenant_id, subject_id, other_subject_id, reason, made_by)"
            " VALUES (%s, %s, %s, 'same_person', 'Ayşe Yetkili')",
            (desk.tenant, min(held, linked), max(held, linked)),
        )
        connection.execute(
            "INSERT INTO vault.identifiers (tenant_id, subject_id, kind, pseudonym, strength, source)"
            " VALUES (%s, %s, 'tckn', %s, 'strong', 'test')",
            (desk.tenant, held, desk.pseudonym("c")),
        )
    desk.hold("subject", held)

    desk.run()

    assert [kept[each] for each in desk.left()] == ["a"]


def test_the_inventory_says_the_same_years() -> None:
    (activity,) = [each for each in ACTIVITIES if each.code == "hub.consents"]
    assert activity.retention == KEPT
