"""A message after a template that Meta has approved: the only way to write first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.actions import Payload, Problem
from connectors.whatsapp.checks import Reading
from connectors.whatsapp.messages.envelope import ENVELOPE_FIELDS, check_envelope, enveloped
from connectors.whatsapp.objects import object_in
from connectors.whatsapp.settings import TEMPLATE_CATEGORIES

MOST_BUTTONS = 10
MOST_PARAMETERS = 100
LONGEST_PARAMETER = 1024
HEADER_MEDIA = ("image", "video", "document")
BUTTON_TYPES = ("url", "quick_reply", "copy_code")
_FIELDS = (*ENVELOPE_FIELDS, "template", "language", "category", "header", "body", "buttons")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,3})?")
_PARAMETER_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_BROKEN = re.compile(r"[\n\r\t]| {5,}")
"""Meta refuses parameters with line ends, tabs or more than four spaces in a row."""


def check(payload: Payload) -> Sequence[Problem]:
    """`to` or `user_id`, `template`, `language`, `category`; what fills the template: `header`, `body`, `buttons`.

    `body` is a list in the template's order, or an object for one with named parameters. `category` is what Meta has
    approved the template under: it prices the message, and what is marketing there is commercial here.
    """
    reading = Reading(payload)
    reading.only(*_FIELDS)
    check_envelope(reading)
    reading.matching("template", _NAME)
    reading.matching("language", _LANGUAGE)
    reading.choice("category", TEMPLATE_CATEGORIES)
    _check_header(reading)
    _check_body(reading)
    _check_buttons(reading)
    return reading.problems


def document(payload: Payload, *, reference: str) -> dict[str, Any]:
    """The request."""
    content: dict[str, Any] = {"name": payload["template"], "language": {"code": payload["language"]}}
    components = [*_header(payload), *_body(payload), *_buttons(payload)]
    if components:
        content["components"] = components
    return enveloped(payload, "template", content, reference=reference)


def is_marketing(payload: Payload) -> bool:
    """Whether it promotes anything, by the category that Meta has approved it under."""
    return payload.get("category") == "marketing"


def summary(payload: Payload) -> Mapping[str, str | int]:
    """Which template."""
    named = {name: payload.get(name) for name in ("template", "language", "category")}
    return {name: value for name, value in named.items() if isinstance(value, str)}


def _check_header(reading: Reading) -> None:
    header = reading.part("header")
    if header is None:
        return
    header.only("text", *HEADER_MEDIA)
    name = header.one_of("text", *HEADER_MEDIA)
    if name == "text":
        _check_parameter(header, "text")
    elif name is not None:
        media = header.part(name)
        if media is not None:
            media.only("media_id", "link", "filename")
            source = media.one_of("media_id", "link")
            if source == "link":
                media.link("link")
            media.text("media_id", most=100, required=False)
            media.text("filename", most=240, required=False)


def _check_body(reading: Reading) -> None:
    body: Any = reading.fields.get("body")
    if body is None:
        return
    if isinstance(body, dict):
        named = Reading(object_in(reading.fields, "body"), reading.at("body"), reading.problems)
        for name in named.fields:
            if _PARAMETER_NAME.fullmatch(str(name)):
                _check_parameter(named, name)
            else:
                named.say("", "field_wrong")
        return
    for index, value in reading.items("body", MOST_PARAMETERS):
        _check_parameter(Reading({f"[{index}]": value}, reading.at("body"), reading.problems), f"[{index}]")


def _check_buttons(reading: Reading) -> None:
    if reading.fields.get("buttons") is None:
        return
    for button in reading.parts("buttons", most=MOST_BUTTONS):
        button.only("index", "type", "value")
        button.choice("type", BUTTON_TYPES)
        _check_parameter(button, "value")
        index: Any = button.fields.get("index")
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < MOST_BUTTONS:
            button.say("index", "field_wrong")


def _check_parameter(reading: Reading, name: str) -> None:
    value = reading.text(name, most=LONGEST_PARAMETER)
    if value is not None and _BROKEN.search(value):
        reading.say(name, "whatsapp_breaks_lines")


def _header(payload: Payload) -> list[dict[str, Any]]:
    header: Mapping[str, Any] = payload.get("header") or {}
    if "text" in header:
        return [{"type": "header", "parameters": [{"type": "text", "text": header["text"]}]}]
    for name in HEADER_MEDIA:
        if name in header:
            given: Mapping[str, Any] = header[name]
            media = {("id" if field == "media_id" else field): value for field, value in given.items()}
            return [{"type": "header", "parameters": [{"type": name, name: media}]}]
    return []


def _body(payload: Payload) -> list[dict[str, Any]]:
    body: Any = payload.get("body")
    if not body:
        return []
    if isinstance(body, dict):
        named = object_in(payload, "body").items()
        filled = [{"type": "text", "parameter_name": name, "text": value} for name, value in named]
    else:
        filled = [{"type": "text", "text": value} for value in body]
    return [{"type": "body", "parameters": filled}]


def _buttons(payload: Payload) -> list[dict[str, Any]]:
    buttons: Sequence[Mapping[str, Any]] = payload.get("buttons") or ()
    return [
        {
            "type": "button",
            "sub_type": button["type"],
            "index": str(button["index"]),
            "parameters": [_button_parameter(button["type"], button["value"])],
        }
        for button in buttons
    ]


def _button_parameter(type_: str, value: str) -> dict[str, str]:
    name, field = _BUTTON_WORDS[type_]
    return {"type": name, field: value}


_BUTTON_WORDS = {
    "url": ("text", "text"),
    "quick_reply": ("payload", "payload"),
    "copy_code": ("coupon_code", "coupon_code"),
}
