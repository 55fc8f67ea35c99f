"""The gateway's call that a report is ready, under the hub's own assumptions."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.actions import Found
from connectors.findeks.webhooks import HEADER, WEBHOOKS
from connectors.secret import Secret
from connectors.webhooks import Account, AskAbout, Call, CallMalformed, ReadAgain, Standing, StateHeard

SECRET = "gateway-secret"
OURS = "0f" * 16

NOW = datetime.now(UTC)


def body(**fields: Any) -> bytes:
    said = {
        "eventId": "evt-1",
        "reportId": "rpt_1",
        "customerRef": OURS,
        "status": "READY",
        "occurredAt": "2026-06-01T10:15:30+03:00",
    }
    return json.dumps(said | fields).encode()


def verdict(content: bytes, given: str | None, secret: str = SECRET) -> str:
    headers = {} if given is None else {HEADER: given}
    return WEBHOOKS.verify(Call(content, headers), Account({"client_secret": Secret(secret)}))


def meant(content: bytes, verified: bool = True) -> list[Any]:
    (event,) = WEBHOOKS.events(Call(content))
    return list(WEBHOOKS.meanings(event, Standing(verified, NOW)))


def test_the_signature_is_over_the_bytes_as_they_came() -> None:
    signature = hmac.new(SECRET.encode(), body(), hashlib.sha256).hexdigest()
    assert verdict(body(), signature) == verdict(body(), f"sha256={signature.upper()}") == "verified"
    assert verdict(body().replace(b": ", b":"), signature) == "wrong"
    assert verdict(body(), hmac.new(b"", body(), hashlib.sha256).hexdigest(), "") == "wrong"
    assert verdict(body(), None) == "missing"


def test_the_orders_state_is_passed_on_and_the_report_read() -> None:
    assert meant(body()) == [StateHeard(Found("delivered", "rpt_1"), OURS), ReadAgain()]
    refused = body(status="NO_RECORD", customerRef="CRM-10042")
    assert meant(refused) == [StateHeard(Found("failed", "rpt_1", "NO_RECORD")), ReadAgain()]


def test_what_is_not_proved_or_not_known_is_asked_about() -> None:
    assert meant(body(), verified=False) == meant(body(status="ODD")) == [AskAbout(OURS, "rpt_1"), ReadAgain()]


def test_a_call_without_a_report_is_none() -> None:
    for content in (b"{}", body(eventId=""), body(reportId=None)):
        with pytest.raises(CallMalformed):
            WEBHOOKS.events(Call(content))
