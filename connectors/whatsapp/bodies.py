"""What the body of a webhook tells, event by event.

Events come at least once, late, in any order and several in one body, and each is taken once by its own identity. So a
body is cut into parts that each hold one event and nobody else's data, and a part is read like a body.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.whatsapp.events import (
    AccountNews,
    Event,
    IncomingMessage,
    MarketingChoice,
    MessageStatus,
    Told,
    digest,
)
from connectors.whatsapp.failures import short_code
from connectors.whatsapp.objects import Record, number_in, object_in, objects_in, record_of, text_in
from connectors.whatsapp.reading import contact_of, incoming_in, preference_in, status_in

_OBJECT = "whatsapp_business_account"
_SHOWN = (
    "event",
    "reason",
    "decision",
    "current_limit",
    "message_template_id",
    "message_template_name",
    "message_template_language",
    "message_template_category",
    "previous_quality_score",
    "new_quality_score",
)
_WORD = re.compile(r"[A-Za-z0-9_]{1,512}")


@dataclass(frozen=True)
class Part:
    """One event of a body, by itself. `event_id` is the same in every delivery, and a digest."""

    event_id: str
    kind: str
    """`statuses`, `messages`, `user_preferences`, or the field that news of the account come under."""
    body: bytes = field(repr=False)
    """A body with this event alone, and of the contacts only the one whom it is about."""


@dataclass(frozen=True)
class _Records:
    """A list of records within a field's value, how one is read, and where it names its person."""

    name: str
    read: Callable[[Record, Record], MessageStatus | IncomingMessage | MarketingChoice | None]
    phone: str
    user_id: str


_RECORDS: Mapping[str, tuple[_Records, ...]] = {
    "messages": (
        _Records("statuses", status_in, "recipient_id", "recipient_user_id"),
        _Records("messages", incoming_in, "from", "from_user_id"),
    ),
    "user_preferences": (_Records("user_preferences", preference_in, "wa_id", "user_id"),),
}


def told(body: bytes) -> Told:
    """What a body tells, in its order. Raises `ProviderFailure` answer_malformed when it is no webhook of WhatsApp."""
    events = [_event(entry, change) for entry, change in _single(_document(body))]
    return Told(tuple(event for event in events if event is not None), events.count(None))


def parts(body: bytes) -> list[Part]:
    """A body's events, each by itself; also those that cannot be made out. Raises as `told`."""
    found: list[Part] = []
    for entry, change in _single(_document(body)):
        alone = _packed({"object": _OBJECT, "entry": [{**_of_entry(entry), "changes": [change]}]})
        event = _event(entry, change)
        event_id = digest("unread", alone.decode()) if event is None else event.event_id
        found.append(Part(event_id, _kind(change), alone))
    return found


def accounts(body: bytes) -> set[tuple[str, str | None]]:
    """Whom a body speaks of: ids of business account and, where an event names one, of number. Raises as `told`."""
    return {
        (text_in(entry, "id") or "", text_in(object_in(object_in(change, "value"), "metadata"), "phone_number_id"))
        for entry in objects_in(_document(body), "entry")
        for change in objects_in(entry, "changes")
    }


def _document(body: bytes) -> dict[str, Any]:
    document = record_of(decode_json(body))
    if document.get("object") != _OBJECT:
        raise ProviderFailure("permanent", "answer_malformed")
    return document


def _single(document: Record) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Every event as an entry and a change that holds nothing else."""
    for entry in objects_in(document, "entry"):
        for change in objects_in(entry, "changes"):
            name, value = text_in(change, "field"), object_in(change, "value")
            records = _RECORDS.get(name or "")
            if records is None:
                yield entry, change
                continue
            common = {key: value[key] for key in ("messaging_product", "metadata") if key in value}
            if "errors" in value:
                # Errors of the number itself stand where messages would.
                yield entry, {"field": name, "value": {**common, "errors": value["errors"]}}
            for each in records:
                for record in objects_in(value, each.name):
                    contact = _contact(value, record, each)
                    contacts = [contact] if contact else []
                    yield entry, {"field": name, "value": {**common, "contacts": contacts, each.name: [record]}}


def _event(entry: Record, change: Record) -> Event | None:
    name, value = text_in(change, "field"), object_in(change, "value")
    if name is None or not value:
        return None
    for each in _RECORDS.get(name, ()):
        if each.name in value:
            return each.read(value, objects_in(value, each.name)[0])
    return _news(entry, name, value)


def _contact(value: Record, record: Record, each: _Records) -> Record:
    contacts = objects_in(value, "contacts")
    return contact_of(contacts, phone=text_in(record, each.phone), user_id=text_in(record, each.user_id))


def _news(entry: Record, name: str, value: Record) -> AccountNews | None:
    waba_id = text_in(entry, "id")
    if waba_id is None:
        return None
    facts = {key: value[key] for key in _SHOWN if _may_be_shown(value.get(key))}
    code = next((number_in(error, "code") for error in objects_in(value, "errors")), None)
    if code is not None:
        facts["error_code"] = short_code(code)
    moment = number_in(entry, "time")
    at = datetime.fromtimestamp(moment, UTC) if moment is not None and 0 < moment < 10**11 else None
    return AccountNews(waba_id, name, at, facts, hashlib.sha256(_packed(value)).hexdigest())


def _kind(change: Record) -> str:
    name, value = text_in(change, "field") or "", object_in(change, "value")
    found = next((each.name for each in _RECORDS.get(name, ()) if each.name in value), name)
    return found if _WORD.fullmatch(found) else "other"


def _of_entry(entry: Record) -> dict[str, Any]:
    return {key: entry[key] for key in ("id", "time") if key in entry}


def _packed(document: Record) -> bytes:
    return json.dumps(document, sort_keys=True, default=str).encode()


def _may_be_shown(found: object) -> bool:
    """Enum words, names of templates and ids; no sentence, which may say anything."""
    return (isinstance(found, int) and not isinstance(found, bool)) or (
        isinstance(found, str) and _WORD.fullmatch(found) is not None
    )
