from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.connectors.whatsapp.telling import CONTACT, message_told


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
