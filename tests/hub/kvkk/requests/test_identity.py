from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb

from hub.errors import HubError
from hub.kvkk.requests import subjects
from hub.kvkk.requests.subjects import Concerned
from tests.hub.kvkk.requests.conftest import EMAIL, LATER, OTHER_TCKN, PHONE, PLATE, RECEIVED, TCKN, DeskOf


def concerned(desk: DeskOf, request_id: object) -> list[Concerned]:
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        return subjects.concerned(connection, desk.tenant_id, request_id)  # type: ignore[arg-type]


def verified(desk: DeskOf) -> set[str]:
    return {row[0] for row in desk.rows("SELECT kind FROM hub.request_identifiers WHERE verified")}


def test_an_attested_identity_proves_the_number_and_what_the_index_ties_to_it(desk: DeskOf) -> None:
    subject = desk.knows(("tckn", TCKN), ("phone", PHONE))
    request = desk.identify(desk.open(identifiers={"tckn": TCKN, "phone": PHONE, "plate": PLATE}))

    assert (request.state, request.identity_method) == ("identity_check", "in_person")
    assert request.identity_confirmed_at == LATER
    assert verified(desk) == {"tckn", "phone"}
    assert concerned(desk, request.request_id) == [Concerned(subject, "strong", "included", None)]


def test_a_number_that_the_applicant_only_claims_leads_to_a_reviewer_and_not_to_the_data(desk: DeskOf) -> None:
    own = desk.knows(("tckn", TCKN))
    somebody = desk.knows(("tckn", OTHER_TCKN), ("phone", PHONE))
    request = desk.identify(desk.open(identifiers={"tckn": TCKN, "phone": PHONE}))

    found = concerned(desk, request.request_id)
    assert Concerned(own, "strong", "included", None) in found
    assert Concerned(somebody, "weak", "review", None) in found
    assert verified(desk) == {"tckn"}


def test_two_kinds_that_the_index_ties_to_one_person_identify_them(desk: DeskOf) -> None:
    subject = desk.knows(("tckn", TCKN), ("email", EMAIL))
    request = desk.identify(desk.open(identifiers={"tckn": TCKN, "email": EMAIL}), "matched_identifiers")

    assert request.identity_confirmed_at == LATER
    assert [each.subject_id for each in concerned(desk, request.request_id)] == [subject]


def test_one_identifier_or_two_of_different_people_identify_nobody(desk: DeskOf) -> None:
    desk.knows(("tckn", TCKN))
    desk.knows(("tckn", OTHER_TCKN), ("email", EMAIL))
    for identifiers in ({"tckn": TCKN}, {"tckn": TCKN, "email": EMAIL}):
        request = desk.identify(desk.open(identifiers=identifiers), "matched_identifiers")

        assert (request.state, request.identity_confirmed_at) == ("identity_check", None)
        assert desk.history(request.request_id) == ["open", "doubt_identity"]
        assert concerned(desk, request.request_id) == []


def test_the_missing_identifier_may_come_later(desk: DeskOf) -> None:
    desk.knows(("tckn", TCKN), ("email", EMAIL))
    doubted = desk.identify(desk.open(identifiers={"tckn": TCKN}), "matched_identifiers")
    request = desk.identify(doubted, "matched_identifiers", added=desk.pseudonyms({"email": EMAIL}))

    assert request.identity_confirmed_at == LATER


def test_the_address_on_file_identifies_and_a_strange_one_does_not(desk: DeskOf) -> None:
    desk.knows(("email", EMAIL))

    assert desk.identify(desk.open(identifiers={"email": EMAIL}), "registered_email").identity_confirmed_at
    strange = desk.open(identifiers={"email": "baska@ornek.invalid"})
    assert desk.identify(strange, "registered_email").identity_confirmed_at is None


def test_a_signature_without_a_number_identifies_nobody(desk: DeskOf) -> None:
    desk.knows(("tckn", TCKN), ("phone", PHONE))

    assert desk.identify(desk.open(identifiers={"phone": PHONE}), "wet_signature").identity_confirmed_at is None


def test_a_person_the_hub_does_not_know_is_identified_with_nothing_found(desk: DeskOf) -> None:
    request = desk.identify(desk.open())

    assert request.identity_confirmed_at == LATER
    assert concerned(desk, request.request_id) == []


def test_a_tenant_may_let_the_clock_run_from_the_completed_identity(make_desk: Callable[..., DeskOf]) -> None:
    ordinary, other = make_desk(), make_desk(settings=Jsonb({"request_clock_starts": "identity"}))

    assert ordinary.identify(ordinary.open()).due_at == RECEIVED + timedelta(days=30)
    assert other.identify(other.open()).due_at == LATER + timedelta(days=30)


class TestReview:
    def in_review(self, desk: DeskOf) -> tuple[object, str]:
        desk.knows(("tckn", TCKN))
        somebody = desk.knows(("tckn", OTHER_TCKN), ("phone", PHONE))
        request = desk.identify(desk.open(identifiers={"tckn": TCKN, "phone": PHONE}))
        return request.request_id, somebody

    def decide(self, desk: DeskOf, request_id: object, subject: str, decision: str = "excluded") -> Concerned:
        return subjects.decide(
            desk.database,
            desk.tenant_id,
            request_id,  # type: ignore[arg-type]
            subject,
            decision,  # type: ignore[arg-type]
            reason="family_phone",
            actor=desk.actor,
            now=LATER,
        )

    def test_a_reviewers_word_is_kept_with_name_and_reason_and_may_be_changed(self, desk: DeskOf) -> None:
        request_id, somebody = self.in_review(desk)

        assert self.decide(desk, request_id, somebody).decision == "excluded"
        assert self.decide(desk, request_id, somebody, "included").decision == "included"
        assert desk.rows("SELECT decision, decided_by, reason FROM hub.request_subjects WHERE reached_by = 'weak'") == [
            ("included", "memur", "family_phone")
        ]
        assert desk.history(request_id)[-2:] == ["review", "review"]  # type: ignore[arg-type]

    def test_what_was_decided_outlives_another_search(self, desk: DeskOf) -> None:
        request_id, somebody = self.in_review(desk)
        self.decide(desk, request_id, somebody)
        desk.identify(desk.read(request_id))  # type: ignore[arg-type]

        assert Concerned(somebody, "weak", "excluded", "memur") in concerned(desk, request_id)

    def test_only_what_is_uncertain_is_a_reviewers(self, desk: DeskOf) -> None:
        request_id, _ = self.in_review(desk)
        [own] = [each.subject_id for each in concerned(desk, request_id) if each.decision == "included"]
        codes: list[str] = []
        for subject in (own, "0" * 32):
            with pytest.raises(HubError) as refused:
                self.decide(desk, request_id, subject)
            codes.append(refused.value.code)

        assert codes == ["request_subject_not_in_review", "request_subject_unknown"]
