"""What is asked of the gate for one message, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connectors.iys.register import RecipientType


@dataclass(frozen=True)
class SendCheck:
    """One message at the moment of sending. Its `repr` shows no recipient.

    The recipient is named by `value`, in its canonical form (kvkk_policies.canonical), or by its `pseudonym` alone, in
    which case its number comes out of the vault where İYS must be asked.
    """

    kind: str
    """Of the recipient's identifier: `phone`, `email`, `whatsapp_user`."""
    channel: str
    """One of hub.control.messaging.CHANNELS."""
    commercial: bool
    value: str | None = field(default=None, repr=False)
    pseudonym: str | None = None
    purpose: str | None = None
    """Code by which KVKK consents are looked up; the template's where none is given."""
    recipient_type: RecipientType = "BIREYSEL"
    template: str | None = None
    """Its name. A template that is commercial makes the message commercial, whatever `commercial` says."""

    def __post_init__(self) -> None:
        if self.value is None and self.pseudonym is None:
            raise ValueError("a check names its recipient by value or pseudonym")


@dataclass(frozen=True)
class Send:
    """It may go out now."""


@dataclass(frozen=True)
class Refuse:
    """It must not go out, now or later. `code` says why (hub/message_texts/messaging.py)."""

    code: str


@dataclass(frozen=True)
class Wait:
    """It must not go out before `until` (aware UTC), and is judged again then."""

    until: datetime
    code: str


Verdict = Send | Refuse | Wait
SEND = Send()
