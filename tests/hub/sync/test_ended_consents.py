"""A consent that ends stops loads at once, and raises the check of what rested on it alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.control import consents
from hub.errors import HubError
from hub.kvkk import erasure_checks
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries
from hub.sync.batch import Engine
from tests.hub.sync.test_admission import (
    AYSE,
    NOW,
    VELI,
    Far,
    basis,
    consent,
    far,
    landed,
    provider,
    reasons,
    shop,
    sync,
)

__all__ = ["far", "shop"]
"""Fixtures of the admission's own tests."""

ACTOR = Actor("ayşe", "operator")
IN_AN_HOUR, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=2)


def providers(of: Far) -> dict[str, Any]:
    given = provider(of)
    return {given.name: given}


def withdraw(engine: Engine, tenant: str, given: Any) -> None:
    consents.withdraw(engine.database, tenant, given.consent_id, channel="email", reason=None, actor=ACTOR)


def checks(engine: Engine, tenant: str) -> dict[Any, erasure_checks.Check]:
    found = erasure_checks.listed(engine.database, tenant, everything=True)
    return {each.consent_id: each for each in found}


class TestTheNextLoad:
    def test_refuses_a_person_whose_consent_was_withdrawn(self, engine: Engine, far: Far, shop: str) -> None:
        given = consent(engine, shop, AYSE)
        far.add("A", AYSE)
        sync(engine, far, [shop])
        withdraw(engine, shop, given)
        far.add("B", AYSE, hours_ago=-0.5)
        sync(engine, far, [shop], now=IN_AN_HOUR)
        assert (landed(engine, shop), reasons(engine, shop)) == ({"A"}, {"A": "basis_inactive", "B": "basis_inactive"})

    def test_refuses_a_person_whose_consent_has_expired_before_any_schedule_looked(
        self, engine: Engine, far: Far, shop: str
    ) -> None:
        given = consent(engine, shop, AYSE, expires_at=NOW + timedelta(minutes=10))
        far.add("A", AYSE)
        sync(engine, far, [shop])
        far.add("B", AYSE, hours_ago=-0.5)
        sync(engine, far, [shop], now=IN_AN_HOUR)
        assert "B" not in landed(engine, shop)
        assert reasons(engine, shop)["B"] == "basis_inactive"
        assert given.consent_id not in checks(engine, shop)


