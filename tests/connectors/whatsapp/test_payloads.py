from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.action_registry import kind_named
from connectors.whatsapp.actions import KINDS
from hub.message_texts import TEXTS

TO: dict[str, Any] = {"to": "0555 111 22 33"}
BUTTON = {"id": "evet", "title": "Evet"}
GOOD: dict[str, dict[str, Any]] = {
    "whatsapp.template": {
        **TO,
        "template": "siparis_durumu",
        "language": "tr",
        "category": "utility",
        "body": ["Ayşe", "A-42"],
    },
    "whatsapp.text": {**TO, "text": "Siparişiniz kargoda"},
    "whatsapp.media": {**TO, "type": "document", "link": "https://example.com/fatura.pdf", "filename": "fatura.pdf"},
    "whatsapp.interactive": {**TO, "text": "Uygun mu?", "buttons": [BUTTON, {"id": "hayir", "title": "Hayır"}]},
}


def found(kind: str, **changes: Any) -> set[tuple[str, str]]:
    payload = {name: value for name, value in {**GOOD[kind], **changes}.items() if value is not None}
    return {(problem.path, problem.code) for problem in kind_named(kind).check(payload)}


def rows(count: int) -> list[dict[str, str]]:
    return [{"id": str(index), "title": f"Seçenek {index}"} for index in range(count)]


@pytest.mark.parametrize("kind", GOOD)
def test_a_right_payload_has_no_problem(kind: str) -> None:
    assert found(kind) == set()
    assert found(kind, recipient_type="TACIR") == set()


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"to": None}, ("payload", "whatsapp_one_of")),
        ({"user_id": "TR.1348912086553027"}, ("payload", "whatsapp_one_of")),
        ({"to": "kargo"}, ("to", "whatsapp_phone")),
        ({"to": 905551112233}, ("to", "field_wrong")),
        ({"to": None, "user_id": "1348912086553027"}, ("user_id", "whatsapp_user_id")),
        ({"reply_to": ""}, ("reply_to", "field_empty")),
        ({"recipient_type": "ŞAHIS"}, ("recipient_type", "field_not_in_list")),
        ({"mesaj": "x"}, ("mesaj", "field_unknown")),
        ({"+905551112233": "x"}, ("payload", "field_unknown")),
    ],
)
def test_every_kind_names_what_is_wrong_around_a_message(
    kind: str, changes: dict[str, Any], problem: tuple[str, str]
) -> None:
    assert found(kind, **changes) == {problem}


