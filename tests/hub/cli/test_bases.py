from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Window
from hub.control import refusals
from hub.control.refusals import Matter, Refused
from hub.db.database import Database
from hub.kvkk.audit import operator
from tests.hub.cli.conftest import Outcome, Run

TCKN = "10000000146"
FIELDS = {
    "purpose": "credit_assessment",
    "legal_basis": "legitimate_interest",
    "data_categories": ["KIMLIK", "FINANS"],
    "proportionality_note": "Vadeli satış; depozito seçeneği sunuldu. Denge testi DT-7.",
    "notice_id": "n1",
    "recorded_by": "kvkk-sorumlusu",
    "subject_kind": "tckn",
    "subject": TCKN,
}


def recorded(hub: Run, tenant: dict[str, Any], **changes: Any) -> Outcome:
    values = {name: value for name, value in (FIELDS | changes).items() if value is not None}
    return hub(
        *("kvkk", "bases", "record", "--tenant", tenant["tenant_id"], "--from-file", "-", "--json"),
        stdin=json.dumps(values),
    )


def test_a_basis_is_recorded_listed_and_ended_without_the_number(hub: Run, tenant: dict[str, Any]) -> None:
    reference = ("--tenant", tenant["tenant_id"], "--json")
    basis = recorded(hub, tenant)
    listed = hub("kvkk", "bases", "list", "--active", *reference)
    ended = hub("kvkk", "bases", "end", "--id", basis.json()["basis_id"], "--by", "avukat", *reference)

    assert [each["legal_basis"] for each in listed.json()] == ["legitimate_interest"]
    assert ended.json()["ended_at"] is not None
    assert hub("kvkk", "bases", "list", "--active", *reference).json() == []
    log = hub("kvkk", "audit", "list", *reference).json()
    assert [(each["action"], each["actor"], each["object"]) for each in log] == [
        ("tenant.added", operator().name, f"tenant:{tenant['tenant_id']}"),
        ("basis.recorded", "kvkk-sorumlusu", f"basis:{basis.json()['basis_id']}"),
        ("basis.ended", "avukat", f"basis:{basis.json()['basis_id']}"),
    ]
    assert all(TCKN not in outcome.out + outcome.err for outcome in (basis, listed, ended))


def test_a_basis_is_recorded_by_options_with_the_number_from_standard_input(hub: Run, tenant: dict[str, Any]) -> None:
    basis = hub(
        *("kvkk", "bases", "record", "--tenant", tenant["subdomain"], "--subject-kind", "tckn", "--category", "FINANS"),
        *("--purpose", "credit_assessment", "--legal-basis", "contract", "--proportionality-note", "Vadeli satış"),
        *("--notice-id", "n1", "--recorded-by", "avukat", "--valid-until", "2099-01-01T00:00:00+03:00", "--json"),
        stdin=f"{TCKN}\n",
    )

    assert basis.status == 0, basis.err
    assert basis.json()["data_subject"] == recorded(hub, tenant).json()["data_subject"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject": "10000000147"}, "subject_malformed"),
        ({"legal_basis": "explicit_consent"}, "input_invalid"),
        ({"proportionality_note": None}, "input_invalid"),
        ({"proportionality_note": "  "}, "input_invalid"),
        ({"recorded_by": None}, "input_invalid"),
        ({"data_categories": ["SAGLIK"]}, "input_invalid"),
        ({"valid_from": "2026-03-01T00:00:00+03:00", "valid_until": "2026-02-01T00:00:00+03:00"}, "input_invalid"),
    ],
)
def test_what_is_wrong_is_named_and_never_the_number(
    hub: Run, tenant: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    refused = recorded(hub, tenant, **changes)

    assert refused.status == 1
    assert json.loads(refused.err)["error"]["code"] == code
    assert "1000000014" not in refused.err + refused.out


def test_a_basis_ends_once(hub: Run, tenant: dict[str, Any]) -> None:
    arguments = ("kvkk", "bases", "end", "--tenant", tenant["tenant_id"], "--by", "avukat", "--json", "--id")
    basis_id = recorded(hub, tenant).json()["basis_id"]

    assert hub(*arguments, basis_id).status == 0
    assert json.loads(hub(*arguments, basis_id).err)["error"]["code"] == "basis_already_ended"


def test_a_recorded_basis_is_never_changed(hub: Run, tenant: dict[str, Any], database: Database) -> None:
    import psycopg

    recorded(hub, tenant)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.tenant(tenant["tenant_id"], "app") as connection:
        connection.execute("UPDATE hub.legal_bases SET valid_until = NULL")
    with (
        pytest.raises(psycopg.errors.IntegrityConstraintViolation),
        database.tenant(tenant["tenant_id"], "app") as connection,
    ):
        connection.execute("UPDATE hub.legal_bases SET ended_at = NULL, ended_by = NULL")


def test_refusals_are_listed_with_reference_and_reason_until_they_are_settled(
    hub: Run, tenant: dict[str, Any], database: Database
) -> None:
    subject = recorded(hub, tenant).json()["data_subject"]
    now = datetime.now(UTC)
    matter = Matter(tenant["tenant_id"], "findeks", "reports")
    refused = [Refused("FK1", subject, "basis_missing"), Refused("FK2", None, "subject_unreadable")]
    refusals.record(database, matter, refused, purpose="credit_assessment", window=Window(now, now), at=now)
    refusals.settle_loaded(database, matter, ["FK2"], at=now)
    arguments = ("kvkk", "refusals", "--tenant", tenant["tenant_id"])

    assert [each["record_key"] for each in hub(*arguments, "--json").json()] == ["FK1"]
    assert len(hub(*arguments, "--settled", "--json").json()) == 2
    assert len(hub(*arguments, "--subject-kind", "tckn", "--json", stdin=TCKN).json()) == 1
    assert hub(*arguments, "--provider", "iyzico", "--json").json() == []
    assert "no recorded legal basis" in hub(*arguments).out
