"""`hub kvkk erase|holds|retention`: what a person types, and what exit statuses say."""

from __future__ import annotations

from typing import Any

from tests.hub.cli.conftest import Run
from tests.hub.cli.test_consents import TCKN, recorded


def reference(tenant: dict[str, Any]) -> tuple[str, ...]:
    return "--tenant", tenant["tenant_id"], "--json"


def test_a_person_of_whom_only_a_consent_is_known_is_counted_and_erased(hub: Run, tenant: dict[str, Any]) -> None:
    subject = recorded(hub, tenant).json()["data_subject"]
    erase = ("kvkk", "erase", *reference(tenant), "--subject-kind", "tckn")

    dry = hub(*erase, "--dry-run", stdin=TCKN)
    assert dry.status == 0, dry.err
    assert dry.json()["held"]["consents"] == [{"dataset": "hub.consents", "category": "KIMLIK", "records": 1}]
    assert hub("kvkk", "consents", "list", "--active", *reference(tenant)).json() != []

    done = hub(*erase, "--by", "Ayşe Yetkili", stdin=TCKN)
    assert (done.status, done.json()["outcome"]) == (0, "erased"), done.err
    (consent,) = hub("kvkk", "consents", "list", *reference(tenant)).json()
    assert consent["data_subject"] != subject
    assert consent["withdrawn_at"] is not None
    assert all(secret not in each.out + each.err for each in (dry, done) for secret in (TCKN, subject))


def test_whom_nobody_knows_was_not_erased_and_that_is_said(hub: Run, tenant: dict[str, Any]) -> None:
    recorded(hub, tenant)
    erase = ("kvkk", "erase", "--tenant", tenant["tenant_id"], "--subject-kind", "tckn")
    assert hub(*erase, "--json", stdin=TCKN).json()["outcome"] == "erased"

    again = hub(*erase, "--json", stdin=TCKN)
    assert (again.status, again.json()["outcome"], again.json()["held"]) == (0, "nothing", []), again.err
    said = hub(*erase, stdin=TCKN).out
    assert "Nothing was held of this person" in said
    assert "verified" not in said


def test_a_hold_refuses_with_its_ground_until_it_is_released(hub: Run, tenant: dict[str, Any]) -> None:
    recorded(hub, tenant)
    placed = hub(
        *("kvkk", "holds", "place", *reference(tenant), "--scope", "subject", "--subject-kind", "tckn"),
        *("--reason", "litigation", "--legal-ref", "İstanbul 3. ATM 2026/411 E."),
        stdin=TCKN,
    )
    assert placed.status == 0, placed.err
    erase = ("kvkk", "erase", "--tenant", tenant["tenant_id"], "--subject-kind", "tckn")

    refused = hub(*erase, stdin=TCKN)
    assert refused.status == 3
    assert "İstanbul 3. ATM 2026/411 E." in refused.out
    assert hub("kvkk", "consents", "list", "--active", *reference(tenant)).json() != []

    for each in placed.json():
        assert hub("kvkk", "holds", "release", *reference(tenant), "--id", each["hold_id"]).status == 0
    assert hub("kvkk", "holds", "list", "--in-force", *reference(tenant)).json() == []
    assert hub(*erase, stdin=TCKN).status == 0


def test_a_hold_needs_a_target_that_fits_its_scope(hub: Run, tenant: dict[str, Any]) -> None:
    for scope, target in (("category", "ADRES"), ("dataset", "calls"), ("subject", "ayse"), ("world", "*")):
        refused = hub(
            *("kvkk", "holds", "place", *reference(tenant), "--scope", scope, "--target", target),
            *("--reason", "litigation", "--legal-ref", "x"),
        )
        assert refused.status == 1, scope
    assert hub("kvkk", "holds", "list", *reference(tenant)).json() == []


def test_a_hold_ends_at_a_time_to_come_that_has_its_zone(hub: Run, tenant: dict[str, Any]) -> None:
    place = (
        *("kvkk", "holds", "place", *reference(tenant), "--scope", "tenant"),
        *("--reason", "litigation", "--legal-ref", "x", "--until"),
    )
    for until, status in (("tomorrow", 2), ("2035-01-01", 2), ("2020-01-01T00:00+03:00", 1)):
        refused = hub(*place, until)
        assert (refused.status, "--until" in refused.err) == (status, True), refused.err
    assert hub("kvkk", "holds", "list", *reference(tenant)).json() == []


def test_somebody_must_be_named(hub: Run, tenant: dict[str, Any]) -> None:
    assert hub("kvkk", "erase", *reference(tenant)).status == 1
    wrong = hub("kvkk", "erase", *reference(tenant), "--subject-kind", "tckn", stdin="10000000145")
    assert wrong.status == 1
    assert "10000000145" not in wrong.out + wrong.err


def test_a_new_relation_is_noted_for_those_who_were_erased_and_nobody_else(hub: Run, tenant: dict[str, Any]) -> None:
    recorded(hub, tenant)
    renew = ("kvkk", "renew", *reference(tenant), "--subject-kind", "tckn")
    assert hub(*renew, stdin=TCKN).json() == {"renewed": 0}

    hub("kvkk", "erase", *reference(tenant), "--subject-kind", "tckn", stdin=TCKN)
    assert hub(*renew, stdin=TCKN).json() == {"renewed": 2}


def test_retention_is_planned_and_run(hub: Run, tenant: dict[str, Any]) -> None:
    planned = hub("kvkk", "retention", "plan", *reference(tenant))
    assert (planned.status, planned.json()["due"]) == (0, []), planned.err
    done = hub("kvkk", "retention", "run", *reference(tenant), "--by", "Ayşe Yetkili")
    assert (done.status, done.json()["left"]) == (0, 0)
