"""A picture, sound, film, sticker or file: uploaded before, behind a link, or carried in the payload itself."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.actions import Payload, Problem
from connectors.whatsapp.checks import Reading
from connectors.whatsapp.messages.envelope import ENVELOPE_FIELDS, check_envelope, enveloped
from connectors.whatsapp.settings import LARGEST_CONTENT

LONGEST_CAPTION = 1024
LONGEST_FILENAME = 240
SOURCES = ("media_id", "link", "content")
_OFFICE = "application/vnd.openxmlformats-officedocument"
MIME_TYPES: Mapping[str, tuple[str, ...]] = {
    "image": ("image/jpeg", "image/png"),
    "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    "video": ("video/mp4", "video/3gpp"),
    "sticker": ("image/webp",),
    "document": (
        "application/pdf",
        "text/plain",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        f"{_OFFICE}.wordprocessingml.document",
        f"{_OFFICE}.spreadsheetml.sheet",
        f"{_OFFICE}.presentationml.presentation",
    ),
}
CAPTIONED = ("image", "video", "document")


@dataclass(frozen=True)
class Upload:
    """A file that must be with Meta before the message that shows it. Its `repr` shows no content."""

    content: bytes = field(repr=False)
    mime_type: str


def check(payload: Payload) -> Sequence[Problem]:
    """`to` or `user_id`, `type`, and one of `media_id`, `link` and `content` (base64, with its `mime_type`)."""
    reading = Reading(payload)
    reading.only(*ENVELOPE_FIELDS, "type", *SOURCES, "mime_type", "caption", "filename")
    check_envelope(reading)
    type_ = reading.choice("type", tuple(MIME_TYPES))
    match reading.one_of(*SOURCES):
        case "link":
            reading.link("link")
        case "media_id":
            reading.text("media_id", most=100)
        case "content":
            _check_content(reading, type_)
        case _:
            pass
    reading.text("caption", most=LONGEST_CAPTION, required=False)
    reading.text("filename", most=LONGEST_FILENAME, required=False)
    if type_ is not None:
        _check_fits(reading, type_)
    return reading.problems


def upload_of(payload: Payload) -> Upload | None:
    """What must be uploaded first; None when Meta has it or fetches it."""
    content = payload.get("content")
    return None if content is None else Upload(base64.b64decode(content), payload["mime_type"])


def document(payload: Payload, *, reference: str, media_id: str | None = None) -> dict[str, Any]:
    """The request; `media_id` is what an upload was answered with."""
    known = media_id or payload.get("media_id")
    content: dict[str, Any] = {"id": known} if known is not None else {"link": payload["link"]}
    content |= {name: payload[name] for name in ("caption", "filename") if payload.get(name) is not None}
    return enveloped(payload, payload["type"], content, reference=reference)


def summary(payload: Payload) -> Mapping[str, str | int]:
    """What kind of thing it is, and where it comes from."""
    source = next((name for name in SOURCES if payload.get(name) is not None), "-")
    type_ = next((name for name in MIME_TYPES if name == payload.get("type")), "-")
    return {"type": type_, "source": source}


def _check_content(reading: Reading, type_: str | None) -> None:
    if type_ is not None:
        reading.choice("mime_type", MIME_TYPES[type_])
    value: Any = reading.fields.get("content")
    if not isinstance(value, str):
        reading.say("content", "field_wrong")
        return
    if len(value) > LARGEST_CONTENT * 4 // 3 + 4:
        reading.say("content", "whatsapp_file_too_large", limit=LARGEST_CONTENT)
        return
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        reading.say("content", "whatsapp_not_base64")
        return
    if not decoded:
        reading.say("content", "field_empty")


def _check_fits(reading: Reading, type_: str) -> None:
    """Meta knows captions and file names of some types only."""
    if reading.fields.get("caption") is not None and type_ not in CAPTIONED:
        reading.say("caption", "whatsapp_not_with_type", types=", ".join(CAPTIONED))
    if reading.fields.get("filename") is not None and type_ != "document":
        reading.say("filename", "whatsapp_not_with_type", types="document")
    if reading.fields.get("mime_type") is not None and reading.fields.get("content") is None:
        reading.say("mime_type", "whatsapp_only_with", other="content")
