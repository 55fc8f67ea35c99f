"""Permissions and refusals of law 6563 that Netgsm passes on from İYS: a JSON array, signed by nobody.

A sender whose gateway to İYS is Netgsm hears of a citizen's refusal by this alone: Netgsm cannot be asked what changed.
Source of the fields: providers/netgsm.md, section 7.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from connectors.iys.netgsm import BRAND_SETTING, pushed
from connectors.iys.register import PERMISSION_TYPES
from connectors.netgsm.push import plain
from connectors.webhook_bodies import composite, object_of, packed
from connectors.webhooks import PermissionHeard, Standing, WebhookEvent

if TYPE_CHECKING:
    from connectors.iys.register import Permission

KIND = "permission"
_NAMES = ("type", "source", "recipient", "recipientType", "status", "consentDate", "resultstatus", "brandcode")
_BY_PLAIN_NAME = {name.lower(): name for name in _NAMES}


def permission_events(body: bytes) -> list[WebhookEvent] | None:
    """An event for each address that a push tells of, with the last word alone; None for a call that is no such push.

    What İYS answered to the sender's own words (`resultstatus` failure) changes nothing, so it makes no event.
    """
    records = _records(body)
    if not records:
        return None
    last: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for record in records:
        for told in pushed([record]):
            address = told.address
            key = (address.recipient, address.type, address.recipient_type, str(record.get("brandcode", "")))
            last.pop(key, None)
            last[key] = record
    return [WebhookEvent(_identity(key, record), KIND, packed(record)) for key, record in last.items()]


def permission_heard(event: WebhookEvent, standing: Standing) -> list[PermissionHeard]:
    """What the event says, unless it is about another brand than the account's."""
    record = object_of(event.body)
    brand, ours = record.get("brandcode"), standing.settings.get(BRAND_SETTING)
    if brand is not None and ours is not None and str(brand) != str(ours):
        return []
    found: list[Permission] = pushed([record])
    return [PermissionHeard(each, standing.received_at) for each in found]


def _records(body: bytes) -> list[dict[str, Any]]:
    """The entries that have the shape of a permission, under the names of the sheet in whatever case they came."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return []
    entries = cast("list[object]", document) if isinstance(document, list) else [document]
    found: list[dict[str, Any]] = []
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        values = plain(cast("dict[str, Any]", entry))
        record = {name: values[small] for small, name in _BY_PLAIN_NAME.items() if values.get(small) is not None}
        if record.get("type") in PERMISSION_TYPES and "recipient" in record:
            found.append(record)
    return found


def _identity(key: Sequence[str], record: Mapping[str, Any]) -> str:
    """What tells it from others, the same however often it is sent. Personal data: to be hashed."""
    return composite(KIND, *key, str(record.get("status")), str(record.get("consentDate")))
