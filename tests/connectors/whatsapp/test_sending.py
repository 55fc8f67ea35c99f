from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from connectors.action_registry import kind_named
from connectors.actions import CannotTell, Outcome, Refused, Taken, Unclear
from connectors.failure import ProviderFailure
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.meta import keys, people
from connectors.sandbox.meta.book import book_of
from connectors.sandbox.server import Sandbox
from connectors.whatsapp.session import open_session
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import opened, spec_at, work_in
from tests.connectors.whatsapp.sending import (
    CREDENTIALS,
    IDS,
    REFERENCE,
    TEMPLATE,
    act,
    answered,
    done,
    looked_up,
    phone_of,
    spec_of,
)

FREE: dict[str, dict[str, Any]] = {
    "whatsapp.text": {"text": "Kargonuz yolda"},
    "whatsapp.media": {"type": "image", "link": "https://example.com/a.jpg", "caption": "Kargonuz"},
    "whatsapp.interactive": {"text": "Uygun mu?", "buttons": [{"id": "e", "title": "Evet"}]},
}


def sent(sandbox: Sandbox, company: str, kind: str, payload: dict[str, Any], **settings: Any) -> Outcome:
    to = {} if "user_id" in payload else {"to": phone_of(sandbox, company)}
    return done(spec_of(sandbox, company, **settings), kind, act({**to, **payload}))


def deeds(sandbox: Sandbox, company: str) -> list[tuple[str, str]]:
    return [(deed.what, deed.reference) for deed in sandbox.world.ledger.deeds(provider="whatsapp", company=company)]


