"""What is written beside an act names nobody: codes, references, and remarks in which the detector finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from hub.control import consents, legal_bases
from hub.control.consent_record import NewConsent
from hub.control.legal_basis_record import NewLegalBasis
from hub.db.database import Database
from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk import erasure_checks, holds
from hub.kvkk.audit import Actor
from hub.kvkk.breach import register, told
from hub.kvkk.breach.form import Form, merged
from hub.kvkk.forget.run import Forgetting
from hub.kvkk.requests.answering import Refusal
from hub.kvkk.wording import is_reference, require_remark
from hub.settings import Settings
from hub.validation import InvalidInput, checked

NAMED = "Ayşe Yılmaz'ın borcu"
ACTOR = Actor("masa", "dpo")


def refused(act: Callable[[], Any]) -> dict[str, str]:
    """The fields that were refused and why; no value is in what a person gets to see."""
    with pytest.raises(InvalidInput) as caught:
        act()
    assert "Ayşe" not in str(caught.value) + repr([problem.params for problem in caught.value.problems])
    return {problem.field: problem.code for problem in caught.value.problems}


@pytest.mark.parametrize(
    "value",
    ["4711", "TKT-4711", "2026/123", "a.b_c#1", "2026-11-26/0042", "c21f7ed8-87de-4f32-8b5e-18028b2a3db3", "n1"],
)
def test_an_id_of_something_is_a_reference(value: str) -> None:
    assert is_reference(value)


@pytest.mark.parametrize(
    "value",
    [
        *("", "Ayşe", "ayse.yilmaz", "Ayse-Yilmaz", "ayse 1", "1" * 41, "a@b.c1"),
        *("10000000146", "100-0000-0146", "1234567890", "0532-111-22-33", "90/532/111/22/33", "+905321112233"),
    ],
)
def test_what_could_be_somebodys_name_or_number_is_none(value: str) -> None:
    assert not is_reference(value)


@pytest.mark.parametrize("text", ["VUK m. 253", "TTK 82", "İstanbul 3. Asliye Ticaret Mahkemesi 2026/123 E."])
def test_an_article_and_a_court_are_a_remark(text: str) -> None:
    require_remark("legal_ref", text)


@pytest.mark.parametrize("text", [NAMED, "0532 111 22 33 aradı", "TCKN 10000000146", "ayse@ornek.com.tr yazdı"])
def test_a_sentence_with_somebody_in_it_is_none_and_the_error_says_what_it_holds_and_not_whom(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_remark("legal_ref", text)

    (problem,) = caught.value.problems
    assert (problem.field, problem.code) == ("legal_ref", "field_names_somebody")
    assert str(problem.params["found"]) in {"PERSON", "TR_PHONE", "TR_TCKN", "EMAIL"}


def test_proofs_and_notices_of_a_consent_are_references() -> None:
    stated = {"purpose": "credit_assessment", "data_categories": ["FINANS"], "retention_period": "P1Y"}
    stated |= {"consent_text": "Onaylıyorum.", "given_at": "2026-03-31T10:15:00+03:00", "channel": "web"}
    named = dict.fromkeys(("text_version", "notice_id", "evidence_ref"), "Ayşe Yılmaz")

    assert refused(lambda: checked(NewConsent, stated | named | {"source": NAMED})) == {
        **dict.fromkeys(named, "field_not_a_reference"),
        "source": "field_names_somebody",
    }


def test_why_a_basis_is_proportionate_names_nobody() -> None:
    stated = {"purpose": "credit_assessment", "legal_basis": "contract", "data_categories": ["FINANS"]}
    stated |= {"valid_from": "2026-03-31T10:15:00+03:00", "recorded_by": "Mehmet Demir", "notice_id": "Ayşe Yılmaz"}
    stated |= {"proportionality_note": NAMED, "evidence_ref": "Ayşe Yılmaz"}

    assert refused(lambda: checked(NewLegalBasis, stated)) == {
        "proportionality_note": "field_names_somebody",
        "notice_id": "field_not_a_reference",
        "evidence_ref": "field_not_a_reference",
    }


def test_reasons_and_channels_of_an_end_are_codes(database: Database, make_tenant: Callable[[], str]) -> None:
    tenant = make_tenant()

    def withdraw(channel: str, reason: str) -> Callable[[], Any]:
        return lambda: consents.withdraw(database, tenant, uuid4(), channel=channel, reason=reason)

    assert refused(withdraw("web", NAMED)) == {"reason": "field_not_a_code"}
    assert refused(withdraw(NAMED, "asked")) == {"channel": "field_not_a_code"}
    assert refused(lambda: legal_bases.end(database, tenant, uuid4(), by="Mehmet Demir", reason=NAMED)) == {
        "reason": "field_not_a_code"
    }


def test_grounds_of_holds_checks_and_refusals_name_nobody(database: Database, make_tenant: Callable[[], str]) -> None:
    tenant = make_tenant()
    new = holds.NewHold("tenant", "*", "litigation", NAMED)

    def settle() -> Any:
        return erasure_checks.settle(database, {}, tenant, uuid4(), outcome="kept", reason=NAMED, actor=ACTOR)

    assert refused(lambda: holds.place(database, tenant, new, actor=ACTOR)) == {"legal_ref": "field_names_somebody"}
    with pytest.raises(HubError, match="hold_target_malformed"):
        holds.place(database, tenant, replace(new, scope="dataset", target="hub.Ayşe", legal_ref="TTK 82"), actor=ACTOR)
    assert refused(settle) == {"reason": "field_names_somebody"}
    assert refused(lambda: Refusal("legal_hold", article=NAMED)) == {"article": "field_names_somebody"}
    assert holds.listed(database, tenant) == []


def test_the_articles_under_which_a_forgotten_tenants_records_were_handed_over_name_nobody(
    settings: Settings, database: Database, make_tenant: Callable[[], str]
) -> None:
    def no_dagster() -> Any:
        raise AssertionError

    forgetting, tenant = Forgetting(settings, database, no_dagster), make_tenant()

    assert refused(lambda: forgetting.forget(tenant, actor=ACTOR, handed_over=[NAMED])) == {
        "handed_over": "field_names_somebody"
    }


@pytest.mark.parametrize("field", ["detected_how", "source_details", "consequences", "persons_told_text"])
def test_what_is_new_in_a_breachs_form_names_nobody(field: str) -> None:
    assert refused(lambda: merged(Form(), {field: NAMED})) == {field: "field_names_somebody"}
    assert merged(Form().model_copy(update={field: NAMED}), {"persons_count": 3}).persons_count == 3


def test_a_breachs_form_tells_whom_to_ask_and_where() -> None:
    told_text = "Sorularınız için 0532 111 22 33 ya da kvkk@ornek.com.tr."
    done = merged(Form(), {"contact_name": "Mehmet Demir", "persons_told_text": told_text, "sources": ["theft"]})

    assert (done.contact_name, done.persons_told_text) == ("Mehmet Demir", told_text)
    assert refused(lambda: merged(Form(), {"attachments": ["rapor 1", NAMED]})) == {
        "attachments": "field_names_somebody"
    }


def test_proofs_that_a_breach_was_told_are_references_or_a_page(
    settings: Settings, database: Database, make_tenant: Callable[[], str]
) -> None:
    tenant, keyring = make_tenant(), Keyring(database, read_master_key(settings.master_key_file))
    learned, fields = datetime.now(UTC), {"sources": ["loss"]}
    breach = register.register(database, keyring, tenant, fields=fields, learned_at=learned, actor=ACTOR)

    def board(evidence: str) -> Any:
        return register.tell_board(
            database, keyring, tenant, breach.breach_id, stage="initial", at=None, evidence_ref=evidence, actor=ACTOR
        )

    def persons(evidence: Any) -> Any:
        return told.tell_persons(
            database, tenant, breach.breach_id, how="publication", evidence=evidence, at=None, actor=ACTOR
        )

    assert refused(lambda: board(NAMED)) == {"evidence_ref": "field_not_a_reference"}
    for evidence in (NAMED, {uuid4(): "posta-1", uuid4(): NAMED}, "https://ornek.com.tr/?kim=Ayşe", "x"):
        assert refused(partial(persons, evidence)) == {"evidence_ref": "field_not_a_reference"}
    assert persons("https://ornek.com.tr/duyuru/7") == 0
