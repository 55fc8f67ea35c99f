"""What the stand-in tells by itself. The form varies by account at the real one: here reports are JSON, texts a form.

Unless an address was registered for one of the two, both go where the sandbox was told to send this company's events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connectors.sandbox.hooks import Hook
from connectors.sandbox.netgsm.desk import NAME, headers_of
from connectors.sandbox.netgsm.envelope import dump
from connectors.sandbox.netgsm.messages import Message
from connectors.sandbox.netgsm.reporting import local, row_of

if TYPE_CHECKING:
    from connectors.sandbox.netgsm.desk import Desk, Incoming

INCOMING, REPORTS = "incoming", "reports"


def owe_what_came_about(desk: Desk) -> None:
    """Owe a push for every message that has come to its end, and for every text that came in."""
    for each in desk.unpushed():
        desk.world.hooks.owe(_report(desk, each) if isinstance(each, Message) else _text(desk, each))


def address_name(what: str, *, own: bool) -> str:
    """Under which name the sandbox keeps an address: the provider's own, or one for this kind of push."""
    return f"{NAME}.{what}" if own else NAME


def _report(desk: Desk, message: Message) -> Hook:
    echo = not desk.lacks(message.company, "reference_echo")
    body = dump(row_of(message, desk.world.clock.now(), echo=echo))
    return _hook(desk, message.company, REPORTS, body, "application/json")


def _text(desk: Desk, incoming: Incoming) -> Hook:
    receiver = headers_of(desk.world, incoming.company)[-1]
    fields = {
        "orjinator": incoming.sender,
        "alici": receiver,
        "mesaj": incoming.text,
        "tarih": local(incoming.at),
    }
    body = urlencode(fields).encode()
    return _hook(desk, incoming.company, INCOMING, body, "application/x-www-form-urlencoded; charset=utf-8")


def _hook(desk: Desk, company: str, what: str, body: bytes, content_type: str) -> Hook:
    own = (company, what) in desk.hooked
    return Hook(address_name(what, own=own), company, body, {"content-type": content_type})