class TestSending:
    def test_a_template_is_taken_under_our_reference(self, sandbox: Sandbox) -> None:
        outcome = sent(sandbox, "wa-1", "whatsapp.template", TEMPLATE)
        assert isinstance(outcome, Taken)
        assert outcome.provider_reference is not None
        assert outcome.provider_reference.startswith("wamid.")
        assert not outcome.delivered, "acceptance is not delivery"
        assert deeds(sandbox, "wa-1") == [("template", REFERENCE)]

    @pytest.mark.parametrize(
        "payload",
        [
            {"template": "siparis_takip", "body": ["Ayşe"], "buttons": [{"index": 0, "type": "url", "value": "A-42"}]},
            {"template": "odeme_alindi", "body": {"ad": "Ayşe", "tutar": "100,00 TL"}},
            {"template": "fatura", "header": {"document": {"link": "https://example.com/f.pdf", "filename": "f.pdf"}}},
            {"template": "dogrulama", "body": ["123456"], "category": "authentication"},
        ],
    )
    def test_every_way_to_fill_a_template_is_taken(self, sandbox: Sandbox, payload: dict[str, Any]) -> None:
        outcome = sent(sandbox, "wa-2", "whatsapp.template", {"language": "tr", "category": "utility", **payload})
        assert isinstance(outcome, Taken)

    @pytest.mark.parametrize("kind", FREE)
    def test_a_free_message_passes_after_the_person_wrote_and_not_before(self, sandbox: Sandbox, kind: str) -> None:
        company = f"free-{kind}"
        before = sent(sandbox, company, kind, FREE[kind])
        people.writes(sandbox.world, company, phone_of(sandbox, company))
        after = sent(sandbox, company, kind, FREE[kind])
        assert isinstance(before, Refused)
        assert (before.failure.kind, before.failure.code) == ("permanent", "window_closed")
        assert isinstance(after, Taken)

    def test_the_window_closes_24_hours_after_the_last_message(self, moving_sandbox: Sandbox) -> None:
        people.writes(moving_sandbox.world, "w", phone_of(moving_sandbox, "w"))
        moving_sandbox.advance(hours=24)
        at_the_end = sent(moving_sandbox, "w", "whatsapp.text", FREE["whatsapp.text"])
        moving_sandbox.advance(seconds=1)
        over = sent(moving_sandbox, "w", "whatsapp.text", FREE["whatsapp.text"])
        assert isinstance(at_the_end, Taken)
        assert isinstance(over, Refused)

    def test_a_person_without_a_number_is_reached_by_user_id(self, sandbox: Sandbox) -> None:
        digits = phone_of(sandbox, "wa-3").removeprefix("+")
        user_id = keys.user_id(sandbox.world.seed, "wa-3", digits)
        outcome = sent(sandbox, "wa-3", "whatsapp.template", {**TEMPLATE, "user_id": user_id})
        assert isinstance(outcome, Taken)
        assert outcome.private == {"wa_id": digits, "user_id": user_id}

    def test_a_file_is_uploaded_before_the_message_that_shows_it(self, sandbox: Sandbox) -> None:
        content = bytes(range(256)) + b"\r\n--x\r\n"
        payload = {
            "type": "document",
            "content": base64.b64encode(content).decode(),
            "mime_type": "application/pdf",
            "filename": "Ayşe faturası.pdf",
        }
        people.writes(sandbox.world, "wa-4", phone_of(sandbox, "wa-4"))
        outcome = sent(sandbox, "wa-4", "whatsapp.media", payload)
        assert isinstance(outcome, Taken)
        with book_of(sandbox.world).account("wa-4") as account:
            assert list(account.media.values()) == [("application/pdf", content)]

    def test_the_number_of_another_company_is_out_of_reach(self, sandbox: Sandbox) -> None:
        other = keys.number_id(sandbox.world.seed, "wa-6")
        outcome = sent(sandbox, "wa-5", "whatsapp.template", TEMPLATE, phone_number_id=other)
        assert isinstance(outcome, Refused)
        assert deeds(sandbox, "wa-6") == []

    def test_a_payload_that_was_never_checked_is_not_sent(self, sandbox: Sandbox) -> None:
        outcome = sent(sandbox, "wa-7", "whatsapp.template", {**TEMPLATE, "template": "Ayşe Yılmaz"})
        assert isinstance(outcome, Refused)
        assert (outcome.failure.code, outcome.failure.field) == ("request_refused", "template")
        assert sandbox.world.requests.total() == 0

    def test_marketing_to_a_person_who_stopped_it_is_an_opt_out(self, sandbox: Sandbox) -> None:
        people.wants_marketing(sandbox.world, "wa-8", phone_of(sandbox, "wa-8"), wants=False)
        outcome = sent(
            sandbox,
            "wa-8",
            "whatsapp.template",
            {**TEMPLATE, "template": "kampanya", "category": "marketing", "body": ["Ayşe"]},
        )
        assert isinstance(outcome, Refused)
        assert outcome.opted_out
        assert isinstance(sent(sandbox, "wa-8", "whatsapp.template", TEMPLATE), Taken)

    def test_nobody_at_meta_can_be_asked_afterwards(self, sandbox: Sandbox) -> None:
        found = looked_up(spec_of(sandbox, "wa-9"), "whatsapp.template", act({"to": "+905551112233", **TEMPLATE}))
        assert found == CannotTell()
        assert kind_named("whatsapp.template").asking == "by_webhook"
        assert sandbox.world.requests.total() == 0


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "expected", "acted"),
        [
            ("cut_before", Unclear, 0),
            ("cut_after", Unclear, 1),
            ("truncated", Unclear, 1),
            ("not_json", Unclear, 0),
            ("wrong_type", Unclear, 1),
            ("server_error", Unclear, 0),
            ("undeclared_column", Taken, 1),
            ("rate_limited", Refused, 0),
            ("redirect", Refused, 0),
            ("credentials_expired", Refused, 0),
            ("error_with_personal_data", Refused, 0),
        ],
    )
    def test_an_act_is_never_called_undone_when_it_was_done(
        self, sandbox: Sandbox, kind: FaultKind, expected: type[Outcome], acted: int
    ) -> None:
        company = f"fault-{kind}"
        sandbox.world.faults.add(Fault(kind, provider="whatsapp", company=company))
        outcome = sent(sandbox, company, "whatsapp.template", TEMPLATE)
        assert isinstance(outcome, expected)
        assert deeds(sandbox, company) == [("template", REFERENCE)] * acted
        assert sandbox.world.requests.total() == 1, "one attempt, one request"

    def test_an_answer_that_comes_too_late_leaves_it_unclear_although_it_was_done(self, sandbox: Sandbox) -> None:
        sandbox.world.faults.add(Fault("late", provider="whatsapp", company="late", seconds=60))
        outcome = sent(sandbox, "late", "whatsapp.template", TEMPLATE, request_timeout_seconds=1)
        assert isinstance(outcome, Unclear)
        assert len(deeds(sandbox, "late")) == 1

    def test_meta_may_refuse_by_webhook_what_it_took(self, sandbox: Sandbox) -> None:
        people.meets(sandbox.world, "later", phone_of(sandbox, "later"), 131026, later=True)
        assert isinstance(sent(sandbox, "later", "whatsapp.template", TEMPLATE), Taken)
        assert len(deeds(sandbox, "later")) == 1

    @pytest.mark.parametrize("kind", ["cut_before", "cut_after", "server_error", "rate_limited"])
    def test_whatever_happens_to_an_upload_the_message_was_certainly_not_sent(
        self, sandbox: Sandbox, kind: FaultKind
    ) -> None:
        company = f"upload-{kind}"
        content = base64.b64encode(b"%PDF-1.7").decode()
        payload = {"type": "document", "content": content, "mime_type": "application/pdf"}
        people.writes(sandbox.world, company, phone_of(sandbox, company))
        sandbox.world.faults.add(Fault(kind, provider="whatsapp", company=company, times=1))
        first = sent(sandbox, company, "whatsapp.media", payload)
        again = sent(sandbox, company, "whatsapp.media", payload)
        assert isinstance(first, Refused)
        assert first.failure.kind == "transient"
        assert isinstance(again, Taken)
        assert deeds(sandbox, company) == [("document", REFERENCE)]


