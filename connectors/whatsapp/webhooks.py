"""Meta's webhooks: the handshake, the signature over the raw bytes, and what they tell.

Nothing is parsed before its signature is right. Meta escapes what is not ASCII, so a body that was parsed and written
again no longer matches. Events come at least once, late, in any order and several in one body.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.whatsapp.events import AccountNews, Event, IncomingMessage, MarketingChoice, MessageStatus, Told
from connectors.whatsapp.failures import short_code
from connectors.whatsapp.objects import number_in, object_in, objects_in, record_of, text_in
from connectors.whatsapp.reading import incoming_in, preference_in, status_in

if TYPE_CHECKING:
    from connectors.secret import Secret

SIGNATURE_HEADER = "X-Hub-Signature-256"
Signature = Literal["right", "wrong", "missing"]
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


def challenge(query: Mapping[str, str], verify_token: Secret) -> str | None:
    """The text to answer a GET with (200, plain text); None means 403. An empty token opens nothing."""
    given = query.get("hub.verify_token", "")
    right = bool(verify_token) and hmac.compare_digest(given.encode(), verify_token.reveal().encode())
    return query.get("hub.challenge") if right and query.get("hub.mode") == "subscribe" else None


def signature(app_secret: Secret, body: bytes, header: str | None) -> Signature:
    """What the header says of the raw body: `missing` means 401, `wrong` 403. Compared in constant time."""
    if not header:
        return "missing"
    expected = "sha256=" + hmac.new(app_secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    return "right" if app_secret and hmac.compare_digest(expected.encode(), header.encode()) else "wrong"


def told(body: bytes) -> Told:
    """What a body tells, in its order. Raises `ProviderFailure` answer_malformed when it is no webhook of WhatsApp."""
    document = record_of(decode_json(body))
    if document.get("object") != "whatsapp_business_account":
        raise ProviderFailure("permanent", "answer_malformed")
    events: list[Event] = []
    unread = 0
    for entry in objects_in(document, "entry"):
        for change in objects_in(entry, "changes"):
            for event in _of_change(entry, change):
                if event is None:
                    unread += 1
                else:
                    events.append(event)
    return Told(tuple(events), unread)


def _of_change(entry: Mapping[str, Any], change: Mapping[str, Any]) -> Iterator[Event | None]:
    name, known = text_in(change, "field"), object_in(change, "value")
    if name is None or not known:
        yield None
        return
    if name not in _READERS or "errors" in known:
        # Errors of the number itself stand where messages would.
        yield _news(entry, name, known)
    for part, read in _READERS.get(name, ()):
        for record in objects_in(known, part):
            yield read(known, record)


Reader = Callable[[Mapping[str, Any], Mapping[str, Any]], MessageStatus | IncomingMessage | MarketingChoice | None]
_READERS: Mapping[str, tuple[tuple[str, Reader], ...]] = {
    "messages": (("statuses", status_in), ("messages", incoming_in)),
    "user_preferences": (("user_preferences", preference_in),),
}


def _news(entry: Mapping[str, Any], name: str, value: Mapping[str, Any]) -> AccountNews | None:
    waba_id = text_in(entry, "id")
    if waba_id is None:
        return None
    facts = {key: value[key] for key in _SHOWN if _may_be_shown(value.get(key))}
    code = next((number_in(error, "code") for error in objects_in(value, "errors")), None)
    if code is not None:
        facts["error_code"] = short_code(code)
    moment = number_in(entry, "time")
    at = datetime.fromtimestamp(moment, UTC) if moment is not None and 0 < moment < 10**11 else None
    content = json.dumps(value, sort_keys=True, default=str)
    return AccountNews(waba_id, name, at, facts, hashlib.sha256(content.encode()).hexdigest())


def _may_be_shown(found: object) -> bool:
    """Enum words, names of templates and ids; no sentence, which may say anything."""
    return (isinstance(found, int) and not isinstance(found, bool)) or (
        isinstance(found, str) and _WORD.fullmatch(found) is not None
    )
