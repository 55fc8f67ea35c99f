"""The one contract of everything that the hub does to the world: a message, an invoice, a refund, an ordered report.

What is done cannot be undone, so the contract asks of every kind what a source of data need not say: whether an answer
that never came may have been a success, how the provider can be asked later, and from when on its silence means "never
arrived". The outbox (hub/outbox) knows nothing of any provider beside what is declared here.

A performer makes ONE attempt: it retries nothing by itself, for the attempt was committed before it was called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec
    from connectors.failure import ProviderFailure

Payload = Mapping[str, Any]
"""A request as JSON: text, numbers, booleans, lists and objects. Personal data, all of it."""


@dataclass(frozen=True)
class Act:
    """One action at the moment of being done. Its `repr` shows nothing of the payload."""

    action_id: str
    """The action's id, a UUID in text."""
    reference: str
    """Opaque, the same in every attempt, without personal data: what the provider echoes and can be asked by. At most
    40 letters and digits."""
    payload: Payload = field(repr=False)
    attempt: int = 1
    """Counts from 1."""
    first_attempt_at: datetime | None = None
    """When the first attempt began (aware UTC): where to look from."""
    last_attempt_at: datetime | None = None
    provider_reference: str | None = field(default=None, repr=False)
    """What the provider called it when it took it; may be personal (a wamid holds the phone number)."""


@dataclass(frozen=True)
class Taken:
    """The provider has taken it; `delivered` when nothing more will be heard, because it is done."""

    provider_reference: str | None = field(default=None, repr=False)
    delivered: bool = False
    facts: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])
    """What may be shown to anybody: codes, counts, numbers of documents. Never personal data."""
    private: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """What is kept sealed with the action: a payment's link, a person's user id."""
    cost: Decimal | None = None
    """What it really cost in the kind's currency, where the provider says so; None keeps the estimate."""


@dataclass(frozen=True)
class Refused:
    """It was certainly NOT done: the provider said no, or was never reached. `failure.kind` says whether to try again.

    `opted_out` when the refusal means that the recipient wants no more messages: it is recorded at once.
    """

    failure: ProviderFailure
    opted_out: bool = False


@dataclass(frozen=True)
class Unclear:
    """Nobody knows whether it was done: the answer was lost, late, cut or unreadable."""

    failure: ProviderFailure


Outcome = Taken | Refused | Unclear


@dataclass(frozen=True)
class Found:
    """What the provider says it did with an action."""

    state: Literal["accepted", "delivered", "failed"]
    provider_reference: str | None = field(default=None, repr=False)
    code: str | None = None
    """The provider's own short code of a failure."""
    facts: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])
    private: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    cost: Decimal | None = None
    opted_out: bool = False
    """It failed because the recipient wants no more messages: that is recorded with it."""


@dataclass(frozen=True)
class Absent:
    """The provider answered and knows nothing of it: "never done" only once `ActionKind.settles_after` is over."""


@dataclass(frozen=True)
class CannotTell:
    """The provider could not be asked now."""

    failure: ProviderFailure | None = None


Finding = Found | Absent | CannotTell


class Performer(Protocol):
    """One tenant's way to do one kind of action."""

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        """Do these, at most `ActionKind.together` of them; an outcome each, in order. No failure is raised."""
        ...

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        """Ask what became of these, at most `ActionKind.asked_together`; a finding each, in order."""
        ...


@dataclass(frozen=True)
class Cost:
    """What an action is estimated to use up before it is done."""

    units: int = 1
    """Parts of an SMS, messages, reports."""
    amount: Decimal = Decimal(0)
    currency: str = "TRY"


@dataclass(frozen=True)
class Recipient:
    """Whom an action reaches: kind of the identifier (`phone`, `email`, `vkn`, `tckn`, `whatsapp_user`), and itself.

    In its canonical form (kvkk_policies.canonical).
    """

    kind: str
    value: str = field(repr=False)


def no_cost(_payload: Payload, _settings: Mapping[str, Any]) -> Cost:
    """For what the provider does for nothing."""
    return Cost()


def nobody(_payload: Payload) -> Recipient | None:
    """For what reaches no person."""
    return None


@dataclass(frozen=True)
class Problem:
    """What is wrong with a payload: the field's path, and a code that hub/messages.py explains with `params`."""

    path: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])


OpenPerformer = Callable[["ConnectionSpec", "httpx.AsyncClient"], AbstractAsyncContextManager[Performer]]
Foresee = Callable[
    ["ConnectionSpec", "httpx.AsyncClient", Sequence[Payload]], Awaitable[Sequence[Sequence[Problem]] | None]
]


@dataclass(frozen=True)
class ActionKind:
    """A kind of action, declared in `connectors/<provider>/actions.py`; connectors/action_registry.py lists them.

    | `asking` | how an unclear attempt is cleared up |
    | --- | --- |
    | `by_reference` | `look_up` answers; `Absent` after `settles_after` means that it may be done again |
    | `idempotent` | doing it again with the same reference does nothing twice, so it is simply done again |
    | `by_webhook` | the provider's status event names our reference; nothing else tells |
    | `never` | nobody can tell: it waits for a person |
    """

    name: str
    """`<provider>.<what>`: `netgsm.sms`."""
    provider: str
    """Name of the integration that holds the credentials."""
    title: str
    check: Callable[[Payload], Sequence[Problem]]
    """What is wrong with a payload before anything is queued; empty when nothing is."""
    open: OpenPerformer
    asking: Literal["by_reference", "idempotent", "by_webhook", "never"]
    settles_after: timedelta = timedelta(minutes=10)
    """Longer than a request that we gave up may still be on its way or in the provider's own queue."""
    polls_after: timedelta | None = None
    """From acceptance to the first look whether it is delivered; later ones back off. None: a webhook says so, or
    acceptance is the end."""
    gives_up_after: timedelta = timedelta(days=3)
    """How long an unclear action is asked after, or waited for, before a person must decide."""
    expires_after: timedelta | None = None
    """From being asked for: what is not done by then must not be done any more (a one-time password)."""
    urgent: bool = False
    """Cannot wait for a run: leased and done at once by whoever asks for it."""
    together: int = 1
    """Actions of a tenant that one call may do."""
    asked_together: int = 1
    attempts: int = 8
    """Attempts before a transient refusal is final."""
    recipient: Callable[[Payload], Recipient | None] = nobody
    is_message: bool = False
    """Reaches a person as a message: consent, IYS, quiet hours and opt-out hold for it."""
    needs_window: timedelta | None = None
    """Passes only so long after the recipient's last incoming message on this channel (WhatsApp: 24 hours for what is
    not a template). Checked just before the send, not when it is queued; None: it may go at any time."""
    cost: Callable[[Payload, Mapping[str, Any]], Cost] = no_cost
    """From payload and the integration's settings (prices)."""
    costs: bool = False
    """Whether it costs money, so that caps hold for it."""
    with_document: bool = False
    """Sends a document that the hub keeps: `document_id` names it, and its bytes join the payload as `xml_base64` only
    at the moment of sending."""
    summary: Callable[[Payload], Mapping[str, str | int]] = field(default=lambda _payload: {})
    """What a listing may show: counts, codes, template names. Never personal data."""
    foresee: Foresee | None = None
    """Asks the provider what it would refuse of checked payloads, by what it has now (a catalogue): problems of each,
    in order; None where it cannot be asked, and then it judges at the moment of sending. Raises nothing."""
    says_commercial: Callable[[Payload], bool] | None = None
    """Where the provider itself must be told whether a message promotes anything (an IYS filter): what the payload
    says. It must agree with the request's own word, by which consent is checked."""
