from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest

from connectors.actions import Refused, Taken, Unclear
from connectors.netgsm.actions import SMS, open_sms
from connectors.netgsm.references import job_of
from connectors.sandbox.server import Sandbox
from tests.connectors.netgsm.acting import HEADER, TO, act, magic, perform, sms, spec_of
from tests.connectors.raw_server import Script, http, raw_server
from tests.connectors.stand_still import StandStill, spec_at

SEND = "/sms/rest/v2/send"
JOB = "17377215342605050417149344"
KEYS = {"usercode": "8503030303", "password": "pa:ss-ı"}


def answered(
    *scripts: Script, payloads: list[dict[str, Any]] | None = None, **settings: Any
) -> tuple[list[Any], list[Any]]:
    """Outcomes, and the requests that a server saw which answers as told."""

    async def run() -> tuple[list[Any], list[Any]]:
        async with raw_server(*scripts) as server, httpx.AsyncClient(trust_env=False) as shared:
            connection = spec_at(server.url, KEYS, **{"msgheader": HEADER, **settings})
            async with open_sms(connection, shared, clock=StandStill().clock()) as performer:
                acts = [act(f"r{index}", payload) for index, payload in enumerate(payloads or [sms()])]
                return list(await performer.perform(acts)), server.requests

    return asyncio.run(run())


def said(code: str | int, status: int = 200, *headers: str, **more: Any) -> bytes:
    return http(status, json.dumps({"code": code, "description": "Ayşe Yılmaz", **more}).encode(), *headers)


class TestTheRequest:
    def test_it_is_what_the_sheet_shows(self) -> None:
        _, requests = answered(
            said("00", jobid=JOB),
            payloads=[
                sms(
                    text="Sayın müşterimiz",
                    commercial=False,
                    start="2026-10-06T11:30:00Z",
                    stop="2026-10-06T18:30:00+03:00",
                )
            ],
            appname="hub",
            partnercode=77,
        )
        head, _, body = requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /sms/rest/v2/send HTTP/1.1\r\n")
        assert b"Basic " + base64.b64encode("8503030303:pa:ss-ı".encode()) in head
        assert json.loads(body) == {
            "msgheader": "FIRMA",
            "encoding": "TR",
            "startdate": "061020261430",
            "stopdate": "061020261830",
            "iysfilter": "0",
            "partnercode": "77",
            "appname": "hub",
            "messages": [{"msg": "Sayın müşterimiz", "no": "5321234567", "referansID": "r0"}],
        }

    def test_plain_text_names_no_encoding_and_goes_in_plain_letters(self) -> None:
        _, requests = answered(said("00", jobid=JOB), payloads=[sms(text="Kâğıt", encoding="GSM")])
        body = json.loads(requests[0].partition(b"\r\n\r\n")[2])
        assert "encoding" not in body
        assert body["messages"][0]["msg"] == "Kagit"
        assert body["iysfilter"] == "0"


class TestTheAnswer:
    @pytest.mark.parametrize("code", ["00", "01", "02"])
    def test_three_codes_mean_that_it_was_taken(self, code: str) -> None:
        (outcome,), _ = answered(said(code, jobid=JOB))
        assert outcome == Taken(f"{JOB}/5321234567", facts={"code": code})

    def test_a_job_number_written_as_a_number_keeps_all_its_digits(self) -> None:
        (outcome,), _ = answered(said("00", jobid=int(JOB)))
        assert outcome.provider_reference == f"{JOB}/5321234567"

    @pytest.mark.parametrize(
        ("code", "kind", "meaning"),
        [
            ("20", "permanent", "request_refused"),
            ("30", "permanent", "credentials_rejected"),
            ("40", "permanent", "sender_refused"),
            ("50", "permanent", "iys_not_set_up"),
            ("51", "permanent", "iys_not_set_up"),
            ("70", "permanent", "request_refused"),
            ("80", "transient", "rate_limited"),
            ("85", "transient", "recipient_flooded"),
            ("77", "transient", "provider_error"),
        ],
    )
    @pytest.mark.parametrize("status", [406, 200])
    def test_a_refusal_is_certain_by_its_code(self, code: str, kind: str, meaning: str, status: int) -> None:
        (outcome,), requests = answered(said(code, status, jobid=None))
        if (code, status) == ("77", 200):
            assert isinstance(outcome, Unclear), "nobody knows what an unlisted code under 200 means"
            return
        assert isinstance(outcome, Refused)
        assert (outcome.failure.kind, outcome.failure.code) == (kind, meaning)
        assert (outcome.failure.provider_code, outcome.failure.status) == (code, status)
        assert len(requests) == 1

    @pytest.mark.parametrize("code", ["100", "101", "110"])
    def test_a_system_error_does_not_say_whether_it_was_queued(self, code: str) -> None:
        (outcome,), requests = answered(said(code, 406))
        assert isinstance(outcome, Unclear)
        assert (outcome.failure.kind, outcome.failure.provider_code, len(requests)) == ("transient", code, 1)

    def test_too_many_to_one_number_waits_a_minute(self) -> None:
        assert answered(said("85", 406))[0][0].failure.retry_after == 60
        assert answered(said("85", 406, "Retry-After: 90"))[0][0].failure.retry_after == 90
        assert answered(said("80", 406, "Retry-After: 5"))[0][0].failure.retry_after == 5

    @pytest.mark.parametrize(
        "script",
        [
            b"",
            http(200, b"<html>"),
            http(200, b"{}"),
            http(200, b"[]"),
            http(200, b'{"code":', length=90),
            http(502, b"Bad gateway"),
            said("00", 502, jobid=JOB),
        ],
    )
    def test_what_cannot_be_made_out_is_unclear_and_is_not_sent_again(self, script: bytes) -> None:
        (outcome,), requests = answered(script, said("00", jobid=JOB))
        assert isinstance(outcome, Unclear)
        assert len(requests) == 1

    def test_a_refusal_without_words_is_one_by_its_status(self) -> None:
        assert isinstance(answered(http(406, b""))[0][0], Refused)
        assert answered(http(401, b""))[0][0].failure.code == "credentials_rejected"

    def test_what_concerns_one_message_holds_back_no_other_of_the_account(self) -> None:
        from connectors.netgsm.codes import OTP as OTP_CODES
        from connectors.netgsm.codes import SEND as SEND_CODES
        from hub.outbox.settle import NOT_AN_ATTEMPT

        holding = {code for code, verdict in SEND_CODES.entries.items() if verdict.code in NOT_AN_ATTEMPT}
        assert holding == {"30", "80"}
        assert {code for code, verdict in OTP_CODES.entries.items() if verdict.code in NOT_AN_ATTEMPT} == {"30", "80"}

    def test_nothing_of_the_words_is_kept(self) -> None:
        (outcome,), _ = answered(said("70", 406))
        assert "Ayşe" not in repr(outcome) + str(outcome.failure) + repr(vars(outcome.failure))


