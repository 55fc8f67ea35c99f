from __future__ import annotations

from typing import Any

import pytest

from connectors.actions import Refused, Taken, Unclear
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import Sandbox
from tests.connectors.netgsm.acting import HEADER, act, magic, perform, post, sms, spec_of

SEND = "/sms/rest/v2/send"


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "unclear", "code", "done"),
        [
            ("rate_limited", False, "rate_limited", 0),
            ("credentials_expired", False, "credentials_rejected", 0),
            ("error_with_personal_data", False, "request_refused", 0),
            ("redirect", False, "address_refused", 0),
            ("server_error", True, "provider_error", 0),
            ("cut_before", True, None, 0),
            ("cut_after", True, None, 1),
            ("not_json", True, "answer_malformed", 0),
            ("truncated", True, "answer_truncated", 1),
            ("late", True, "provider_timeout", 1),
        ],
    )
    def test_only_what_surely_did_nothing_is_a_refusal(
        self, sandbox: Sandbox, kind: FaultKind, unclear: bool, code: str | None, done: int
    ) -> None:
        company = f"fault-{kind}"
        sandbox.world.faults.add(Fault(kind, provider="netgsm", company=company, seconds=30))
        timeout = 0.2 if kind == "late" else 30
        (outcome,) = perform(spec_of(sandbox, company, request_timeout_seconds=timeout), [act("f", sms())])
        assert isinstance(outcome, Unclear if unclear else Refused)
        assert code in (None, outcome.failure.code)
        assert sandbox.world.ledger.counts(company=company) == ({"f": done} if done else {})
        assert sandbox.world.requests["netgsm", company, SEND] == 1

    def test_a_system_error_may_come_after_the_deed(self, sandbox: Sandbox) -> None:
        connection = spec_of(sandbox, "broken")
        outcomes = perform(connection, [act("s1", sms(magic("120")))]) + perform(
            connection, [act("s2", sms(magic("121")))]
        )
        assert all(isinstance(outcome, Unclear) for outcome in outcomes)
        assert sandbox.world.ledger.counts(company="broken") == {"s2": 1}

    def test_a_fault_of_one_company_does_not_touch_another(self, sandbox: Sandbox) -> None:
        sandbox.world.faults.add(Fault("cut_before", provider="netgsm", company="sick"))
        assert isinstance(perform(spec_of(sandbox, "well"), [act("w", sms())])[0], Taken)

    def test_the_stand_in_refuses_what_the_sheet_says(self, sandbox: Sandbox) -> None:
        message = {"msg": "Merhaba", "no": "5321234567"}
        good = {"msgheader": HEADER, "messages": [message]}
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"messages": [message]}, "70"),
            ({"msgheader": HEADER}, "70"),
            (good | {"msgheader": "NOBODY"}, "40"),
            (good | {"encoding": "EBCDIC"}, "70"),
            (good | {"iysfilter": "13"}, "70"),
            (good | {"messages": [{"msg": "", "no": "5321234567"}]}, "20"),
            (good | {"messages": [{"msg": "a" * 913, "no": "5321234567"}]}, "20"),
            (good | {"messages": [{"msg": "a", "no": "2121234567"}]}, "70"),
            (good | {"startdate": "2026-11-18"}, "70"),
        ]
        for body, code in wrong:
            assert post(sandbox, "rules", SEND, body) == (406, {"code": code, "jobid": None} | _words(code)), body
        assert post(sandbox, "rules", SEND, good | {"startdate": "171120261200"})[1]["code"] == "01"


def _words(code: str) -> dict[str, str]:
    from connectors.sandbox.netgsm.envelope import _WORDS

    return {"description": _WORDS[code]}