class TestRequest:
    def test_it_says_what_the_published_interface_asks_for(self) -> None:
        payload = {
            "to": "0555 111 22 33",
            "reply_to": "wamid.Y",
            "recipient_type": "TACIR",
            "template": "siparis_takip",
            "language": "tr",
            "category": "utility",
            "header": {"image": {"media_id": "42"}},
            "body": ["Ayşe", "A-42"],
            "buttons": [
                {"index": 0, "type": "url", "value": "A-42"},
                {"index": 1, "type": "quick_reply", "value": "ara"},
            ],
        }
        _, requests = answered(http(200, b"{}"), payload=payload)
        head, _, body = requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /v23.0/106540352242922/messages HTTP/1.1\r\n")
        assert b"authorization: Bearer EAAG-test" in head
        assert json.loads(body) == {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "905551112233",
            "type": "template",
            "context": {"message_id": "wamid.Y"},
            "biz_opaque_callback_data": REFERENCE,
            "template": {
                "name": "siparis_takip",
                "language": {"code": "tr"},
                "components": [
                    {"type": "header", "parameters": [{"type": "image", "image": {"id": "42"}}]},
                    {
                        "type": "body",
                        "parameters": [{"type": "text", "text": "Ayşe"}, {"type": "text", "text": "A-42"}],
                    },
                    {
                        "type": "button",
                        "sub_type": "url",
                        "index": "0",
                        "parameters": [{"type": "text", "text": "A-42"}],
                    },
                    {
                        "type": "button",
                        "sub_type": "quick_reply",
                        "index": "1",
                        "parameters": [{"type": "payload", "payload": "ara"}],
                    },
                ],
            },
        }


class TestTheTest:
    def test_it_reaches_the_number_that_messages_will_leave_from(self, sandbox: Sandbox) -> None:
        work_in(open_session, spec_of(sandbox, "wa-t"), lambda session: session.test())
        assert sandbox.world.requests.total() == 1

    def test_a_wrong_token_is_told_apart_from_a_wrong_number(self, sandbox: Sandbox) -> None:
        right = spec_of(sandbox, "wa-t")
        other = spec_of(sandbox, "wa-t", phone_number_id=keys.number_id(sandbox.world.seed, "wa-u"))
        stolen = spec_of(sandbox, "wa-u", phone_number_id=right.settings["phone_number_id"])
        broken = type(right)(
            right.tenant_id,
            right.base_url,
            {**right.credentials, "access_token": right.credentials["app_secret"]},
            right.settings,
        )
        codes: list[str] = []
        for connection in (other, stolen, broken):
            with pytest.raises(ProviderFailure) as caught:
                work_in(open_session, connection, lambda session: session.test())
            codes.append(caught.value.code)
        assert codes == ["request_refused", "request_refused", "credentials_expired"]

    def test_an_answer_about_another_number_is_no_proof(self) -> None:
        async def run() -> None:
            async with raw_server(http(200, b'{"id":"999999999999999"}')) as server:
                connection = spec_at(server.url, CREDENTIALS, **IDS)
                async with opened(open_session, connection) as session:
                    await session.test()

        with pytest.raises(ProviderFailure, match="answer_malformed"):
            asyncio.run(run())

    def test_nothing_can_be_asked_for(self) -> None:
        from connectors.registry import PROVIDERS

        assert [stream.told for stream in PROVIDERS["whatsapp"].streams] == [True]