class TestTheCheck:
    def test_is_raised_with_the_withdrawal_and_lists_what_rested_on_it(
        self, engine: Engine, far: Far, shop: str
    ) -> None:
        given = consent(engine, shop, AYSE)
        consent(engine, shop, VELI)
        for number, subject in (("A", AYSE), ("B", AYSE), ("V", VELI)):
            far.add(number, subject)
        sync(engine, far, [shop])
        withdraw(engine, shop, given)
        assert checks(engine, shop)[given.consent_id].state == "raised"
        found = erasure_checks.examine(engine.database, providers(far), shop, given.consent_id)
        assert (found.cause, found.state, found.datasets) == ("consent_withdrawn", "open", {"siparis.orders": 2})
        actions = [
            line.action for line in entries(engine.database, shop) if line.object.endswith(str(given.consent_id))
        ]
        assert actions == [
            "consent.recorded",
            "erasure_check.raised",
            "consent.withdrawn",
            "erasure_check.examined",
        ]

    def test_is_raised_by_schedule_when_the_time_is_over_and_once(self, engine: Engine, far: Far, shop: str) -> None:
        given = consent(engine, shop, AYSE, expires_at=NOW + timedelta(minutes=10))
        far.add("A", AYSE)
        sync(engine, far, [shop])
        erasure_checks.sweep(engine.database, providers(far), NOW)
        assert checks(engine, shop) == {}
        for _ in range(2):
            assert erasure_checks.sweep(engine.database, providers(far), IN_AN_HOUR).failed == 0
        found = checks(engine, shop)[given.consent_id]
        assert (found.cause, found.state, found.datasets) == ("consent_expired", "open", {"siparis.orders": 1})
        raised = [line for line in entries(engine.database, shop) if line.action == "erasure_check.raised"]
        assert [line.object for line in raised] == [f"consent:{given.consent_id}"]
        assert erasure_checks.pending(engine.database, LATER) == []

    @pytest.mark.parametrize("renewed", [True, False])
    def test_leaves_what_rests_on_another_basis(self, engine: Engine, far: Far, shop: str, renewed: bool) -> None:
        given = consent(engine, shop, AYSE)
        far.add("A", AYSE)
        sync(engine, far, [shop])
        if renewed:
            consent(engine, shop, AYSE, supersedes_id=given.consent_id)
        else:
            basis(engine, shop, AYSE)
        withdraw(engine, shop, given)
        found = erasure_checks.examine(engine.database, providers(far), shop, given.consent_id)
        assert (found.state, found.datasets) == ("other_basis", {})

    def test_says_when_nothing_is_held(self, engine: Engine, far: Far, shop: str) -> None:
        given = consent(engine, shop, AYSE)
        withdraw(engine, shop, given)
        found = erasure_checks.examine(engine.database, providers(far), shop, given.consent_id)
        assert (found.state, found.datasets) == ("nothing_held", {})
        assert erasure_checks.listed(engine.database, shop) == []

    def test_of_a_withdrawal_whose_process_died_is_examined_by_schedule(
        self, engine: Engine, far: Far, shop: str
    ) -> None:
        given = consent(engine, shop, AYSE)
        withdraw(engine, shop, given)
        assert (shop, given.consent_id) in erasure_checks.pending(engine.database, IN_AN_HOUR)
        erasure_checks.sweep(engine.database, providers(far), IN_AN_HOUR)
        assert checks(engine, shop)[given.consent_id].state == "nothing_held"

    def test_does_not_see_another_tenants_records(self, engine: Engine, far: Far, shop: str, tmp_path: Path) -> None:
        from tests.support.shop import add_shop

        other = add_shop(engine, tmp_path / "other")
        consent(engine, other, AYSE)
        given = consent(engine, shop, AYSE)
        far.add("A", AYSE)
        sync(engine, far, [other])
        withdraw(engine, shop, given)
        assert erasure_checks.examine(engine.database, providers(far), shop, given.consent_id).state == "nothing_held"


class TestSettling:
    @pytest.fixture
    def open_check(self, engine: Engine, far: Far, shop: str) -> Any:
        given = consent(engine, shop, AYSE)
        far.add("A", AYSE)
        sync(engine, far, [shop])
        withdraw(engine, shop, given)
        erasure_checks.examine(engine.database, providers(far), shop, given.consent_id)
        return given.consent_id

    def settle(self, engine: Engine, far: Far, shop: str, consent_id: Any, outcome: Any, reason: str | None) -> Any:
        return erasure_checks.settle(
            engine.database, providers(far), shop, consent_id, outcome=outcome, reason=reason, actor=ACTOR
        )

    def test_as_erased_is_refused_while_a_record_is_left(
        self, engine: Engine, far: Far, shop: str, open_check: Any
    ) -> None:
        with pytest.raises(HubError, match="check_data_left"):
            self.settle(engine, far, shop, open_check, "erased", None)
        with engine.database.tenant(shop, "loader") as connection:
            connection.execute("UPDATE landing.siparis_orders SET customer_tckn = NULL WHERE tenant_id = %s", (shop,))
        done = self.settle(engine, far, shop, open_check, "erased", None)
        assert (done.state, done.settled_by) == ("erased", "ayşe")
        with pytest.raises(HubError, match="check_not_open"):
            self.settle(engine, far, shop, open_check, "kept", "TTK 82")

    def test_as_kept_needs_a_reason(self, engine: Engine, far: Far, shop: str, open_check: Any) -> None:
        with pytest.raises(HubError, match="check_reason_missing"):
            self.settle(engine, far, shop, open_check, "kept", None)
        assert self.settle(engine, far, shop, open_check, "kept", "TTK 82").settled_reason == "TTK 82"
        last = list(entries(engine.database, shop))[-1]
        assert (last.action, last.details) == (
            "erasure_check.settled",
            {"outcome": "kept", "reason": "TTK 82"},
        )
