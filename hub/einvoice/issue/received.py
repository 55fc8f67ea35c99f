"""What others send to a tenant: listed at its integrator, fetched, answered within the eight days.

The hub keeps none of it. An answer goes out like everything else, through the outbox, under the invoice's ETTN: it is
given once, and not any more when it would no longer count.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from connectors.einvoice.contract import Verdict
from connectors.einvoice.registry import integrator_named
from connectors.failure import ProviderFailure
from connectors.istanbul import day_of, start_of
from hub.control.integrations import connection_spec, provider_named
from hub.einvoice.identity import kind_of
from hub.einvoice.issue.profile import profile_of
from hub.einvoice.responses.window import DAYS, may_answer, standing_with_buyer
from hub.errors import HubError
from hub.kvkk import audit
from hub.outbox.enqueue import NewAction, enqueue

if TYPE_CHECKING:
    import httpx

    from connectors.einvoice.contract import Format, Incoming, Integrator, Taxpayer
    from connectors.einvoice.kinds import OpenIntegrator
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Desk:
    """One tenant's way to its integrator."""

    database: Database
    keyring: Keyring
    tenant_id: str
    integrators: Callable[[str], OpenIntegrator] = integrator_named
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def integrator(self) -> str:
        """The name of the integrator in the tenant's profile. HubError `einvoice_profile_missing`."""
        with self.database.tenant(self.tenant_id, "app") as connection:
            return profile_of(connection, self.tenant_id).integrator

    @asynccontextmanager
    async def open(self, client: httpx.AsyncClient) -> AsyncGenerator[Integrator]:
        """The account there. HubError `integration_missing`, `einvoice_profile_missing`."""
        name = await asyncio.to_thread(self.integrator)
        provider = provider_named(name)
        spec = await asyncio.to_thread(connection_spec, self.database, self.keyring, provider, self.tenant_id)
        async with self.integrators(name)(spec, client) as integrator:
            yield integrator


@dataclass(frozen=True)
class Received:
    """An invoice that somebody sent. `sender` is a pseudonym; `last_day` is the last on which an answer counts."""

    ettn: str
    number: str
    profile: str
    type: str
    issued: date
    received: datetime | None
    answer: str
    may_answer: bool
    last_day: date | None
    sender: str = field(repr=False)


async def received(desk: Desk, client: httpx.AsyncClient, *, days: int) -> list[Received]:
    """What came in during the last days, oldest first. Raises `ProviderFailure`, HubError as `Desk.open`."""
    keys = await asyncio.to_thread(desk.keyring.tenant, desk.tenant_id)
    pseudonymiser, today = keys.pseudonymiser(), day_of(desk.now())
    found: list[Received] = []
    async with desk.open(client) as integrator:
        async for each in _since(integrator, desk.now(), days):
            standing = standing_with_buyer(each.profile, received=min(_day(each), today), today=today)
            kind = "tckn" if kind_of(each.sender) == "TCKN" else "vkn"
            found.append(
                Received(
                    each.ettn,
                    each.number,
                    each.profile,
                    each.type,
                    each.issued,
                    each.received,
                    each.answer,
                    _open(each, today),
                    standing.last_day,
                    pseudonymiser.one(kind, each.sender) or "-",
                )
            )
    return found


async def fetched(desk: Desk, client: httpx.AsyncClient, ettn: UUID, format: Format, *, actor: Actor) -> bytes:
    """The document itself. The reading is in the audit log: an invoice names people.

    HubError `einvoice_incoming_unknown`; raises as `Desk.open`, and `ProviderFailure`.
    """
    async with desk.open(client) as integrator:
        try:
            content = await integrator.fetch(str(ettn), format, box="incoming")
        except ProviderFailure as failure:
            if failure.code != "request_refused" or await _is_there(integrator, ettn):
                raise
            raise HubError("einvoice_incoming_unknown", ettn=str(ettn)) from None
    await asyncio.to_thread(_audited, desk, "einvoice.incoming_read", ettn, actor)
    return content


