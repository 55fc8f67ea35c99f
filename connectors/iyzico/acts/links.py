"""Payment links (iyzico Link): made, found again, taken out of use.

A link made twice is paid twice by somebody. iyzico lists all links, each with the conversationId of the request that
made it ("merchant-side reference"); should an account's list lack those, a link of the same name and price without one
leaves the question open.

A link that somebody deleted is in no list, and was made all the same. One that iyzico named to us is asked for by its
token. One whose name was lost with the answer may be made again only if nobody paid for it: its payments bear its
reference, and a deleted link takes no more of them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.actions import Absent, CannotTell, Found, Taken, Unclear
from connectors.attempt import AttemptClient
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.failure import ProviderFailure
from connectors.fields import to_decimal
from connectors.iyzico.acts.judging import judged, same_conversation
from connectors.iyzico.client import IyzicoClient
from connectors.iyzico.readers import payments
from connectors.iyzico.readers.paging import counter
from connectors.iyzico.settings import LINKS_A_PAGE, MOST_LINK_PAGES, IyzicoSettings
from connectors.iyzico.signed import Signed
from connectors.limits import LIMITS
from connectors.nested import record_in, records_in

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Act, Finding, Outcome
    from connectors.contract import ConnectionSpec

LINKS = "/v2/iyzilink/products"
FAST_LINKS = "/v2/iyzilink/fast-link/products"
GONE: Mapping[str, str | int] = {"gone": 1}
"""Said of a link that was made and is not there any more."""
_WIRE = {
    "name": "name",
    "description": "description",
    "amount": "price",
    "currency": "currencyCode",
    "image": "encodedImageFile",
    "address_ignorable": "addressIgnorable",
    "installments": "installmentRequested",
    "stock": "stockCount",
}


class _Links:
    """What making and disabling have in common. Its `repr` shows no secret."""

    def __init__(self, spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock) -> None:
        settings = IyzicoSettings.of(spec.settings)
        self._signed = Signed(spec)
        self._reading = IyzicoClient(spec, client, settings=settings, clock=clock)
        limit = self._signed.limit(LIMITS, settings.links, clock, endpoint=LINKS)
        self._http = AttemptClient(client, limit=limit, settings=settings.http, clock=clock)

    async def _one_by_token(self, token: str) -> dict[str, Any]:
        document = await self._reading.get(f"{LINKS}/{token}", {})
        return record_in(document.get("data"))


class LinkMaking(_Links):
    """One merchant's new links."""

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        """Each with one request that makes something; a repeated one is looked for first."""
        return [await self._one(act) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        """By our reference, in the list of all links."""
        return [await self._found(act) for act in acts]

    async def _one(self, act: Act) -> Outcome:
        if act.attempt > 1:
            match await self._found(act):
                case Found() as found:
                    return Taken(found.provider_reference, delivered=True, facts=found.facts, private=found.private)
                case CannotTell(failure):
                    return Unclear(failure or ProviderFailure("transient", "provider_error"))
                case _:
                    pass
        path = FAST_LINKS if act.payload.get("fast") else LINKS
        return await self._http.attempt(
            self._signed.post(self._http, path, _body(act)),
            lambda answer: judged(answer, lambda document: _taken(document, act)),
        )

    async def _found(self, act: Act) -> Finding:
        try:
            if act.provider_reference:
                return await self._named(act.provider_reference)
            found = await self._listed(act)
            paid = isinstance(found, Absent) and await self._paid(act.reference)
        except ProviderFailure as failure:
            return CannotTell(failure)
        return Found("delivered", facts=GONE) if paid else found

    async def _named(self, token: str) -> Finding:
        try:
            link = await self._one_by_token(token)
        except ProviderFailure as failure:
            if failure.code != "request_refused":
                raise
            return Found("delivered", token, facts=GONE)
        return Found("delivered", token, private=_private(link))

    async def _paid(self, reference: str) -> bool:
        """Whether anybody paid, or tried to, with a link of this reference."""
        document = await self._reading.get(payments.PATH, {"paymentConversationId": reference})
        return bool(records_in(document, "payments"))

    async def _listed(self, act: Act) -> Finding:
        tokens, page, pages, total = set[str](), 1, 1, 0
        nameless = False
        while page <= min(pages, MOST_LINK_PAGES):
            document = await self._reading.get(LINKS, {"page": page, "count": LINKS_A_PAGE})
            data = record_in(document.get("data") or {})
            pages, total = counter(data, "pageCount") or 1, counter(data, "totalCount") or 0
            for link in map(record_in, records_in(data, "items")):
                token = _required(link, "token")
                tokens.add(token)
                if link.get("conversationId") == act.reference:
                    return Found("delivered", token, private=_private(link))
                nameless = nameless or (not link.get("conversationId") and _alike(link, act))
            page += 1
        # A list that changed while it was read, or is too long to be read whole, may have hidden ours.
        whole = pages <= MOST_LINK_PAGES and len(tokens) == total
        return Absent() if whole and not nameless else CannotTell()


class LinkDisabling(_Links):
    """One merchant's links that shall take no more payments. The same again changes nothing."""

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        """Each with one request."""
        return [await self._one(act) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        """Whether the link is out of use, by whomever."""
        return [await self._state(act) for act in acts]

    async def _one(self, act: Act) -> Outcome:
        path = f"{LINKS}/{act.payload['token']}/status/PASSIVE"
        return await self._http.attempt(
            self._signed.patch(self._http, path, {"conversationId": act.reference}),
            lambda answer: judged(answer, lambda _document: Taken(act.payload["token"], delivered=True)),
        )

    async def _state(self, act: Act) -> Finding:
        try:
            link = await self._one_by_token(act.payload["token"])
        except ProviderFailure as failure:
            return CannotTell(failure)
        return Found("delivered", act.payload["token"]) if link.get("productStatus") == "PASSIVE" else Absent()


def _body(act: Act) -> dict[str, Any]:
    given = {wire: act.payload[name] for name, wire in _WIRE.items() if act.payload.get(name) is not None}
    if "stockCount" in given:
        given["stockEnabled"] = True
    return {"conversationId": act.reference, **given}


def _taken(document: dict[str, Any], act: Act) -> Taken:
    same_conversation(document, act.reference)
    link = record_in(document.get("data"))
    return Taken(_required(link, "token"), delivered=True, private=_private(link))


def _private(link: dict[str, Any]) -> dict[str, str]:
    names = {"url": "url", "imageUrl": "image_url"}
    return {ours: link[wire] for wire, ours in names.items() if isinstance(link.get(wire), str)}


def _required(link: dict[str, Any], name: str) -> str:
    value = link.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderFailure("transient", "answer_malformed", field=name)
    return value


def _alike(link: dict[str, Any], act: Act) -> bool:
    """Whether a link may be ours by what it asks for; a fast one's name is iyzico's."""
    if not act.payload.get("fast") and link.get("name") != act.payload["name"]:
        return False
    try:
        return to_decimal(link.get("price")) == Decimal(act.payload["amount"])
    except (ValueError, TypeError):
        return True


@asynccontextmanager
async def open_links(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[LinkMaking]:
    """Payment links on the shared client. No request is made yet. Raises `ProviderFailure` settings_invalid."""
    yield LinkMaking(spec, client, clock=clock)


@asynccontextmanager
async def open_disabling(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[LinkDisabling]:
    """The end of payment links, on the shared client. Raises `ProviderFailure` settings_invalid."""
    yield LinkDisabling(spec, client, clock=clock)
