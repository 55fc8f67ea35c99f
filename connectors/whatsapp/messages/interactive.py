"""A text with something to press: up to three buttons, a list to choose from, or a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.whatsapp.checks import Reading
from connectors.whatsapp.messages.envelope import ENVELOPE_FIELDS, check_envelope, enveloped

if TYPE_CHECKING:
    from connectors.actions import Payload, Problem

LONGEST_BODY = 1024
LONGEST_EDGE = 60
LONGEST_BUTTON = 20
LONGEST_ROW = 24
MOST_BUTTONS = 3
MOST_ROWS = 10
SHAPES = ("buttons", "list", "link")


def check(payload: Payload) -> Sequence[Problem]:
    """`to` or `user_id`, `text`, perhaps `header` and `footer`, and one of `buttons`, `list` and `link`."""
    reading = Reading(payload)
    reading.only(*ENVELOPE_FIELDS, "text", "header", "footer", *SHAPES)
    check_envelope(reading)
    reading.text("text", most=LONGEST_BODY)
    reading.text("header", most=LONGEST_EDGE, required=False)
    reading.text("footer", most=LONGEST_EDGE, required=False)
    match reading.one_of(*SHAPES):
        case "buttons":
            _check_buttons(reading)
        case "list":
            _check_list(reading)
        case "link":
            _check_link(reading)
        case _:
            pass
    return reading.problems


def document(payload: Payload, *, reference: str) -> dict[str, Any]:
    """The request."""
    type_, action = _action(payload)
    content: dict[str, Any] = {"type": type_, "action": action, "body": {"text": payload["text"]}}
    if payload.get("header") is not None:
        content["header"] = {"type": "text", "text": payload["header"]}
    if payload.get("footer") is not None:
        content["footer"] = {"text": payload["footer"]}
    return enveloped(payload, "interactive", content, reference=reference)


def summary(payload: Payload) -> Mapping[str, str | int]:
    """Its shape."""
    return {"shape": next((name for name in SHAPES if payload.get(name) is not None), "-")}


def _check_buttons(reading: Reading) -> None:
    buttons = reading.parts("buttons", most=MOST_BUTTONS)
    for button in buttons:
        button.only("id", "title")
        button.text("id", most=256)
        button.text("title", most=LONGEST_BUTTON)
    _check_unlike(reading, "buttons", buttons, "id")
    _check_unlike(reading, "buttons", buttons, "title")


def _check_list(reading: Reading) -> None:
    chooser = reading.part("list")
    if chooser is None:
        return
    chooser.only("button", "sections")
    chooser.text("button", most=LONGEST_BUTTON)
    sections = chooser.parts("sections", most=MOST_ROWS)
    rows: list[Reading] = []
    for section in sections:
        section.only("title", "rows")
        section.text("title", most=LONGEST_ROW, required=len(sections) > 1)
        rows += section.parts("rows", most=MOST_ROWS)
    for row in rows:
        row.only("id", "title", "description")
        row.text("id", most=200)
        row.text("title", most=LONGEST_ROW)
        row.text("description", most=72, required=False)
    if len(rows) > MOST_ROWS:
        chooser.say("sections", "whatsapp_too_many", limit=MOST_ROWS)
    _check_unlike(chooser, "sections", rows, "id")


def _check_link(reading: Reading) -> None:
    link = reading.part("link")
    if link is not None:
        link.only("title", "url")
        link.text("title", most=LONGEST_BUTTON)
        link.link("url")


def _check_unlike(reading: Reading, name: str, parts: Sequence[Reading], field: str) -> None:
    """An answer names what was pressed by its id, so no two may be alike."""
    values = [part.fields.get(field) for part in parts]
    texts = [value for value in values if isinstance(value, str)]
    if len(set(texts)) < len(texts):
        reading.say(name, "whatsapp_alike", name=field)


def _action(payload: Payload) -> tuple[str, dict[str, Any]]:
    if payload.get("buttons") is not None:
        replies = [
            {"type": "reply", "reply": {name: each[name] for name in ("id", "title")}} for each in payload["buttons"]
        ]
        return "button", {"buttons": replies}
    if payload.get("list") is not None:
        return "list", {"button": payload["list"]["button"], "sections": payload["list"]["sections"]}
    link = payload["link"]
    return "cta_url", {"name": "cta_url", "parameters": {"display_text": link["title"], "url": link["url"]}}
