"""What Meta's webhooks tell, in the hub's own words: fates of messages, messages of people, and news of the account.

A wamid is base64 around the person's number, so it is personal like the number, the user id and the name: none of them
appears in a `repr`, and an event's id is a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from connectors.actions import Found
from connectors.whatsapp.failures import MEANINGS, short_code

if TYPE_CHECKING:
    from connectors.whatsapp.settings import Prices

Fate = Literal["sent", "failed", "delivered", "read", "played"]
FATES: tuple[Fate, ...] = get_args(Fate)
"""In rising order: a later one outweighs an earlier one in whatever order they arrive.

A failure stands below "delivered": a message may fail on one of a person's devices and arrive on another.
"""


@dataclass(frozen=True)
class Person:
    """Whom an event is about. Either may be missing: old webhooks know no user id, and some people hide the number."""

    phone: str | None = field(default=None, repr=False)
    """+905551112233."""
    user_id: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Charge:
    """What Meta says a message is billed as."""

    billable: bool | None
    category: str | None
    type: str | None
    model: str | None


@dataclass(frozen=True)
class MessageStatus:
    """One step in the fate of a message that the hub sent."""

    phone_number_id: str
    """Of the sender. A tenant's webhook may only tell of the tenant's own: the receiver compares."""
    wamid: str = field(repr=False)
    fate: Fate
    at: datetime
    """Aware UTC."""
    person: Person
    reference: str | None = None
    """`Act.reference`, as it was sent along; None where another program sent the message."""
    errors: tuple[int, ...] = ()
    charge: Charge | None = None

    @property
    def event_id(self) -> str:
        """The same for every delivery of this step."""
        return digest("status", self.phone_number_id, self.wamid, self.fate)

    @property
    def rank(self) -> int:
        """Its place in `FATES`: whatever is not above what is known already changes nothing."""
        return FATES.index(self.fate)

    @property
    def opted_out(self) -> bool:
        """Whether it failed because the person wants no more marketing."""
        return any(MEANINGS[number].opted_out for number in self.errors if number in MEANINGS)

    def found(self, prices: Prices | None = None) -> Found:
        """What it means to the outbox; with prices, also what the message cost."""
        facts: dict[str, str | int] = {"status": self.fate}
        cost = None
        if self.charge is not None:
            facts |= {} if self.charge.category is None else {"category": self.charge.category}
            facts |= {} if self.charge.billable is None else {"billable": int(self.charge.billable)}
            if prices is not None and self.charge.billable is not None:
                cost = prices.of_category(self.charge.category if self.charge.billable else "service")
        code = short_code(self.errors[0]) if self.errors else None
        state = _STATES[self.fate]
        private = {} if self.person.user_id is None else {"user_id": self.person.user_id}
        return Found(state, self.wamid, code=code, facts=facts, private=private, cost=cost)


_STATES: Mapping[Fate, Literal["accepted", "delivered", "failed"]] = {
    "sent": "accepted",
    "failed": "failed",
    "delivered": "delivered",
    "read": "delivered",
    "played": "delivered",
}


@dataclass(frozen=True)
class Attachment:
    """A file that a person sent; fetched by its id within days, with the account's token."""

    media_id: str = field(repr=False)
    mime_type: str | None = None
    sha256: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class IncomingMessage:
    """Something a person sent. Its text may hold anything, also of special categories."""

    phone_number_id: str
    wamid: str = field(repr=False)
    kind: str
    """text, image, video, audio, document, sticker, location, contacts, button, interactive, reaction, order, …"""
    at: datetime
    person: Person
    text: str | None = field(default=None, repr=False)
    """What was written: a text, a caption, the words on a button."""
    choice: str | None = field(default=None, repr=False)
    """The id or payload behind a button or a row of a list, as we gave it."""
    attachment: Attachment | None = None
    answers: str | None = field(default=None, repr=False)
    """The wamid of our message that it answers."""
    errors: tuple[int, ...] = ()

    @property
    def event_id(self) -> str:
        """The same for every delivery of this message."""
        return digest("message", self.phone_number_id, self.wamid)

    @property
    def opens_window(self) -> bool:
        """Whether the business may answer freely from now on; what WhatsApp itself tells (a new number) does not."""
        return self.kind != "system"


@dataclass(frozen=True)
class MarketingChoice:
    """A person told WhatsApp that the business may, or may no longer, send marketing."""

    phone_number_id: str
    at: datetime
    person: Person
    value: Literal["stop", "resume"]

    @property
    def event_id(self) -> str:
        """The same for every delivery of this choice."""
        who = self.person.user_id or self.person.phone or ""
        return digest("preference", self.phone_number_id, who, str(int(self.at.timestamp())), self.value)


@dataclass(frozen=True)
class AccountNews:
    """News of the account or of a template: about no person. `facts` are codes, names of templates and ids."""

    waba_id: str
    field: str
    """`message_template_status_update`, `phone_number_quality_update`, `account_update`, …"""
    at: datetime | None
    facts: Mapping[str, str | int]
    content_digest: str

    @property
    def event_id(self) -> str:
        """The same for every delivery of the same news."""
        moment = "" if self.at is None else str(int(self.at.timestamp()))
        return digest("account", self.waba_id, self.field, moment, self.content_digest)


Event = MessageStatus | IncomingMessage | MarketingChoice | AccountNews


@dataclass(frozen=True)
class Told:
    """What one webhook told. `unread` counts what could not be made out, beside which the rest still counts."""

    events: tuple[Event, ...]
    unread: int = 0


def digest(*parts: Any) -> str:
    """Hex of a SHA-256. A wamid holds enough chance that nobody guesses a number from it."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
