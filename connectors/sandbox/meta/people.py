"""What people do on WhatsApp, at the word of a test: write, press a button, want no marketing, or be out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.sandbox.meta.book import Destiny, book_of
from connectors.sandbox.meta.hooks import contact, owe, seconds

if TYPE_CHECKING:
    from connectors.sandbox.meta.book import Someone
    from connectors.sandbox.world import World


def writes(
    world: World,
    company_id: str,
    phone: str,
    text: str = "Kargom nerede?",
    *,
    kind: str = "text",
    content: dict[str, Any] | None = None,
    hide_number: bool = False,
) -> str:
    """A person writes to the company: the window opens and the company is told. The new message's id.

    `content` is what stands under the kind's name for anything but a text. `hide_number` for those with a user name.
    """
    book = book_of(world)
    someone = _someone(world, company_id, phone)
    with book.account(company_id) as account:
        account.wrote[someone.digits] = world.clock.now()
    wamid = book.wamid(company_id, someone.digits)
    message: dict[str, Any] = {
        "from_user_id": someone.user_id,
        "id": wamid,
        "timestamp": seconds(world.clock.now()),
        "type": kind,
        kind: {"body": text} if content is None else content,
    }
    if not hide_number:
        message["from"] = someone.digits
    person = contact(someone, hide_number=hide_number)
    owe(world, company_id, "messages", {"contacts": [person], "messages": [message]})
    return wamid


def wants_marketing(world: World, company_id: str, phone: str, *, wants: bool) -> None:
    """A person tells WhatsApp whether the company may send marketing."""
    someone = _someone(world, company_id, phone)
    with book_of(world).account(company_id) as account:
        (account.stopped.discard if wants else account.stopped.add)(someone.digits)
    preference = {
        "wa_id": someone.digits,
        "user_id": someone.user_id,
        "detail": f"User requested to {'resume' if wants else 'stop'} marketing messages",
        "category": "marketing_messages",
        "value": "resume" if wants else "stop",
        "timestamp": int(world.clock.now().timestamp()),
    }
    owe(world, company_id, "user_preferences", {"contacts": [contact(someone)], "user_preferences": [preference]})


def meets(world: World, company_id: str, phone: str, code: int, *, later: bool = False, times: int = 1) -> None:
    """The next messages to a person are refused with that code; `later`: taken, and failed by webhook."""
    someone = _someone(world, company_id, phone)
    with book_of(world).account(company_id) as account:
        account.destinies[someone.digits] += [Destiny(code, later)] * times


def template_becomes(world: World, company_id: str, name: str, status: str) -> None:
    """Meta changes its mind about a template, and says so."""
    with book_of(world).account(company_id) as account:
        template = next(each for each in account.templates if each["name"] == name)
        template["status"] = status
    value = {
        "event": status,
        "message_template_id": int(template["id"]),
        "message_template_name": name,
        "message_template_language": template["language"],
        "message_template_category": template["category"],
        "reason": "NONE",
    }
    owe(world, company_id, "message_template_status_update", value, of_number=False)


def _someone(world: World, company_id: str, phone: str) -> Someone:
    someone = book_of(world).someone(company_id, phone)
    if someone is None:
        raise LookupError("no such user id")
    return someone