@pytest.mark.parametrize(
    ("kind", "changes", "problem"),
    [
        ("whatsapp.text", {"text": None}, ("text", "field_missing")),
        ("whatsapp.text", {"text": " "}, ("text", "field_empty")),
        ("whatsapp.text", {"text": "a" * 4097}, ("text", "field_too_long")),
        ("whatsapp.text", {"preview_url": "yes"}, ("preview_url", "field_wrong")),
        ("whatsapp.template", {"template": "Sipariş"}, ("template", "field_wrong")),
        ("whatsapp.template", {"language": "tr-TR"}, ("language", "field_wrong")),
        ("whatsapp.template", {"category": "service"}, ("category", "field_not_in_list")),
        ("whatsapp.template", {"category": None}, ("category", "field_missing")),
        ("whatsapp.template", {"body": ["Ayşe", 42]}, ("body.[1]", "field_wrong")),
        ("whatsapp.template", {"body": ["Ayşe\nYılmaz"]}, ("body.[0]", "whatsapp_breaks_lines")),
        ("whatsapp.template", {"body": {"ad": "Ayşe\tYılmaz"}}, ("body.ad", "whatsapp_breaks_lines")),
        ("whatsapp.template", {"body": {"Ad Soyad": "Ayşe"}}, ("body", "field_wrong")),
        ("whatsapp.template", {"body": "Ayşe"}, ("body", "field_wrong")),
        ("whatsapp.template", {"header": {}}, ("header", "whatsapp_one_of")),
        (
            "whatsapp.template",
            {"header": {"document": {"link": "http://example.com"}}},
            ("header.document.link", "whatsapp_link"),
        ),
        (
            "whatsapp.template",
            {"buttons": [{"index": 11, "type": "url", "value": "x"}]},
            ("buttons[0].index", "field_wrong"),
        ),
        (
            "whatsapp.template",
            {"buttons": [{"index": 0, "type": "flow", "value": "x"}]},
            ("buttons[0].type", "field_not_in_list"),
        ),
        ("whatsapp.media", {"type": "gif"}, ("type", "field_not_in_list")),
        ("whatsapp.media", {"link": "ftp://example.com/a"}, ("link", "whatsapp_link")),
        ("whatsapp.media", {"media_id": "1"}, ("payload", "whatsapp_one_of")),
        ("whatsapp.media", {"type": "image"}, ("filename", "whatsapp_not_with_type")),
        ("whatsapp.media", {"type": "audio", "filename": None, "caption": "a"}, ("caption", "whatsapp_not_with_type")),
        ("whatsapp.media", {"mime_type": "application/pdf"}, ("mime_type", "whatsapp_only_with")),
        (
            "whatsapp.media",
            {"link": None, "content": "%%%", "mime_type": "application/pdf"},
            ("content", "whatsapp_not_base64"),
        ),
        (
            "whatsapp.media",
            {"link": None, "content": base64.b64encode(b"x").decode(), "mime_type": "text/html"},
            ("mime_type", "field_not_in_list"),
        ),
        (
            "whatsapp.media",
            {"link": None, "content": "A" * 7_000_000, "mime_type": "application/pdf"},
            ("content", "whatsapp_file_too_large"),
        ),
        ("whatsapp.interactive", {"buttons": None}, ("payload", "whatsapp_one_of")),
        ("whatsapp.interactive", {"buttons": []}, ("buttons", "field_empty")),
        ("whatsapp.interactive", {"buttons": rows(4)}, ("buttons", "whatsapp_too_many")),
        ("whatsapp.interactive", {"buttons": [BUTTON, {**BUTTON, "title": "Olur"}]}, ("buttons", "whatsapp_alike")),
        ("whatsapp.interactive", {"buttons": [BUTTON, {**BUTTON, "id": "olur"}]}, ("buttons", "whatsapp_alike")),
        ("whatsapp.interactive", {"buttons": [{"id": "e", "title": "e" * 21}]}, ("buttons[0].title", "field_too_long")),
        ("whatsapp.interactive", {"header": "a" * 61}, ("header", "field_too_long")),
        (
            "whatsapp.interactive",
            {"buttons": None, "link": {"title": "Aç", "url": "javascript:alert(1)"}},
            ("link.url", "whatsapp_link"),
        ),
        (
            "whatsapp.interactive",
            {"buttons": None, "list": {"button": "Seç", "sections": [{"rows": rows(6)}, {"rows": rows(6)}]}},
            ("list.sections", "whatsapp_too_many"),
        ),
        (
            "whatsapp.interactive",
            {"buttons": None, "list": {"button": "Seç", "sections": [{"rows": [{"title": "Yarın"}]}]}},
            ("list.sections[0].rows[0].id", "field_missing"),
        ),
    ],
)
def test_a_wrong_field_is_named(kind: str, changes: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problem in found(kind, **changes)


def test_what_is_marketing_at_meta_is_commercial_here() -> None:
    says = kind_named("whatsapp.template").says_commercial
    assert says is not None
    assert [says({"category": category}) for category in ("marketing", "utility", "authentication")] == [
        True,
        False,
        False,
    ]


def test_only_templates_may_open_a_conversation() -> None:
    windows = {kind.name: kind.needs_window is not None for kind in KINDS}
    assert windows == {
        "whatsapp.template": False,
        "whatsapp.text": True,
        "whatsapp.media": True,
        "whatsapp.interactive": True,
    }


def test_every_problem_has_a_text_that_its_parameters_fill() -> None:
    wrong: list[dict[str, Any]] = [{}, {"to": 1, "text": 2, "type": 3, "list": {}}, {"user_id": "a", "link": "a"}]
    for kind in KINDS:
        for payload in wrong:
            for problem in kind.check(payload):
                assert TEXTS[problem.code].format(**problem.params)


@pytest.mark.parametrize("to", ["0555 111 22 33", "+90 555 111 22 33", "905551112233"])
def test_the_recipient_is_canonical_in_any_spelling(to: str) -> None:
    recipient = kind_named("whatsapp.text").recipient({"to": to})
    assert recipient is not None
    assert (recipient.kind, recipient.value) == ("phone", "+905551112233")


def test_a_person_without_a_number_is_named_by_user_id() -> None:
    recipient = kind_named("whatsapp.text").recipient({"user_id": "TR.1348912086553027"})
    assert recipient is not None
    assert (recipient.kind, recipient.value) == ("whatsapp_user", "TR.1348912086553027")
    assert "1348912086553027" not in repr(recipient)


def test_a_summary_shows_nothing_that_was_written() -> None:
    assert kind_named("whatsapp.template").summary(GOOD["whatsapp.template"]) == {
        "template": "siparis_durumu",
        "language": "tr",
        "category": "utility",
    }
    assert kind_named("whatsapp.text").summary(GOOD["whatsapp.text"]) == {"characters": 19}
    assert kind_named("whatsapp.media").summary(GOOD["whatsapp.media"]) == {"type": "document", "source": "link"}
    assert kind_named("whatsapp.interactive").summary(GOOD["whatsapp.interactive"]) == {"shape": "buttons"}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_fields = [
    "to",
    "user_id",
    "text",
    "template",
    "language",
    "body",
    "buttons",
    "header",
    "type",
    "content",
    "list",
    "link",
]


@settings(max_examples=60, deadline=None)
@given(payload=st.dictionaries(st.sampled_from(_fields), _json, max_size=6))
def test_no_payload_whatsoever_breaks_a_check(payload: dict[str, Any]) -> None:
    for kind in KINDS:
        for problem in kind.check(payload):
            assert problem.code in TEXTS
        kind.recipient(payload)
        kind.summary(payload)