class TestTogether:
    def test_messages_of_one_kind_go_in_one_call_under_one_job(self, sandbox: Sandbox) -> None:
        people = [sandbox.world.company("bulk").customer(index).phone for index in range(30)]
        acts = [act(f"b{index}", sms(to, f"Sayın müşteri {index}")) for index, to in enumerate(people)]
        outcomes = perform(spec_of(sandbox, "bulk"), acts)
        names = [str(outcome.provider_reference) for outcome in outcomes if isinstance(outcome, Taken)]
        assert len({job_of(name) for name in names}) == 1
        assert len(set(names)) == 30, "each has a name of its own all the same"
        assert sandbox.world.requests["netgsm", "bulk", SEND] == 1
        assert sandbox.world.ledger.counts(company="bulk", what="sms") == {f"b{index}": 1 for index in range(30)}

    def test_others_go_in_calls_of_their_own_and_each_keeps_its_place(self, sandbox: Sandbox) -> None:
        payloads = [
            sms(text="Merhaba"),
            sms(text="Sayın müşteri"),
            sms(text="Merhaba 2", commercial=True, recipient_type="BIREYSEL"),
            sms(text="Merhaba 3", header="NOBODY"),
            sms(text="Merhaba 4"),
            sms(text="Merhaba 5", start="2026-11-18T15:00:00+03:00"),
        ]
        outcomes = perform(spec_of(sandbox, "mixed"), [act(f"m{i}", payload) for i, payload in enumerate(payloads)])
        jobs = [job_of(str(outcome.provider_reference)) if isinstance(outcome, Taken) else "" for outcome in outcomes]
        assert jobs[0] == jobs[4]
        assert len(set(jobs)) == 5
        assert isinstance(outcomes[3], Refused)
        assert outcomes[3].failure.provider_code == "40"
        assert sandbox.world.requests["netgsm", "mixed", SEND] == 5

    def test_more_than_a_hundred_are_divided(self, sandbox: Sandbox) -> None:
        acts = [act(f"h{index}", sms(text=f"Merhaba {index}")) for index in range(101)]
        perform(spec_of(sandbox, "hundred"), acts)
        assert sandbox.world.requests["netgsm", "hundred", SEND] == 2

    @pytest.mark.parametrize("ending", ["020", "070", "085"])
    def test_a_message_that_is_refused_takes_no_other_with_it(self, sandbox: Sandbox, ending: str) -> None:
        company = f"poison-{ending}"
        acts = [act(f"p{index}", sms(text=f"Merhaba {index}")) for index in range(8)]
        acts[5] = act("p5", sms(magic(ending), "Merhaba 5"))
        outcomes = perform(spec_of(sandbox, company), acts)
        assert [isinstance(outcome, Taken) for outcome in outcomes] == [index != 5 for index in range(8)]
        assert sandbox.world.ledger.counts(company=company) == {f"p{i}": 1 for i in range(8) if i != 5}

    def test_a_refusal_of_the_account_is_not_asked_message_by_message(self, sandbox: Sandbox) -> None:
        acts = [act(f"x{index}", sms(text=f"{index}", header="NOBODY")) for index in range(8)]
        perform(spec_of(sandbox, "header"), acts)
        assert sandbox.world.requests["netgsm", "header", SEND] == 1

    def test_without_a_sender_name_nothing_is_asked(self, sandbox: Sandbox) -> None:
        (outcome,) = perform(spec_of(sandbox, "nameless", msgheader=None), [act("n1", sms())])
        assert isinstance(outcome, Refused)
        assert (outcome.failure.code, outcome.failure.field) == ("settings_invalid", "msgheader")
        assert sandbox.world.requests["netgsm", "nameless", SEND] == 0

    def test_a_payload_that_nobody_checked_is_refused_by_its_field_and_harms_no_other(self, sandbox: Sandbox) -> None:
        outcomes = perform(spec_of(sandbox, "bad"), [act("a", {"to": TO}), act("b", sms())])
        assert isinstance(outcomes[0], Refused)
        assert outcomes[0].failure.field == "text"
        assert isinstance(outcomes[1], Taken)


def test_a_kind_of_action_is_in_the_registry_under_its_name() -> None:
    from connectors.action_registry import kind_named

    assert kind_named("netgsm.sms") is SMS
