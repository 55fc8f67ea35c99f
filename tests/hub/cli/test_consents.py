from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.hub.cli.conftest import Outcome, Run

TCKN = "10000000146"
FIELDS = {
    "purpose": "credit_assessment",
    "data_categories": ["KIMLIK", "FINANS"],
    "retention_period": "P1Y",
    "consent_text": "Açık rıza veriyorum.",
    "text_version": "v1",
    "notice_id": "n1",
    "channel": "web",
    "evidence_ref": "form-1",
    "subject_kind": "tckn",
    "subject": TCKN,
}


def recorded(hub: Run, tenant: dict[str, Any], **changes: Any) -> Outcome:
    return hub(
        *("kvkk", "consents", "record", "--tenant", tenant["tenant_id"], "--from-file", "-", "--json"),
        stdin=json.dumps(FIELDS | changes),
    )


def test_a_consent_is_recorded_listed_and_withdrawn_without_the_number(hub: Run, tenant: dict[str, Any]) -> None:
    reference = ("--tenant", tenant["tenant_id"], "--json")
    consent = recorded(hub, tenant)
    listed = hub("kvkk", "consents", "list", "--active", *reference)
    withdrawn = hub(
        *("kvkk", "consents", "withdraw", "--id", consent.json()["consent_id"], "--channel", "email"), *reference
    )

    assert [each["consent_id"] for each in listed.json()] == [consent.json()["consent_id"]]
    assert withdrawn.json()[0]["withdrawn_at"] is not None
    assert hub("kvkk", "consents", "list", "--active", *reference).json() == []
    assert all(TCKN not in outcome.out + outcome.err for outcome in (consent, listed, withdrawn))


@pytest.mark.parametrize("command", ["consents", "bases"])
def test_a_mistyped_field_is_answered_with_every_one_that_may_stand_in_the_file(
    hub: Run, tenant: dict[str, Any], command: str
) -> None:
    where = ("kvkk", command, "record", "--tenant", tenant["tenant_id"], "--from-file", "-")
    refused = hub(*where, stdin=json.dumps(FIELDS | {"subjekt": TCKN}))
    assert refused.status == 1
    (line,) = (each for each in refused.err.splitlines() if "subjekt" in each and "subject_kind" in each)
    assert {"subject", "subject_kind", "purpose"} <= set(re.findall("[a-z_]+", line))


def test_a_consent_is_recorded_by_options_with_the_number_from_standard_input(
    hub: Run, tenant: dict[str, Any], tmp_path: Path
) -> None:
    text = tmp_path / "riza.txt"
    text.write_text("Açık rıza veriyorum.\n", encoding="utf-8")
    consent = hub(
        *("kvkk", "consents", "record", "--tenant", tenant["subdomain"], "--subject-kind", "tckn"),
        *("--purpose", "credit_assessment", "--category", "FINANS", "--category", "KIMLIK"),
        *("--retention-period", "365", "--text-file", str(text), "--text-version", "v1", "--notice-id", "n1"),
        *("--channel", "wet_signature", "--evidence-ref", "scan-7", "--json"),
        stdin=f"{TCKN}\n",
    )

    assert consent.status == 0, consent.err
    assert consent.json()["data_subject"] == recorded(hub, tenant).json()["data_subject"]
    assert consent.json()["retention_period"] == "P365D"


def test_all_of_a_persons_consents_to_a_purpose_are_withdrawn_by_the_persons_number(
    hub: Run, tenant: dict[str, Any]
) -> None:
    recorded(hub, tenant)
    recorded(hub, tenant)
    recorded(hub, tenant, purpose="marketing")
    withdrawn = hub(
        *("kvkk", "consents", "withdraw", "--tenant", tenant["tenant_id"], "--subject-kind", "tckn"),
        *("--purpose", "credit_assessment", "--channel", "call_centre", "--json"),
        stdin=TCKN,
    )

    assert len(withdrawn.json()) == 2
    left = hub("kvkk", "consents", "list", "--active", "--tenant", tenant["tenant_id"], "--json").json()
    assert [each["purpose"] for each in left] == ["marketing"]


def test_the_list_is_one_persons_when_the_persons_number_is_given(hub: Run, tenant: dict[str, Any]) -> None:
    recorded(hub, tenant)
    recorded(hub, tenant, subject_kind="phone", subject="0532 000 00 01")
    arguments = ("kvkk", "consents", "list", "--tenant", tenant["tenant_id"])

    assert len(hub(*arguments, "--json").json()) == 2
    assert len(hub(*arguments, "--subject-kind", "phone", "--json", stdin="+90 532 000 0001").json()) == 1
    assert "credit_assessment" in hub(*arguments).out


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject": "10000000147"}, "subject_malformed"),
        ({"subject_kind": "passport"}, "subject_kind_unknown"),
        ({"purpose": "Kredi"}, "input_invalid"),
    ],
)
def test_what_is_wrong_is_named_and_never_the_number(
    hub: Run, tenant: dict[str, Any], changes: dict[str, str], code: str
) -> None:
    refused = recorded(hub, tenant, **changes)

    assert refused.status == 1
    assert json.loads(refused.err)["error"]["code"] == code
    assert "1000000014" not in refused.err + refused.out


def test_a_withdrawal_must_say_which_consent(hub: Run, tenant: dict[str, Any]) -> None:
    refused = hub("kvkk", "consents", "withdraw", "--tenant", tenant["tenant_id"], "--channel", "web", "--json")

    assert json.loads(refused.err)["error"]["code"] == "consent_not_named"


def test_the_exact_text_is_shown_with_what_proves_it(hub: Run, tenant: dict[str, Any]) -> None:
    consent = recorded(hub, tenant, consent_text="Satır bir.\nSatır iki.").json()["consent_id"]
    reference = ("--id", consent, "--tenant", tenant["tenant_id"])
    shown = hub("kvkk", "consents", "show", *reference)
    assert shown.status == 0, shown.err
    assert "Satır bir.\nSatır iki.\n" in shown.out
    assert hub("kvkk", "consents", "show", *reference, "--json").json()["text_verified"] is True
    assert TCKN not in shown.out


def test_what_a_withdrawal_asks_for_is_listed_and_settled_once(hub: Run, tenant: dict[str, Any]) -> None:
    consent = recorded(hub, tenant).json()["consent_id"]
    reference = ("--tenant", tenant["tenant_id"])
    withdrawn = ("--id", consent, "--channel", "email", "--by", "ayşe")
    assert hub("kvkk", "consents", "withdraw", *withdrawn, *reference).status == 0
    assert hub("kvkk", "consents", "checks", *reference, "--json").json() == []
    (found,) = hub("kvkk", "consents", "checks", "--all", *reference, "--json").json()
    assert (found["consent_id"], found["state"]) == (consent, "nothing_held")
    refused = hub("kvkk", "consents", "settle", "--id", consent, "--as", "kept", "--reason", "TTK 82", *reference)
    assert refused.status == 1
    assert "not open" in refused.err
    assert hub("kvkk", "consents", "settle", "--id", consent, "--as", "unuttum", *reference).status == 2
