"""Files, templates, blocked people and facts of the number."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.chance import number
from connectors.sandbox.meta import keys
from connectors.sandbox.meta.desk import is_account, is_number, unknown_object
from connectors.sandbox.meta.envelope import failure, success

if TYPE_CHECKING:
    from connectors.sandbox.meta.desk import Call, Desk

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_PART = re.compile(rb'name="([^"]+)"(?:.*?\r\ncontent-type: ([^\r]+))?.*?\r\n\r\n(.*)', re.DOTALL | re.IGNORECASE)


def read_object(desk: Desk, call: Call) -> Response:
    """A number's facts, or a file's address."""
    if is_number(desk, call):
        facts: dict[str, Any] = {
            "verified_name": desk.world.company(call.company_id).name,
            "display_phone_number": "+" + keys.own_number(desk.world.seed, call.company_id),
            "quality_rating": "GREEN",
            "id": call.target,
        }
        wanted = call.query.get("fields", "").split(",") if "fields" in call.query else list(facts)
        return success({name: value for name, value in facts.items() if name in [*wanted, "id"]})
    with desk.book.account(call.company_id) as account:
        found = account.media.get(call.target)
    if found is None:
        return unknown_object(call.target)
    mime_type, content = found
    return success(
        {
            "messaging_product": "whatsapp",
            "url": f"{call.host}/v23.0/{call.target}/content",
            "mime_type": mime_type,
            "sha256": hashlib.sha256(content).hexdigest(),
            "file_size": len(content),
            "id": call.target,
        }
    )


def content(desk: Desk, call: Call) -> Response:
    """A file's bytes."""
    with desk.book.account(call.company_id) as account:
        found = account.media.get(call.target)
    return unknown_object(call.target) if found is None else Response(found[1], media_type=found[0])


def delete_media(desk: Desk, call: Call) -> Response:
    """Forget a file."""
    with desk.book.account(call.company_id) as account:
        found = account.media.pop(call.target, None)
    return unknown_object(call.target) if found is None else success({"success": True})


def upload(desk: Desk, call: Call) -> Response:
    """Take a file."""
    if not is_number(desk, call):
        return unknown_object(call.target)
    parts = _parts(call)
    mime_type, content_ = parts.get("file", ("", b""))
    if parts.get("messaging_product", ("", b""))[1] != b"whatsapp" or not content_:
        return failure(100, "The parameter file is required")
    with desk.book.account(call.company_id) as account:
        account.number += 1
        media_id = str(10**15 + number(desk.world.seed, call.company_id, "media", account.number) % 10**15)
        account.media[media_id] = (mime_type, content_)
    return success({"id": media_id})


def list_templates(desk: Desk, call: Call) -> Response:
    """A page of the account's templates. The last one still has a cursor, as Graph's has, and no `next`."""
    if not is_account(desk, call):
        return unknown_object(call.target)
    with desk.book.account(call.company_id) as account:
        listed = [
            template
            for template in account.templates
            if call.query.get("name", "") in template["name"]
            and call.query.get("status", "").upper() in ("", template["status"])
        ]
    start = int(base64.b64decode(call.query["after"])) if call.query.get("after") else 0
    limit = min(int(call.query.get("limit", "25")), desk.world.pace.page_size)
    page = listed[start : start + limit]
    summary: dict[str, Any] = {}
    if "summary" in call.query:
        counts = {"total_count": len(listed), "message_template_count": len(listed), "message_template_limit": 250}
        summary = {"summary": {**counts, "are_translations_complete": True}}
    if not page:
        return success({"data": [], **summary})
    cursors = {"before": _cursor(start), "after": _cursor(start + len(page))}
    paging: dict[str, Any] = {"cursors": cursors}
    if start + limit < len(listed):
        paging["next"] = f"{call.host}/v23.0/{call.target}/message_templates?after={cursors['after']}"
    return success({"data": page, "paging": paging, **summary})


def add_template(desk: Desk, call: Call) -> Response:
    """A new template waits for its approval."""
    asked = call.document
    if not is_account(desk, call):
        return unknown_object(call.target)
    if not all(asked.get(name) for name in ("name", "language", "category", "components")):
        return failure(100, "name, language, category and components are required")
    made = {name: asked[name] for name in ("name", "language", "category", "components")}
    made["id"] = str(10**14 + number(desk.world.seed, call.company_id, "template", asked["name"]) % 10**14)
    made["status"] = "PENDING"
    with desk.book.account(call.company_id) as account:
        account.templates.append(made)
    return success({name: made[name] for name in ("id", "status", "category")})


def blocked(desk: Desk, call: Call) -> Response:
    """Who is blocked."""
    if not is_number(desk, call):
        return unknown_object(call.target)
    with desk.book.account(call.company_id) as account:
        listed = sorted(account.blocked)
    return success({"data": [{"messaging_product": "whatsapp", "input": digits, "wa_id": digits} for digits in listed]})


def block(desk: Desk, call: Call) -> Response:
    """Block people, or let them write again."""
    if not is_number(desk, call):
        return unknown_object(call.target)
    done: list[dict[str, str]] = []
    for each in call.document.get("block_users", []):
        named = each.get("user") or each.get("user_id") or ""
        someone = desk.book.someone(call.company_id, named) if named else None
        if someone is not None:
            done.append({"input": named, "wa_id": someone.digits})
    adding = call.method == "POST"
    with desk.book.account(call.company_id) as account:
        digits = {each["wa_id"] for each in done}
        account.blocked = account.blocked | digits if adding else account.blocked - digits
    word = "added_users" if adding else "removed_users"
    return success({"messaging_product": "whatsapp", "block_users": {word: done}})


def _cursor(place: int) -> str:
    return base64.b64encode(str(place).encode()).decode()


def _parts(call: Call) -> dict[str, tuple[str, bytes]]:
    """Type and content of each part of a form, by name."""
    boundary = _BOUNDARY.search(call.content_type)
    if boundary is None:
        return {}
    found: dict[str, tuple[str, bytes]] = {}
    for part in call.body.split(b"--" + boundary[1].encode()):
        match = _PART.search(part)
        if match is not None:
            kind = (match[2] or b"").decode("latin-1")
            found[match[1].decode("latin-1")] = (kind, match[3].removesuffix(b"\r\n"))
    return found
