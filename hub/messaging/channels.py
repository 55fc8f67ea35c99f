"""By which channel a kind of action reaches people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.control.messaging import Channel


def channel_of(kind: ActionKind) -> Channel:
    """The channel of a message, which its kind's name says: `netgsm.whatsapp_otp` goes over WhatsApp."""
    if "whatsapp" in kind.name:
        return "whatsapp"
    return "email" if kind.name.endswith(".email") else "sms"
