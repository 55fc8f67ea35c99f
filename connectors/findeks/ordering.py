"""The conversation before a report may be ordered: a consent, a telephone of the person's, a PIN sent there, and back.

Nothing here is bought. But every PIN is a message to a person, so no request is repeated by itself, no more than
`MOST_PINS` are sent, and one that came too late is not shown to the gateway, which would count it as a wrong one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.fields import to_text
from connectors.findeks.client import FindeksClient
from connectors.findeks.settings import CONSENTS_PATH, MOST_PINS, PIN_LIFE, FindeksSettings
from connectors.nested import record_in, records_in

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec
    from connectors.secret import Secret

IdentityType = Literal["TCKN", "VKN"]
PinAnswer = Literal["confirmed", "pin_invalid", "pin_expired", "pin_locked"]
_PIN_ANSWERS: dict[str | None, PinAnswer] = {"6002": "pin_invalid", "6003": "pin_expired", "6004": "pin_locked"}
_SHOWN_BEFORE, _SHOWN_BEHIND = 3, 2
_LONGEST_PHONE = 20


@dataclass(frozen=True)
class ConsentRequest:
    """On whom a report is wanted, and on what legal ground. `repr` shows nobody."""

    identity_type: IdentityType
    identity_number: Secret
    purpose: str
    legal_basis: str
    birth_date: date | None = field(default=None, repr=False)
    customer_ref: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Phone:
    """A telephone that the bureau knows: its key, and as much of the number as its owner recognises it by."""

    key: str
    masked: str


class OrderingSession:
    """One tenant's conversations. Its `repr` shows no secret."""

    def __init__(self, client: FindeksClient, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._sent: dict[str, list[float]] = {}
        """When PINs were sent, by consent."""

    def resume(self, consent_id: str, seconds_ago: Sequence[float]) -> None:
        """Go on with a conversation of an earlier session, which sent PINs so long ago, oldest first."""
        now = self._clock.monotonic()
        self._sent[consent_id] = [now - each for each in seconds_ago]

    async def create_consent(self, request: ConsentRequest) -> str:
        """The consent's id. Raises `ProviderFailure`; provider_code 6005 says that the bureau has no record."""
        body: dict[str, Any] = {
            "identityType": request.identity_type,
            "identityNumber": request.identity_number.reveal(),
            "purpose": request.purpose,
            "legalBasis": request.legal_basis,
        }
        if request.birth_date is not None:
            body["birthDate"] = request.birth_date.isoformat()
        if request.customer_ref is not None:
            body["customerRef"] = request.customer_ref
        return await self._client.post(CONSENTS_PATH, body, lambda content: _text(_document(content), "consentId"))

    async def phones(self, consent_id: str) -> Sequence[Phone]:
        """Where a PIN may be sent to. Raises `ProviderFailure`."""
        return await self._client.get(f"{_path(consent_id)}/phones", {}, _phones)

    async def send_pin(self, consent_id: str, phone_key: str) -> int:
        """Send a PIN, which makes an earlier one worthless; how many more may be sent.

        Raises `ProviderFailure`; request_refused with provider_code 6004 when none may.
        """
        sent = self._sent.setdefault(consent_id, [])
        if len(sent) >= MOST_PINS:
            raise ProviderFailure("permanent", "request_refused", provider_code="6004")
        # Counted before it is asked for: the message may go out although the answer does not come.
        sent.append(self._clock.monotonic())
        await self._client.post(f"{_path(consent_id)}/pin", {"phoneKey": phone_key}, _document)
        return MOST_PINS - len(sent)

    async def confirm(self, consent_id: str, pin: Secret) -> PinAnswer:
        """Show the gateway the PIN that the person read out. Raises `ProviderFailure` for everything but PIN's own."""
        sent = self._sent.get(consent_id)
        if not sent or self._clock.monotonic() - sent[-1] >= PIN_LIFE:
            return "pin_expired"
        try:
            await self._client.post(f"{_path(consent_id)}/confirm", {"pin": pin.reveal()}, lambda _content: None)
        except ProviderFailure as failure:
            answer = _PIN_ANSWERS.get(failure.provider_code)
            if answer is None:
                raise
            return answer
        return "confirmed"


def _path(consent_id: str) -> str:
    return f"{CONSENTS_PATH}/{quote(consent_id, safe='')}"


def _document(content: bytes) -> dict[str, Any]:
    return record_in(decode_json(content))


def _phones(content: bytes) -> list[Phone]:
    found = [record_in(each) for each in records_in(_document(content), "phones")]
    return [Phone(_text(each, "key"), masked(_text(each, "masked"))) for each in found]


def masked(phone: str) -> str:
    """A telephone number of which no more is legible than its ends, whatever the gateway left legible."""
    digits = [at for at, letter in enumerate(phone[:_LONGEST_PHONE]) if letter.isdigit()]
    hidden = set(digits[_SHOWN_BEFORE:-_SHOWN_BEHIND])
    return "".join("*" if at in hidden else letter for at, letter in enumerate(phone[:_LONGEST_PHONE]))


def _text(document: dict[str, Any], name: str) -> str:
    try:
        value = to_text(document.get(name))
    except TypeError:
        value = ""
    if not value:
        raise ProviderFailure("transient", "answer_malformed", field=name)
    return value


@asynccontextmanager
async def open_ordering(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[OrderingSession]:
    """Conversations on the shared client. No request is made yet.

    Raises `ProviderFailure` settings_invalid, credentials_rejected when the account is not a gateway's.
    """
    yield OrderingSession(open_client(spec, client, clock=clock), clock=clock)


def open_client(spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock) -> FindeksClient:
    """A client of an account that has credentials: one that only drops files cannot order."""
    for name in ("client_id", "client_secret"):
        if not spec.credentials.get(name):
            raise ProviderFailure("permanent", "credentials_rejected", field=name)
    return FindeksClient(spec, client, settings=FindeksSettings.of(spec.settings), clock=clock)
