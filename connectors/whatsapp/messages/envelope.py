"""What every message has around it: the recipient, our reference, and the message that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.whatsapp.recipients import RECIPIENT_FIELDS, addressed, check_recipient

if TYPE_CHECKING:
    from connectors.actions import Payload
    from connectors.whatsapp.checks import Reading

ENVELOPE_FIELDS = (*RECIPIENT_FIELDS, "reply_to", "recipient_type")
RECIPIENT_TYPES = ("BIREYSEL", "TACIR")
"""As İYS names them: an individual, and a merchant or tradesman. For the hub's own rules; Meta is not told."""
_LONGEST_WAMID = 512


def check_envelope(reading: Reading) -> None:
    """Recipient, `reply_to` (the wamid of a message of the person's), and `recipient_type`."""
    check_recipient(reading)
    reading.text("reply_to", most=_LONGEST_WAMID, required=False)
    reading.choice("recipient_type", RECIPIENT_TYPES, required=False)


def enveloped(payload: Payload, type_: str, content: Mapping[str, Any], *, reference: str) -> dict[str, Any]:
    """The request's document. `reference` comes back in every status of the message: it may hold nothing personal."""
    document: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **addressed(payload),
        "type": type_,
        type_: dict(content),
        "biz_opaque_callback_data": reference,
    }
    if payload.get("reply_to") is not None:
        document["context"] = {"message_id": payload["reply_to"]}
    return document