async def answer(
    desk: Desk, client: httpx.AsyncClient, ettn: UUID, verdict: Verdict, *, reason: str, actor: Actor
) -> UUID:
    """Queue the answer to a commercial invoice; the action's id, the same one when asked again.

    HubError `einvoice_incoming_unknown` (none of that ETTN in the days in which one may answer), `response_too_late`,
    `einvoice_incoming_answered` also for another answer than was given here before; InvalidInput for a rejection
    without its reason; raises as `Desk.open`, and `ProviderFailure`.
    """
    # A day more than the window: the day of receipt does not count, and the listing goes by moments.
    async with desk.open(client) as integrator:
        about = [each async for each in _since(integrator, desk.now(), DAYS.days + 2) if each.ettn == str(ettn)]
    if not about:
        raise HubError("einvoice_incoming_unknown", ettn=str(ettn))
    return await asyncio.to_thread(_queued, desk, about[0], ettn, verdict, reason, actor)


async def taxpayer(desk: Desk, client: httpx.AsyncClient, number: str) -> Taxpayer | None:
    """Who the tax office's list has under a number (VKN or TCKN); None when nobody is registered with it."""
    async with desk.open(client) as integrator:
        return await integrator.lookup(number)


async def _is_there(integrator: Integrator, ettn: UUID) -> bool:
    """Whether a refusal to give a document out may have another reason than that there is none."""
    try:
        return await integrator.answered(str(ettn)) is not None
    except ProviderFailure:
        return True


async def _since(integrator: Integrator, now: datetime, days: int) -> AsyncGenerator[Incoming]:
    page: int | None = 1
    while page is not None:
        found = await integrator.incoming(now - timedelta(days=days), now, page=page)
        for each in found.invoices:
            yield each
        page = found.next_page


def _day(invoice: Incoming) -> date:
    return invoice.issued if invoice.received is None else day_of(invoice.received)


def _open(invoice: Incoming, today: date) -> bool:
    return invoice.answer == "waiting" and may_answer(invoice.profile, received=min(_day(invoice), today), today=today)


def _queued(desk: Desk, about: Incoming, ettn: UUID, verdict: Verdict, reason: str, actor: Actor) -> UUID:
    today = day_of(desk.now())
    keys = desk.keyring.tenant(desk.tenant_id)
    action = NewAction(
        kind=f"{desk.integrator()}.answer",
        idempotency_key=f"answer:{ettn}",
        payload={"ettn": str(ettn), "number": about.number, "answer": verdict, "note": reason},
        about=f"incoming:{ettn}",
        not_after=start_of(min(_day(about), today) + DAYS + _A_DAY),
        priority=2,
    )
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        before = connection.execute(
            "SELECT 1 FROM hub.actions WHERE tenant_id = %s AND idempotency_key = %s",
            (desk.tenant_id, action.idempotency_key),
        ).fetchone()
        if before is None and not _open(about, today):
            answered = about.answer not in ("waiting", "none", "implied")
            raise HubError("einvoice_incoming_answered" if answered else "response_too_late")
        try:
            queued = enqueue(connection, keys, action, created_by=actor.name)
        except HubError as error:
            # The key is ours: what it was used for before is another answer to this invoice.
            raise HubError("einvoice_incoming_answered") if error.code == "idempotency_key_reused" else error from None
        if not queued.repeated:
            details = {"answer": verdict}
            entry = audit.Entry(actor, "einvoice.answer", f"incoming:{ettn}", details=details)
            audit.append(connection, desk.tenant_id, entry)
    return queued.action_id


def _audited(desk: Desk, what: str, ettn: UUID, actor: Actor) -> None:
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        audit.append(connection, desk.tenant_id, audit.Entry(actor, what, f"incoming:{ettn}"))
