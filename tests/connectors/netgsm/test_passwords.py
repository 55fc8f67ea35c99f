from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.actions import Refused, Taken, Unclear
from connectors.netgsm.actions import OTP, WHATSAPP_OTP
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import Sandbox
from tests.connectors.netgsm.acting import TO, act, perform, spec_of

BY_SMS = {"to": TO, "text": "Kodunuz 1234"}
BY_WHATSAPP = {"to": TO, "code": "123456"}


class TestPasswords:
    def test_a_password_is_taken_at_once(self, sandbox: Sandbox) -> None:
        connection = spec_of(sandbox, "otp")
        outcomes = perform(connection, [act("o1", BY_SMS)], OTP)
        outcomes += perform(connection, [act("w1", BY_WHATSAPP)], WHATSAPP_OTP)
        assert all(isinstance(outcome, Taken) for outcome in outcomes)
        assert [deed.what for deed in sandbox.world.ledger.deeds(company="otp")] == ["otp", "whatsapp_otp"]

    @pytest.mark.parametrize(
        ("kind", "payload", "service"), [(OTP, BY_SMS, "otp"), (WHATSAPP_OTP, BY_WHATSAPP, "whatsapp_otp")]
    )
    def test_without_the_package_it_is_refused_for_good(
        self, sandbox: Sandbox, kind: Any, payload: Any, service: str
    ) -> None:
        sandbox.world.withheld.add(("netgsm", "poor", service))
        (outcome,) = perform(spec_of(sandbox, "poor"), [act("o", payload)], kind)
        assert isinstance(outcome, Refused)
        assert (outcome.failure.code, outcome.failure.provider_code) == ("package_missing", "60")

    @pytest.mark.parametrize(("kind", "refused"), [("rate_limited", True), ("server_error", False)])
    def test_the_whatsapp_host_says_by_code_what_its_503_means(
        self, sandbox: Sandbox, kind: FaultKind, refused: bool
    ) -> None:
        sandbox.world.faults.add(Fault(kind, provider="netgsm", company="busy", seconds=4))
        (outcome,) = perform(spec_of(sandbox, "busy"), [act("w", BY_WHATSAPP)], WHATSAPP_OTP)
        assert isinstance(outcome, Refused if refused else Unclear)
        assert (outcome.failure.status, outcome.failure.kind) == (503, "transient")

    def test_the_number_that_takes_no_password_is_refused_for_good(self) -> None:
        from connectors.http import Answer
        from connectors.netgsm import codes

        for code in ("50", "51", "52"):
            outcome = codes.sent(Answer(406, json.dumps({"code": code}).encode(), None), codes.OTP)
            assert isinstance(outcome, Refused)
            assert outcome.failure.code == "request_refused"
