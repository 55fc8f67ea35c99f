"""pywa is an independent client of the Cloud API: it must get along with the stand-in, and say what we say."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pywa import WhatsApp, errors, handlers
from pywa.types import Button, Message, MessageStatus, Section, SectionList, SectionRow, URLButton
from pywa.types.templates import BodyText, HeaderDocument, QuickReplyButton, TemplateLanguage
from pywa.types.templates import URLButton as TemplateURL

from connectors.sandbox.meta import keys, people
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from connectors.webhooks import Account, Call
from connectors.whatsapp.actions import KINDS
from connectors.whatsapp.bodies import told
from connectors.whatsapp.calls import WEBHOOKS
from connectors.whatsapp.messages import interactive, media, template, text
from tests.connectors.raw_server import http
from tests.connectors.whatsapp.sending import CREDENTIALS, IDS, REFERENCE, answered, hooks_of, phone_of

TO = "905551112233"
USER_ID = "TR.1348912086553027"


ClientOf = Callable[[str], WhatsApp]


@pytest.fixture
def client_of(sandbox: Sandbox) -> Iterator[ClientOf]:
    """pywa for a company, led to the stand-in: its address is fixed, its session is not."""
    sessions: list[httpx.Client] = []

    def client(company: str) -> WhatsApp:
        credentials = sandbox.credentials(company, "whatsapp")
        sessions.append(httpx.Client(trust_env=False))
        pywa = WhatsApp(
            phone_id=keys.number_id(sandbox.world.seed, company),
            token=credentials["access_token"],
            app_secret=credentials["app_secret"],
            verify_token=credentials["verify_token"],
            server=None,
            session=sessions[-1],
        )
        sessions[-1].base_url = f"{sandbox.url}/v23.0"
        return pywa

    yield client
    for session in sessions:
        session.close()


def said_by_pywa(say: Callable[[WhatsApp], object]) -> dict[str, Any]:
    """The document of the request that pywa makes."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        contact = {"input": TO, "wa_id": TO, "user_id": USER_ID}
        return httpx.Response(200, json={"contacts": [contact], "messages": [{"id": "wamid.X"}]})

    session = httpx.Client(transport=httpx.MockTransport(answer))
    say(WhatsApp(phone_id=IDS["phone_number_id"], token="EAAG-test", server=None, session=session))
    return lowered(json.loads(asked[0].content))


def lowered(document: Any) -> Any:
    """pywa shouts the types of components and speaks of indexes as numbers; Meta takes either."""
    if isinstance(document, list):
        return [lowered(each) for each in document]
    if not isinstance(document, dict):
        return document
    loud = ("type", "sub_type")
    return {
        name: str(value).lower() if name in loud else str(value) if name == "index" else lowered(value)
        for name, value in document.items()
    }


