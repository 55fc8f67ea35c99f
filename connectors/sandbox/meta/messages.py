"""`POST /{number}/messages`: takes a message, writes it down for good, and owes what becomes of it.

Not idempotent, as the real one: the same message sent twice is two messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.sandbox.ledger import Deed
from connectors.sandbox.meta import templates
from connectors.sandbox.meta.book import WINDOW, Destiny
from connectors.sandbox.meta.desk import is_number, unknown_object
from connectors.sandbox.meta.envelope import failure, success
from connectors.sandbox.meta.hooks import PROVIDER, owe_statuses

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.meta.book import Account, Someone
    from connectors.sandbox.meta.desk import Call, Desk

_FILES = ("image", "audio", "video", "document", "sticker")
_TYPES = ("text", "template", *_FILES, "interactive", "location", "contacts", "reaction")


def messages(desk: Desk, call: Call) -> Response:
    """Send a message, or mark one as read."""
    document = call.document
    if not is_number(desk, call):
        return unknown_object(call.target)
    if document.get("messaging_product") != "whatsapp":
        return failure(100, "Invalid value for messaging_product")
    if document.get("status") == "read":
        return success({"success": True})
    type_ = document.get("type", "text")
    content: Any = document.get(type_)
    if type_ not in _TYPES:
        return failure(131051)
    if not isinstance(content, dict):
        return failure(131008, f"Missing parameter {type_}")
    return _send(desk, call, document, type_, content)  # pyright: ignore[reportUnknownArgumentType]


def _send(desk: Desk, call: Call, document: dict[str, Any], type_: str, content: dict[str, Any]) -> Response:
    named = document.get("to") or document.get("recipient")
    if not isinstance(named, str) or not named:
        return failure(131008, "Missing parameter to")
    reference = document.get("biz_opaque_callback_data")
    if reference is not None and not (isinstance(reference, str) and len(reference) <= 512):
        return failure(131009, "biz_opaque_callback_data is too long")
    someone = desk.book.someone(call.company_id, named)
    if someone is None:
        return failure(131026)
    with desk.book.account(call.company_id) as account:
        code = _refusal(desk, account, someone, type_, content)
        destiny = _destiny(account, someone) if code is None else None
        category = templates.category(account.templates, content.get("name", "")) if type_ == "template" else "service"
    if destiny is not None and not destiny.later:
        code = destiny.code
    if code is not None:
        return failure(code)
    wamid = desk.book.wamid(call.company_id, someone.digits)
    deed = Deed(PROVIDER, call.company_id, type_, reference or "", wamid, desk.world.clock.now())
    desk.world.ledger.enter(deed)
    owe_statuses(
        desk.world,
        call.company_id,
        someone,
        wamid=wamid,
        reference=reference,
        category=category,
        failed=None if destiny is None else destiny.code,
    )
    message = {"id": wamid} | ({"message_status": "accepted"} if type_ == "template" else {})
    contact = {"input": named, "wa_id": someone.digits, "user_id": someone.user_id}
    return success({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})


def _refusal(desk: Desk, account: Account, someone: Someone, type_: str, content: dict[str, Any]) -> int | None:
    if type_ == "template":
        marketing = templates.category(account.templates, content.get("name", "")) == "marketing"
        code = templates.refusal(account.templates, content)
        return code or (131050 if marketing and someone.digits in account.stopped else None)
    wrote = account.wrote.get(someone.digits)
    if wrote is None or desk.world.clock.now() - wrote > WINDOW:
        return 131047
    if type_ == "text" and not content.get("body"):
        return 131008
    if type_ in _FILES and "link" not in content and content.get("id") not in account.media:
        return 131009
    return None


def _destiny(account: Account, someone: Someone) -> Destiny | None:
    waiting = account.destinies[someone.digits]
    return waiting.pop(0) if waiting else None
