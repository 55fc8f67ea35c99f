from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.failure import ProviderFailure
from connectors.sandbox.meta import keys, people
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from connectors.whatsapp.events import AccountNews, IncomingMessage, MarketingChoice, MessageStatus
from connectors.whatsapp.settings import Prices
from connectors.whatsapp.webhooks import challenge, signature, told
from tests.connectors.whatsapp.sending import REFERENCE, TEMPLATE, act, done, phone_of, spec_of, told_of

SECRET = Secret("app-secret")
STATUS_BODY = (
    b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp",'
    b'"metadata":{"display_phone_number":"905550000000","phone_number_id":"106540352242922"},"statuses":[{"id":"wamid.X",'
    b'"status":"delivered","timestamp":"1700000000","recipient_id":"905551112233"}]},"field":"messages"}]}]}'
)
ESCAPED = rb'{"text":"Ay\u015fe \ud83d\ude9a"}'
PLAIN = '{"text":"Ayşe 🚚"}'.encode()
PUBLISHED = [
    (STATUS_BODY, "sha256=eaafa8f40387b73c253a000f7acef2ab53368f83aa1e7d5476e4e79f6b5e7a44"),
    (ESCAPED, "sha256=76f33be5c5d068a55df0ab8513fc4b56c5f8af048a8e91017a33a10a0b27fdb5"),
    (PLAIN, "sha256=89807f62ee8cd86ca5b12dae3efab84641a25c8ee6f2fc0464761b6a00cb6096"),
]
STATUS = {
    "id": "wamid.HBgM",
    "status": "delivered",
    "timestamp": "1750857384",
    "recipient_id": "905551112233",
    "recipient_user_id": "TR.1348912086553027",
    "biz_opaque_callback_data": REFERENCE,
    "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"},
}
CONTACT = {"profile": {"name": "Ayşe Yılmaz"}, "wa_id": "905551112233", "user_id": "TR.1348912086553027"}
MESSAGE = {
    "from": "905551112233",
    "from_user_id": "TR.1348912086553027",
    "id": "wamid.HBgM",
    "timestamp": "1749416383",
    "type": "text",
    "text": {"body": "Kargom nerede?"},
}


def envelope(value: dict[str, Any], field: str = "messages") -> bytes:
    metadata = {"display_phone_number": "905550000000", "phone_number_id": "106540352242922"}
    change = {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "102", "changes": [change]}]}).encode()


def status_told(*, contacts: list[Any] | None = None, **changes: Any) -> MessageStatus:
    changed = {name: value for name, value in {**STATUS, **changes}.items() if value is not None}
    listed = [CONTACT] if contacts is None else contacts
    (event,) = told(envelope({"contacts": listed, "statuses": [changed]})).events
    assert isinstance(event, MessageStatus)
    return event


def message_told(*, contacts: list[Any] | None = None, **changes: Any) -> IncomingMessage:
    changed = {name: value for name, value in {**MESSAGE, **changes}.items() if value is not None}
    listed = [CONTACT] if contacts is None else contacts
    (event,) = told(envelope({"contacts": listed, "messages": [changed]})).events
    assert isinstance(event, IncomingMessage)
    return event


class TestSignature:
    @pytest.mark.parametrize(("body", "header"), PUBLISHED)
    def test_published_vectors_are_right_and_one_changed_byte_is_not(self, body: bytes, header: str) -> None:
        assert signature(SECRET, body, header) == "right"
        assert signature(SECRET, body[:-2] + b" " + body[-1:], header) == "wrong"
        assert signature(SECRET, body, header[:-1] + ("0" if header[-1] != "0" else "1")) == "wrong"
        assert signature(Secret("other"), body, header) == "wrong"

    def test_the_same_text_written_otherwise_does_not_match(self) -> None:
        assert json.loads(ESCAPED) == json.loads(PLAIN)
        assert signature(SECRET, PLAIN, PUBLISHED[1][1]) == "wrong"

    @pytest.mark.parametrize("header", [None, ""])
    def test_no_signature_is_told_apart_from_a_wrong_one(self, header: str | None) -> None:
        assert signature(SECRET, PLAIN, header) == "missing"

    @pytest.mark.parametrize("header", ["sha1=x", "sha256=", "ş", PUBLISHED[2][1].removeprefix("sha256=")])
    def test_another_form_of_header_is_wrong(self, header: str) -> None:
        assert signature(SECRET, PLAIN, header) == "wrong"

    def test_an_account_without_a_secret_takes_nothing(self) -> None:
        import hashlib
        import hmac

        forged = "sha256=" + hmac.new(b"", PLAIN, hashlib.sha256).hexdigest()
        assert signature(Secret(""), PLAIN, forged) == "wrong"