class TestOurRequestsAreWhatPywaSays:
    def test_a_template(self) -> None:
        payload = {
            "to": "0555 111 22 33",
            "template": "siparis_takip",
            "language": "tr",
            "header": {"document": {"link": "https://example.com/f.pdf", "filename": "f.pdf"}},
            "body": ["Ayşe", "A-42"],
            "buttons": [
                {"index": 0, "type": "url", "value": "A-42"},
                {"index": 1, "type": "quick_reply", "value": "ara"},
            ],
        }
        theirs = said_by_pywa(
            lambda pywa: pywa.send_template(
                to=TO,
                name="siparis_takip",
                language=TemplateLanguage.TURKISH,
                params=[
                    HeaderDocument.params(document="https://example.com/f.pdf", filename="f.pdf"),
                    BodyText.params("Ayşe", "A-42"),
                    TemplateURL.params(url_variable="A-42", index=0),
                    QuickReplyButton.params(callback_data="ara", index=1),
                ],
                tracker=REFERENCE,
            )
        )
        assert lowered(template.document(payload, reference=REFERENCE)) == theirs

    def test_named_parameters_to_a_person_without_a_number(self) -> None:
        payload = {"user_id": USER_ID, "template": "odeme", "language": "tr", "body": {"ad": "Ayşe", "tutar": "100 TL"}}
        theirs = said_by_pywa(
            lambda pywa: pywa.send_template(
                to=USER_ID,
                name="odeme",
                language=TemplateLanguage.TURKISH,
                params=[BodyText.params(ad="Ayşe", tutar="100 TL")],
                tracker=REFERENCE,
            )
        )
        assert lowered(template.document(payload, reference=REFERENCE)) == theirs

    def test_a_text_that_answers(self) -> None:
        payload = {"to": TO, "text": "Siparişiniz kargoda", "reply_to": "wamid.Y", "preview_url": True}
        theirs = said_by_pywa(
            lambda pywa: pywa.send_message(
                to=TO,
                text="Siparişiniz kargoda",
                preview_url=True,
                reply_to_message_id="wamid.Y",
                tracker=REFERENCE,
            )
        )
        assert text.document(payload, reference=REFERENCE) == theirs

    def test_a_document_behind_a_link(self) -> None:
        link = "https://example.com/f.pdf"
        payload = {"to": TO, "type": "document", "link": link, "filename": "f.pdf", "caption": "Fatura"}
        theirs = said_by_pywa(
            lambda pywa: pywa.send_document(to=TO, document=link, filename="f.pdf", caption="Fatura", tracker=REFERENCE)
        )
        assert media.document(payload, reference=REFERENCE) == theirs

    @pytest.mark.parametrize(
        ("shape", "theirs"),
        [
            ({"buttons": [{"id": "e", "title": "Evet"}]}, [Button("Evet", "e")]),
            ({"link": {"title": "Aç", "url": "https://example.com/"}}, URLButton("Aç", "https://example.com/")),
            (
                {"list": {"button": "Seç", "sections": [{"title": "Gün", "rows": [{"id": "y", "title": "Yarın"}]}]}},
                SectionList("Seç", [Section("Gün", [SectionRow("Yarın", "y")])]),
            ),
        ],
    )
    def test_something_to_press(self, shape: dict[str, Any], theirs: Any) -> None:
        payload = {"to": TO, "text": "Uygun mu?", "header": "Teslimat", "footer": "Kargo", **shape}
        said = said_by_pywa(
            lambda pywa: pywa.send_message(
                to=TO, text="Uygun mu?", header="Teslimat", footer="Kargo", buttons=theirs, tracker=REFERENCE
            )
        )
        assert interactive.document(payload, reference=REFERENCE) == said

    def test_an_upload(self) -> None:
        parts: dict[str, bytes] = {}

        def answer(request: httpx.Request) -> httpx.Response:
            parts["pywa"] = request.read()
            return httpx.Response(200, json={"id": "1"})

        session = httpx.Client(transport=httpx.MockTransport(answer))
        pywa = WhatsApp(phone_id=IDS["phone_number_id"], token="EAAG-test", server=None, session=session)
        pywa.upload_media(media=b"%PDF", mime_type="application/pdf", filename="file")
        payload = {"to": TO, "type": "document", "content": base64.b64encode(b"%PDF").decode()}
        _, requests = answered(
            http(200, b'{"id":"1"}'), kind="whatsapp.media", payload={**payload, "mime_type": "application/pdf"}
        )
        head, _, ours = requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /v23.0/106540352242922/media ")
        assert sorted(fields(ours)) == sorted(fields(parts["pywa"]))


def fields(form: bytes) -> list[bytes]:
    """The parts of a form without the boundary, which everybody chooses."""
    boundary = form.partition(b"\r\n")[0]
    return [part.strip() for part in form.split(boundary) if part.strip(b"-\r\n")]


