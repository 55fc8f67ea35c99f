"""A free text: passes only within 24 hours after the person wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.actions import Payload, Problem
from connectors.whatsapp.checks import Reading
from connectors.whatsapp.messages.envelope import ENVELOPE_FIELDS, check_envelope, enveloped

LONGEST_TEXT = 4096


def check(payload: Payload) -> Sequence[Problem]:
    """`to` or `user_id`, `text`, and perhaps `preview_url` and `reply_to`."""
    reading = Reading(payload)
    reading.only(*ENVELOPE_FIELDS, "text", "preview_url")
    check_envelope(reading)
    reading.text("text", most=LONGEST_TEXT)
    reading.flag("preview_url")
    return reading.problems


def document(payload: Payload, *, reference: str) -> dict[str, Any]:
    """The request."""
    content = {"body": payload["text"], "preview_url": payload.get("preview_url", False)}
    return enveloped(payload, "text", content, reference=reference)


def summary(payload: Payload) -> Mapping[str, str | int]:
    """How long it is."""
    return {"characters": len(str(payload.get("text", "")))}