ASKED = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "vt"}


class TestChallenge:
    def test_the_right_token_gets_its_challenge_back(self) -> None:
        assert challenge(ASKED, Secret("vt")) == "1158201444"

    @pytest.mark.parametrize(
        "change", [{"hub.verify_token": "other"}, {"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}]
    )
    def test_anything_else_gets_nothing(self, change: dict[str, str]) -> None:
        assert challenge({**ASKED, **change}, Secret("vt")) is None
        assert challenge({}, Secret("vt")) is None

    def test_an_empty_token_opens_nothing(self) -> None:
        assert challenge({**ASKED, "hub.verify_token": ""}, Secret("")) is None


class TestStatuses:
    def test_the_new_shape_is_read(self) -> None:
        event = status_told()
        assert (event.phone_number_id, event.wamid, event.fate) == ("106540352242922", "wamid.HBgM", "delivered")
        assert event.at == datetime(2025, 6, 25, 13, 16, 24, tzinfo=UTC)
        assert event.reference == REFERENCE
        assert (event.person.phone, event.person.user_id) == ("+905551112233", "TR.1348912086553027")
        assert event.charge is not None
        assert (event.charge.billable, event.charge.category, event.charge.model) == (True, "utility", "PMP")

    def test_the_old_shape_is_read(self) -> None:
        (event,) = told(STATUS_BODY).events
        assert isinstance(event, MessageStatus)
        assert (event.person.phone, event.person.user_id, event.reference) == ("+905551112233", None, None)

    def test_what_the_record_does_not_say_of_the_person_its_contact_does(self) -> None:
        assert status_told(recipient_user_id=None).person.user_id == "TR.1348912086553027"
        assert status_told(recipient_id=None).person.phone == "+905551112233"

    def test_a_person_who_hides_the_number_is_known_by_user_id(self) -> None:
        event = status_told(recipient_id=None, contacts=[{"user_id": "TR.1348912086553027", "profile": {"name": "A"}}])
        assert (event.person.phone, event.person.user_id) == (None, "TR.1348912086553027")

    @pytest.mark.parametrize(
        ("fate", "state"),
        [("sent", "accepted"), ("delivered", "delivered"), ("read", "delivered"), ("failed", "failed")],
    )
    def test_a_step_says_what_became_of_the_action(self, fate: str, state: str) -> None:
        found = status_told(status=fate).found()
        assert (found.state, found.provider_reference) == (state, "wamid.HBgM")
        assert found.facts == {"status": fate, "category": "utility", "billable": 1}

    def test_a_later_step_outweighs_an_earlier_one_and_delivery_outweighs_failure(self) -> None:
        steps = ["sent", "failed", "delivered", "read", "played"]
        ranks = [status_told(status=step).rank for step in steps]
        assert ranks == sorted(ranks)
        assert len(set(ranks)) == len(ranks)

    def test_a_failure_names_its_code_and_no_words(self) -> None:
        error = {"code": 131047, "title": "Ayşe", "message": "Ayşe", "error_data": {"details": "905551112233"}}
        event = status_told(status="failed", errors=[error], pricing=None)
        assert event.errors == (131047,)
        assert event.found().code == "131047"
        assert not event.opted_out
        assert "Ayşe" not in repr(event)

    def test_a_failure_for_marketing_nobody_wants_is_an_opt_out(self) -> None:
        assert status_told(status="failed", errors=[{"code": 131050}]).opted_out

    def test_what_it_cost_follows_from_what_meta_bills(self) -> None:
        prices = Prices({"utility": Decimal("0.25"), "service": Decimal(0)})
        free = {"billable": False, "pricing_model": "PMP", "category": "utility", "type": "free_customer_service"}
        assert status_told().found(prices).cost == Decimal("0.25")
        assert status_told(pricing=free).found(prices).cost == 0
        assert status_told(pricing=None).found(prices).cost is None

    def test_the_type_says_what_is_billed_where_nothing_else_does(self) -> None:
        charge = status_told(pricing={"pricing_model": "CBP", "category": "utility", "type": "regular"}).charge
        assert charge is not None
        assert charge.billable is True

    @pytest.mark.parametrize(
        "change", [{"id": None}, {"status": "flown"}, {"timestamp": "gestern"}, {"timestamp": None}]
    )
    def test_what_cannot_be_made_out_is_counted_and_its_neighbours_are_read(self, change: dict[str, Any]) -> None:
        broken = {name: value for name, value in {**STATUS, **change}.items() if value is not None}
        found = told(envelope({"contacts": [CONTACT], "statuses": [broken, STATUS]}))
        assert (len(found.events), found.unread) == (1, 1)


class TestEventIds:
    def test_the_same_event_has_the_same_id_in_every_delivery(self) -> None:
        assert status_told().event_id == status_told(timestamp="1750857999", pricing=None).event_id
        assert message_told().event_id == message_told(timestamp="1750857999").event_id

    def test_another_step_another_message_and_another_number_are_other_events(self) -> None:
        ids = {
            status_told().event_id,
            status_told(status="read").event_id,
            status_told(id="wamid.Z").event_id,
            message_told().event_id,
            message_told(id="wamid.Z").event_id,
        }
        assert len(ids) == 5

    def test_no_id_and_no_repr_holds_what_is_personal(self) -> None:
        shown = repr([status_told(), message_told()]) + status_told().event_id + message_told().event_id
        for personal in ("wamid", "HBgM", "905551112233", "1348912086553027", "Ayşe", "Kargom"):
            assert personal not in shown


class TestIncoming:
    def test_a_text_is_read(self) -> None:
        event = message_told()
        assert (event.kind, event.text, event.choice) == ("text", "Kargom nerede?", None)
        assert event.at == datetime(2025, 6, 8, 20, 59, 43, tzinfo=UTC)
        assert (event.person.phone, event.person.name) == ("+905551112233", "Ayşe Yılmaz")
        assert event.opens_window

    def test_the_old_shape_knows_no_user_id(self) -> None:
        event = message_told(from_user_id=None, contacts=[{"wa_id": "905551112233", "profile": {"name": "Ayşe"}}])
        assert (event.person.phone, event.person.user_id) == ("+905551112233", None)

    def test_the_number_may_be_absent(self) -> None:
        event = message_told(**{"from": None}, contacts=[{"user_id": "TR.1348912086553027", "profile": {}}])
        assert (event.person.phone, event.person.user_id) == (None, "TR.1348912086553027")

    def test_each_message_has_its_own_person(self) -> None:
        other = {"profile": {"name": "Mehmet Kaya"}, "wa_id": "905321234567", "user_id": "TR.2"}
        assert message_told(contacts=[other, CONTACT]).person.name == "Ayşe Yılmaz"
        assert message_told(contacts=[other]).person.name is None

    @pytest.mark.parametrize(
        ("kind", "content", "text", "choice"),
        [
            ("button", {"text": "Evet", "payload": "evet-1"}, "Evet", "evet-1"),
            ("interactive", {"button_reply": {"id": "e", "title": "Evet"}}, "Evet", "e"),
            ("interactive", {"list_reply": {"id": "r", "title": "Yarın", "description": "x"}}, "Yarın", "r"),
            ("image", {"id": "42", "mime_type": "image/jpeg", "caption": "Hasarlı"}, "Hasarlı", None),
            ("reaction", {"message_id": "wamid.Z", "emoji": "👍"}, "👍", None),
            ("location", {"latitude": 41.0, "longitude": 29.0}, None, None),
            ("unsupported", {}, None, None),
        ],
    )
    def test_every_kind_gives_what_was_written_and_pressed(
        self, kind: str, content: dict[str, Any], text: str | None, choice: str | None
    ) -> None:
        event = message_told(**{"text": None, "type": kind, kind: content})
        assert (event.kind, event.text, event.choice) == (kind, text, choice)

    def test_a_file_is_named_by_its_id(self) -> None:
        voice = {"id": "42", "mime_type": "audio/ogg; codecs=opus", "sha256": "x", "voice": True}
        attachment = message_told(type="audio", audio=voice).attachment
        assert attachment is not None
        assert (attachment.media_id, attachment.mime_type) == ("42", "audio/ogg; codecs=opus")

    def test_what_whatsapp_itself_tells_opens_no_window(self) -> None:
        assert not message_told(type="system", system={"body": "x changed to y"}, contacts=[]).opens_window

    def test_a_reply_names_the_message_it_answers(self) -> None:
        assert message_told(context={"from": "905550000000", "id": "wamid.OURS"}).answers == "wamid.OURS"


class TestOtherNews:
    def test_a_templates_fate_is_news_of_the_account(self, sandbox: Sandbox) -> None:
        people.template_becomes(sandbox.world, "news", "siparis_durumu", "PAUSED")
        ((event,),) = (each.events for each in told_of(sandbox, "news"))
        assert isinstance(event, AccountNews)
        assert event.field == "message_template_status_update"
        assert event.waba_id == keys.waba_id(sandbox.world.seed, "news")
        assert event.at == sandbox.world.clock.now()
        assert event.facts["event"] == "PAUSED"
        assert event.facts["message_template_name"] == "siparis_durumu"

    def test_quality_and_errors_of_the_number_are_news_without_words(self) -> None:
        quality = {
            "display_phone_number": "905550000000",
            "event": "FLAGGED",
            "current_limit": "TIER_1K",
            "reason": "A b",
        }
        (event,) = told(envelope(quality, "phone_number_quality_update")).events
        assert isinstance(event, AccountNews)
        assert event.facts == {"event": "FLAGGED", "current_limit": "TIER_1K"}
        (error,) = told(envelope({"errors": [{"code": 130429, "title": "905551112233"}]})).events
        assert isinstance(error, AccountNews)
        assert error.facts == {"error_code": "130429"}

    def test_a_choice_about_marketing_names_the_person(self, sandbox: Sandbox) -> None:
        phone = phone_of(sandbox, "choice")
        people.wants_marketing(sandbox.world, "choice", phone, wants=False)
        ((event,),) = (each.events for each in told_of(sandbox, "choice"))
        assert isinstance(event, MarketingChoice)
        assert (event.value, event.person.phone) == ("stop", phone)

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"object":"page","entry":[]}', b"\xff", b"[" * 100_000])
    def test_what_is_no_webhook_of_whatsapp_is_refused_without_its_words(self, body: bytes) -> None:
        with pytest.raises(ProviderFailure) as caught:
            told(body)
        assert caught.value.code == "answer_malformed"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_names = ["id", "status", "timestamp", "type", "text", "errors", "pricing", "from", "context", "recipient_id", "image"]


@settings(max_examples=60, deadline=None)
@given(record=st.dictionaries(st.sampled_from(_names), _json), part=st.sampled_from(["statuses", "messages"]))
def test_whatever_stands_in_a_record_its_neighbour_is_read(record: dict[str, Any], part: str) -> None:
    good = STATUS if part == "statuses" else MESSAGE
    found = told(envelope({"contacts": [CONTACT], part: [record, good]}))
    assert found.events[-1] == told(envelope({"contacts": [CONTACT], part: [good]})).events[0]


def test_what_became_of_a_message_is_told_under_our_reference_in_any_order(sandbox: Sandbox) -> None:
    company = "fates"
    for index in range(20):
        payload = {"to": phone_of(sandbox, company, index), **TEMPLATE}
        done(spec_of(sandbox, company), "whatsapp.template", act(payload, reference=f"ref{index}"))
    statuses = [event for each in told_of(sandbox, company) for event in each.events]
    assert all(isinstance(event, MessageStatus) for event in statuses)
    fates: dict[str | None, list[str]] = {}
    for event in statuses:
        assert isinstance(event, MessageStatus)
        fates.setdefault(event.reference, []).append(event.fate)
    assert set(fates) == {f"ref{index}" for index in range(20)}
    assert {tuple(each) for each in fates.values()} == {
        ("sent", "delivered", "read"), ("sent", "delivered"), ("sent", "read"),
    }  # fmt: skip
    assert len({event.event_id for event in statuses}) == len(statuses)
