"""Bodies of webhooks as the sheet has them, and what is read in one that was changed a little."""

from __future__ import annotations

import json
from typing import Any

from connectors.whatsapp.bodies import told
from connectors.whatsapp.events import IncomingMessage, MessageStatus
from tests.connectors.whatsapp.sending import REFERENCE

STATUS_BODY = (
    b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp",'
    b'"metadata":{"display_phone_number":"905550000000","phone_number_id":"106540352242922"},"statuses":[{"id":"wamid.X",'
    b'"status":"delivered","timestamp":"1700000000","recipient_id":"905551112233"}]},"field":"messages"}]}]}'
)
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
