from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.failure import ProviderFailure
from connectors.sandbox.meta import keys, people
from connectors.sandbox.server import Sandbox
from connectors.whatsapp.bodies import accounts, parts, told
from connectors.whatsapp.events import AccountNews, MarketingChoice
from tests.connectors.whatsapp.sending import phone_of, told_of
from tests.connectors.whatsapp.telling import CONTACT, MESSAGE, STATUS, envelope, message_told, status_told


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


class TestParts:
    OTHER: ClassVar[dict[str, Any]] = {"profile": {"name": "Mehmet Kaya"}, "wa_id": "905321234567", "user_id": "TR.2"}

    def body(self) -> bytes:
        """A status, a message of somebody else's, and a record that nobody can make out."""
        theirs = {**MESSAGE, "from": "905321234567", "from_user_id": "TR.2", "id": "wamid.THEIRS"}
        broken = {"id": "wamid.B", "status": "flown"}
        return envelope({"contacts": [CONTACT, self.OTHER], "statuses": [STATUS, broken], "messages": [theirs]})

    def test_each_part_tells_what_the_whole_tells(self) -> None:
        whole, found = told(self.body()), parts(self.body())
        assert [part.kind for part in found] == ["statuses", "statuses", "messages"]
        alone = [told(part.body) for part in found]
        assert tuple(event for each in alone for event in each.events) == whole.events
        assert [each.unread for each in alone] == [0, 1, 0]
        assert [part.event_id for part in (found[0], found[2])] == [event.event_id for event in whole.events]
        assert [part.event_id for part in parts(self.body())] == [part.event_id for part in found]

    def test_no_part_holds_anybody_elses_data(self) -> None:
        status, broken, message = parts(self.body())
        assert b"905321234567" not in status.body + broken.body
        assert b"905551112233" not in message.body
        assert b"Mehmet" in message.body
        assert "wamid" not in repr([status, broken, message])

    def test_a_part_cut_again_is_the_same_part(self) -> None:
        for part in parts(self.body()):
            assert parts(part.body) == [part]

    def test_a_body_names_the_accounts_it_speaks_of(self) -> None:
        assert accounts(self.body()) == {("102", "106540352242922")}
        assert accounts(envelope({})) == {("102", "106540352242922")}


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
