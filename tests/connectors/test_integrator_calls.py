"""An integrator's call names a document, and has it asked about: no more, whatever it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.integrator_calls import HEADER, source_of
from connectors.secret import Secret
from connectors.webhooks import Account, AskAbout, Call, CallMalformed, Standing

SOURCE = source_of("entegrator")
ETTN = "F47AC10B-58CC-4372-A567-0E02B2C3D479"
NOW = datetime.now(UTC)


def verdict(given: str | None, secret: str) -> str:
    headers = {} if given is None else {HEADER: given}
    return SOURCE.verify(Call(b"{}", headers), Account({"webhook_secret": Secret(secret)}))


def test_a_secret_that_is_agreed_on_must_come_along_and_proves_nothing_of_the_rest() -> None:
    assert verdict("gizli", "gizli") == "unsigned"
    assert verdict("Gizli", "gizli") == verdict("é", "gizli") == "wrong"
    assert verdict(None, "gizli") == verdict("", "gizli") == "missing"
    assert verdict(None, "") == "unsigned"


@pytest.mark.parametrize("name", ["uuid", "ETTN", "documentUUID", "invoiceId"])
def test_a_document_is_asked_about_under_whatever_name_it_stands(name: str) -> None:
    call = Call(f'{{"{name}": "{ETTN}", "status": "SUCCEED"}}'.encode())
    (event,) = SOURCE.events(call)
    ours = ETTN.replace("-", "").lower()
    asked = [AskAbout(ours, ETTN), AskAbout(ours, ETTN.lower())]
    assert list(SOURCE.meanings(event, Standing(False, NOW))) == asked


def test_each_state_of_a_document_is_an_event_of_its_own() -> None:
    calls = [b'[{"uuid":"1","status":"SENT"},{"uuid":"1","status":"SUCCEED"}]', b'{"uuid":"2","status":"SENT"}']
    assert len({event.event_id for call in calls for event in SOURCE.events(Call(call))}) == 3


def test_a_call_about_nothing_is_none() -> None:
    for body in (b"{}", b"[]x", b"", b'{"uuid":""}'):
        with pytest.raises(CallMalformed):
            SOURCE.events(Call(body))
