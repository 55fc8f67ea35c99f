"""Records of a webhook, one at a time, in the old shape and the new one.

Old: a telephone number everywhere and no `user_id`. New (April 2026): a `user_id`, and perhaps no number at all. What
cannot be made out is None, so that its neighbours in the same body still count.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.whatsapp.events import (
    FATES,
    Attachment,
    Charge,
    Fate,
    IncomingMessage,
    MarketingChoice,
    MessageStatus,
    Person,
)
from connectors.whatsapp.objects import Record, number_in, object_in, objects_in, text_in
from kvkk_policies.phone import canonical_phone

_WITH_FILES = ("image", "video", "audio", "document", "sticker")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyz_")


def status_in(value: Record, record: Record) -> MessageStatus | None:
    """One of `statuses`."""
    number, wamid, at = _number(value), text_in(record, "id"), _moment(record)
    fate: Fate | None = next((each for each in FATES if each == record.get("status")), None)
    if number is None or wamid is None or at is None or fate is None:
        return None
    person = _person(value, phone=text_in(record, "recipient_id"), user_id=text_in(record, "recipient_user_id"))
    reference = text_in(record, "biz_opaque_callback_data")
    return MessageStatus(number, wamid, fate, at, person, reference, _errors(record), _charge(record))


def incoming_in(value: Record, record: Record) -> IncomingMessage | None:
    """One of `messages`."""
    number, wamid, at, kind = _number(value), text_in(record, "id"), _moment(record), text_in(record, "type")
    if number is None or wamid is None or at is None or kind is None or not _WORD.issuperset(kind):
        return None
    person = _person(value, phone=text_in(record, "from"), user_id=text_in(record, "from_user_id"))
    content = object_in(record, kind)
    text, choice = _words(kind, content)
    return IncomingMessage(
        number,
        wamid,
        kind,
        at,
        person,
        text=text,
        choice=choice,
        attachment=_attachment(content) if kind in _WITH_FILES else None,
        answers=text_in(object_in(record, "context"), "id"),
        errors=_errors(record),
    )


def preference_in(value: Record, record: Record) -> MarketingChoice | None:
    """One of `user_preferences`; the only one there is concerns marketing."""
    number, at, choice = _number(value), _moment(record), record.get("value")
    if number is None or at is None or choice not in ("stop", "resume"):
        return None
    person = _person(value, phone=text_in(record, "wa_id"), user_id=text_in(record, "user_id"))
    return MarketingChoice(number, at, person, "stop" if choice == "stop" else "resume")


def _number(value: Record) -> str | None:
    return text_in(object_in(value, "metadata"), "phone_number_id")


def _moment(record: Record) -> datetime | None:
    """Seconds since 1970, written as text."""
    text = str(number_in(record, "timestamp") or "") or text_in(record, "timestamp")
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _person(value: Record, *, phone: str | None, user_id: str | None) -> Person:
    contact = contact_of(objects_in(value, "contacts"), phone=phone, user_id=user_id)
    digits = phone or text_in(contact, "wa_id")
    profile = object_in(contact, "profile")
    return Person(
        None if digits is None else canonical_phone(f"+{digits.removeprefix('+')}"),
        user_id or text_in(contact, "user_id"),
        text_in(profile, "name") or text_in(profile, "username"),
    )


def contact_of(contacts: list[dict[str, Any]], *, phone: str | None, user_id: str | None) -> Record:
    """The contact that a record is about, empty when there is none: several people's may stand in one body."""
    for contact in contacts:
        if user_id is not None and contact.get("user_id") == user_id:
            return contact
        if phone is not None and contact.get("wa_id") == phone:
            return contact
    nameless = phone is None and user_id is None
    return contacts[0] if nameless and len(contacts) == 1 else {}


def _errors(record: Record) -> tuple[int, ...]:
    codes = [number_in(each, "code") for each in objects_in(record, "errors")]
    return tuple(code for code in codes if code is not None)


def _charge(record: Record) -> Charge | None:
    pricing = object_in(record, "pricing")
    if not pricing:
        return None
    billable = pricing.get("billable")
    type_ = text_in(pricing, "type") or text_in(pricing, "pricing_type")
    if not isinstance(billable, bool):
        billable = None if type_ is None else type_ == "regular"
    category = text_in(pricing, "category")
    return Charge(
        billable,
        category.lower() if category is not None and _WORD.issuperset(category.lower()) else None,
        type_,
        text_in(pricing, "pricing_model"),
    )


def _words(kind: str, content: Record) -> tuple[str | None, str | None]:
    """What was written, and the id behind what was pressed."""
    if kind == "text":
        return text_in(content, "body"), None
    if kind == "button":
        return text_in(content, "text"), text_in(content, "payload")
    if kind == "interactive":
        reply = object_in(content, "button_reply") or object_in(content, "list_reply")
        return text_in(reply, "title"), text_in(reply, "id")
    if kind == "reaction":
        return text_in(content, "emoji"), None
    return text_in(content, "caption"), None


def _attachment(content: Record) -> Attachment | None:
    media_id = text_in(content, "id")
    if media_id is None:
        return None
    return Attachment(media_id, text_in(content, "mime_type"), text_in(content, "sha256"))