class TestPywaAgainstTheStandIn:
    def test_a_template_and_after_an_answer_a_text_are_sent(self, sandbox: Sandbox, client_of: ClientOf) -> None:
        pywa, phone = client_of("py-1"), phone_of(sandbox, "py-1")
        pywa.send_template(
            to=phone,
            name="siparis_durumu",
            language=TemplateLanguage.TURKISH,
            params=[BodyText.params("Ayşe", "A-42")],
            tracker="theirs",
        )
        with pytest.raises(errors.ReEngagementMessage):
            pywa.send_message(to=phone, text="Siparişiniz kargoda")
        people.writes(sandbox.world, "py-1", phone)
        sent = pywa.send_message(to=phone, text="Siparişiniz kargoda")
        assert sent.id.startswith("wamid.")
        deeds = sandbox.world.ledger.deeds(provider="whatsapp", company="py-1")
        assert [(deed.what, deed.reference) for deed in deeds] == [("template", "theirs"), ("text", "")]

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            (131030, errors.RecipientNotInAllowedList),
            (131026, errors.MessageUndeliverable),
            (131056, errors.TooManyMessages),
            (131050, errors.UserStoppedMarketingMessages),
        ],
    )
    def test_refusals_are_the_ones_it_knows(
        self, sandbox: Sandbox, client_of: ClientOf, code: int, error: type[Exception]
    ) -> None:
        phone = phone_of(sandbox, f"py-{code}")
        people.meets(sandbox.world, f"py-{code}", phone, code)
        with pytest.raises(error):
            client_of(f"py-{code}").send_template(
                to=phone,
                name="siparis_durumu",
                language=TemplateLanguage.TURKISH,
                params=[BodyText.params("Ayşe", "A-42")],
            )

    def test_files_templates_and_blocked_people_are_found(
        self, sandbox: Sandbox, client_of: ClientOf, caplog: pytest.LogCaptureFixture
    ) -> None:
        pywa, phone = client_of("py-2"), phone_of(sandbox, "py-2")
        uploaded = pywa.upload_media(media=b"\xff\xd8jpeg", mime_type="image/jpeg", filename="a.jpg")
        assert pywa.get_media_bytes(url=pywa.get_media_url(uploaded.id).url) == b"\xff\xd8jpeg"
        pywa.block_users([phone])
        assert [user.wa_id for user in pywa.get_blocked_users()] == [phone.removeprefix("+")]
        assert pywa.get_business_phone_number().id == keys.number_id(sandbox.world.seed, "py-2")
        found = pywa.get_templates(waba_id=keys.waba_id(sandbox.world.seed, "py-2"))
        assert len(list(found)) == 8
        assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []

    def test_its_validator_takes_our_hooks_and_its_handlers_run_for_them(
        self, sandbox: Sandbox, client_of: ClientOf
    ) -> None:
        pywa, phone = client_of("py-3"), phone_of(sandbox, "py-3")
        statuses: list[MessageStatus] = []
        messages: list[Message] = []
        pywa.add_handlers(
            handlers.MessageStatusHandler(lambda _client, status: statuses.append(status)),
            handlers.MessageHandler(lambda _client, message: messages.append(message)),
        )
        people.writes(sandbox.world, "py-3", phone, "Kargom nerede? 🚚")
        for index in range(6):
            pywa.send_message(to=phone, text="Yolda", tracker=f"ref{index}")
        hooks = sandbox.world.hooks.waiting(provider="whatsapp", company="py-3")
        for hook in hooks:
            signature = hook.headers["x-hub-signature-256"]
            assert pywa.webhook_update_validator(hook.body, signature) is None
            assert pywa.webhook_update_validator(hook.body + b" ", signature) is not None
            assert pywa.webhook_update_handler(hook.body) == ("ok", 200)
        ours = [event for body in hooks_of(sandbox, "py-3") for event in told(body).events]
        assert [(each.text, each.from_user.bsuid) for each in messages] == [
            ("Kargom nerede? 🚚", keys.user_id(sandbox.world.seed, "py-3", phone.removeprefix("+")))
        ]
        # pywa reads the first of several statuses in a body only; everything of ours is read by our own reader.
        assert len(statuses) == len(hooks) - 1
        assert {status.tracker for status in statuses} == {f"ref{index}" for index in range(6)}
        assert len(ours) >= len(hooks)

    def test_its_server_and_our_receiver_judge_each_delivery_alike(self, sandbox: Sandbox, client_of: ClientOf) -> None:
        """Meta's calls as the stand-in sends them, altered, unsigned and under another secret; and the handshake."""
        company, phone = "py-5", phone_of(sandbox, "py-5")
        credentials = sandbox.credentials(company, "whatsapp")
        people.writes(sandbox.world, company, phone, "Kargom nerede? 🚚")
        client_of(company).send_message(to=phone, text="Yolda", tracker="ref")
        app = FastAPI()
        WhatsApp(
            phone_id=keys.number_id(sandbox.world.seed, company),
            token="t",
            app_secret=credentials["app_secret"],
            verify_token=credentials["verify_token"],
            server=app,
            webhook_endpoint="/hook",
        )
        account = Account({name: Secret(value) for name, value in credentials.items()})
        waiting = sandbox.world.hooks.waiting(provider="whatsapp", company=company)
        assert len(waiting) >= 3

        with TestClient(app) as theirs:
            for hook in waiting:
                (header,) = [name for name in hook.headers if "signature" in name.lower()]
                signature = hook.headers[header]
                for body, given in (
                    (hook.body, signature),
                    (hook.body + b" ", signature),
                    (hook.body, signature[:-1] + ("0" if signature[-1] != "0" else "1")),
                    (hook.body, "sha256=" + hmac.new(b"other", hook.body, "sha256").hexdigest()),
                    (hook.body, ""),
                ):
                    answered = theirs.post("/hook", content=body, headers={header: given}).status_code
                    ours = WEBHOOKS.verify(Call(body, {header.lower(): given}), account)
                    assert answered == {"verified": 200, "wrong": 403, "missing": 401}[ours]
                assert WEBHOOKS.events(Call(hook.body))
            for token, mode in ((credentials["verify_token"], "subscribe"), ("other", "subscribe"), ("", "subscribe")):
                asked = {"hub.mode": mode, "hub.challenge": "1158201444", "hub.verify_token": token}
                answer = theirs.get("/hook", params=asked)
                ours = WEBHOOKS.challenge(asked, account)
                assert (answer.text if answer.status_code == 200 else None) == ours

    def test_it_answers_the_stand_ins_handshake(self, sandbox: Sandbox, client_of: ClientOf) -> None:
        verify_token = sandbox.credentials("py-4", "whatsapp")["verify_token"]
        assert client_of("py-4").webhook_challenge_handler(vt=verify_token, ch="42") == ("42", 200)


def test_every_kind_is_compared_with_pywa() -> None:
    """A kind added later needs a comparison of its own above."""
    assert {kind.name for kind in KINDS} == {
        "whatsapp.template",
        "whatsapp.text",
        "whatsapp.media",
        "whatsapp.interactive",
    }
    assert set(CREDENTIALS) == {"access_token", "app_secret", "verify_token"}
