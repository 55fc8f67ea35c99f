"""The one contract of everybody who calls us: how a call proves where it comes from, and what it says.

A provider calls at least once, late, in any order, and gives up early; some sign nothing. So a call is cut into events
that carry the provider's own identity, each of which the inbox (hub/inbox) takes once, and an event says one of six
things that the hub understands. What nobody signed is never believed: it only makes us ask the provider.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from connectors.actions import Found, Recipient
    from connectors.contract import Row
    from connectors.iys.register import Permission
    from connectors.secret import Secret

Verdict = Literal["verified", "unsigned", "missing", "wrong"]
"""`missing`: a signature was due and there is none; `wrong`: there is one, and it is not ours."""

Channel = Literal["sms", "whatsapp"]

MOST_BYTES = 1 << 20
"""Of a call, unless the provider is known to send more."""


@dataclass(frozen=True)
class Call:
    """A request as it arrived. Its `repr` shows nothing of what it says."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Names in lower case."""
    query: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True)
class Account:
    """What a tenant has stored about its account at the provider."""

    credentials: Mapping[str, Secret]
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)


@dataclass(frozen=True)
class WebhookEvent:
    """One event of a call. `event_id` is the same each time it is sent, and may be personal (a wamid holds a phone)."""

    event_id: str = field(repr=False)
    kind: str
    """The provider's own word for it, such as `API_AUTH`; `kind_of` keeps it short and plain."""
    body: bytes = field(repr=False)
    """All that the event needs to be understood later, by itself."""


@dataclass(frozen=True)
class StateHeard:
    """What became of an action, named by our reference or by `found.provider_reference`."""

    found: Found
    reference: str | None = None
    """Ours (`Act.reference`), where the provider echoes it."""
    opted_out: bool = False
    """The recipient wants no more messages."""
    at: datetime | None = None
    """When it happened, by the provider's clock, where it says so."""


@dataclass(frozen=True)
class AskAbout:
    """Something happened to an action, by somebody's word that proves nothing: the provider is to be asked."""

    reference: str | None = None
    provider_reference: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ReadAgain:
    """Something changed in what the provider's streams hold: the integration is due."""


@dataclass(frozen=True)
class MessageHeard:
    """Somebody wrote to the tenant."""

    channel: Channel
    contacts: Sequence[Recipient]
    """Everything that names the writer there: a phone, a user id, or both."""
    at: datetime
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class RefusalHeard:
    """Somebody told the provider that the tenant may send them no more marketing."""

    channel: Channel
    contacts: Sequence[Recipient]
    at: datetime


@dataclass(frozen=True)
class PermissionHeard:
    """İYS has another word of somebody than before, says a gateway that proves nothing.

    A refusal holds until İYS itself is asked, a permission only has it asked.
    """

    permission: Permission
    at: datetime
    """When it was heard."""


Meaning = StateHeard | AskAbout | ReadAgain | MessageHeard | RefusalHeard | PermissionHeard


@dataclass(frozen=True)
class Standing:
    """What is known beside an event: whether its call was verified, when it came, and the account's settings."""

    verified: bool
    received_at: datetime
    """Aware UTC, by the database's clock: for events that carry no time."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)


class CallMalformed(ValueError):
    """A call that is not what the provider sends. Carries nothing of it."""


def no_rows(_event: WebhookEvent, _standing: Standing) -> Mapping[str, Sequence[Row]]:
    """For providers whose streams can be asked for."""
    return {}


def no_time(_body: bytes) -> datetime | None:
    """For providers whose signature covers no time."""
    return None


def no_challenge(_query: Mapping[str, str], _account: Account) -> str | None:
    """For providers that do not ask whether an address is ours."""
    return None


@dataclass(frozen=True)
class WebhookSource:
    """How one provider calls: a value in `connectors/<provider>/webhooks.py`, listed in connectors/webhook_registry.py.

    All four are plain functions of what they are given.
    """

    provider: str
    verify: Callable[[Call, Account], Verdict]
    """Compares in constant time. A key that the account lacks makes every signature `wrong`."""
    events: Callable[[Call], Sequence[WebhookEvent]]
    """The events of a verified call; `CallMalformed`."""
    meanings: Callable[[WebhookEvent, Standing], Sequence[Meaning]]
    """What an event says. `CallMalformed`, as any exception, sets the event aside, for a person."""
    challenge: Callable[[Mapping[str, str], Account], str | None] = no_challenge
    """The answer to a GET that asks whether the address is ours; None when the question is not rightly put."""
    rows: Callable[[WebhookEvent, Standing], Mapping[str, Sequence[Row]]] = no_rows
    """What an event brings for the provider's `told` streams, by stream. It passes the gate as any row does."""
    by_query: bool = False
    """Whether events may come by GET, with everything in the query."""
    most_bytes: int = MOST_BYTES
    said_at: Callable[[bytes], datetime | None] = no_time
    """When an event happened, from its body, where the provider's signature covers that."""
    sent_within: timedelta | None = None
    """How long after that the provider still sends it, with a margin for clocks."""

    def is_replayed(self, body: bytes, standing: Standing) -> bool:
        """Whether a signed event came when its provider had long given it up: somebody kept it, and sends it again.

        Ids of events are known for as long as their daily keys; this holds for what is older.
        """
        if self.sent_within is None or not standing.verified:
            return False
        at = self.said_at(body)
        return at is not None and standing.received_at - at > self.sent_within


def kind_of(word: object) -> str:
    """A provider's word as an event's kind: letters, digits, dots, dashes; `other` for what is none or too long."""
    text = str(word) if isinstance(word, str | int) else ""
    plain = text.replace("_", "").replace(".", "").replace("-", "").replace(":", "")
    return text if 0 < len(text) <= 64 and plain.isascii() and plain.isalnum() else "other"
