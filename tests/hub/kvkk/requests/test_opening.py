from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb
from pydantic import ValidationError

from connectors.secret import Secret
from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.requests import opening, sealed
from hub.kvkk.requests.new_request import NewRequest
from hub.kvkk.requests.transitions import DESK
from tests.hub.kvkk.requests.conftest import EMAIL, LATER, NAME, PHONE, RECEIVED, TCKN, DeskOf


def test_the_thirty_days_run_from_receipt_however_late_it_is_entered(desk: DeskOf) -> None:
    request = desk.open()

    assert request.state == "received"
    assert request.received_at == RECEIVED
    assert request.due_at == RECEIVED + timedelta(days=30)


def test_a_tenant_may_promise_less_time_and_never_take_more(make_desk: Callable[..., DeskOf]) -> None:
    quick, slow = (make_desk(settings=Jsonb({"request_answer_days": days})) for days in (10, 45))

    assert quick.open().due_at == RECEIVED + timedelta(days=10)
    with pytest.raises(HubError) as refused:
        slow.open()
    assert refused.value.code == "tenant_setting_wrong"
    assert refused.value.params["key"] == "request_answer_days"


def test_nothing_of_the_applicant_stands_in_a_table_in_clear(desk: DeskOf) -> None:
    request = desk.open(identifiers={"tckn": TCKN, "phone": PHONE})

    for table in ("hub.requests", "hub.request_events", "hub.request_identifiers", "hub.audit_log"):
        text = repr(desk.rows(f"SELECT * FROM {table} WHERE tenant_id = %s", desk.tenant_id))  # noqa: S608 - our own names
        assert str(request.request_id) in text
        for marker in (TCKN, "5320000001", EMAIL, "Denemeoğlu", "öğrenmek"):
            assert marker not in text


def test_the_person_who_handles_it_reads_it_and_the_reading_is_audited(desk: DeskOf) -> None:
    request = desk.open()
    read = sealed.reveal(
        desk.database,
        desk.keyring,
        desk.tenant_id,
        request.request_id,
        ("contact", "content", "answer"),
        actor=Actor("memur", DESK),
    )

    assert read["contact"] == {"name": NAME, "email": EMAIL}
    assert read["content"]["text"] == "Verilerimi öğrenmek istiyorum."
    assert read["answer"] is None
    assert desk.rows("SELECT actor, action, request_id FROM hub.audit_log ORDER BY seq") == [
        ("memur", "request.open", request.request_id),
        ("memur", "request.read", request.request_id),
    ]


def test_a_sealed_part_opens_for_no_other_request_and_no_other_part(desk: DeskOf) -> None:
    first, second = desk.open(), desk.open()
    keys = desk.keyring.tenant(desk.tenant_id)
    [(cipher,)] = desk.rows("SELECT contact_cipher FROM hub.requests WHERE request_id = %s", first.request_id)

    assert sealed.unseal(keys, first.request_id, "contact", cipher)["name"] == NAME
    for request_id, part in ((second.request_id, "contact"), (first.request_id, "answer")):
        with pytest.raises(HubError) as refused:
            sealed.unseal(keys, request_id, part, cipher)  # type: ignore[arg-type]
        assert refused.value.code == "ciphertext_invalid"


def test_one_spelling_of_an_identifier_is_as_good_as_another(desk: DeskOf) -> None:
    spellings = ("+90 532 000 00 01", "05320000001", "(532) 000-00-01")

    assert len({desk.pseudonyms({"phone": each})[0] for each in spellings}) == 1


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [("tckn", "10000000147", "subject_malformed"), ("passport", "U1", "identifier_kind_unknown")],
)
def test_an_identifier_that_is_none_is_refused_without_being_repeated(
    desk: DeskOf, kind: str, value: str, code: str
) -> None:
    with pytest.raises(HubError) as refused:
        opening.pseudonyms(desk.keyring, desk.tenant_id, [(kind, Secret(value))])
    assert refused.value.code == code
    assert value not in str(refused.value)


def test_an_application_without_an_identifier_or_from_the_future_is_refused(desk: DeskOf) -> None:
    new = NewRequest.model_validate({"type": "info", "channel": "kep", "contact": {"name": NAME, "email": EMAIL}})
    with pytest.raises(HubError) as without:
        opening.open_request(desk.database, desk.keyring, desk.tenant_id, new, [], actor=desk.actor)
    with pytest.raises(HubError) as future:
        desk.open(received_at=LATER + timedelta(seconds=1))

    assert (without.value.code, future.value.code) == ("request_without_identifier", "request_received_in_future")
    assert desk.rows("SELECT 1 FROM hub.requests WHERE tenant_id = %s", desk.tenant_id) == []


def test_a_rectification_says_what_is_right_and_no_other_request_does(desk: DeskOf) -> None:
    corrections = [{"source": "bulutfon", "field": "name", "value": "Ayşe Yeni"}]
    request = desk.open("rectify", corrections=corrections)

    [(cipher,)] = desk.rows("SELECT content_cipher FROM hub.requests WHERE request_id = %s", request.request_id)
    content = sealed.unseal(desk.keyring.tenant(desk.tenant_id), request.request_id, "content", cipher)
    assert content["corrections"] == corrections
    assert desk.rows("SELECT details->>'corrections' FROM hub.request_events") == [("1",)]
    for type_, given in (("rectify", []), ("access", corrections)):
        with pytest.raises(ValidationError):
            desk.open(type_, corrections=given)
