"""One group on its way: prepared, done, settled. Database work runs in threads, provider calls in the event loop.

The tenant's account is opened in the transaction that commits the attempts, so that nobody is called with credentials
that were replaced before. Between that commit and the call stands one check, and the same again before the first byte
of every request: a process that was stopped for so long that its lease may be another's does not call at all.

What a provider answered is worth more than a lease: while the database does not take it, it is offered again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from connectors.actions import CannotTell, Finding, Outcome, Refused, Unclear
from connectors.attempt import begin_by, time_passed
from connectors.clock import SYSTEM_CLOCK
from connectors.failure import ProviderFailure
from connectors.limits import LIMITS
from hub.errors import HubError
from hub.outbox import fence, holds, look, prepare, settle
from hub.outbox.accounts import Unusable, account
from hub.outbox.gate import Gates
from hub.outbox.prepare import Attach, Group, nothing_attached
from hub.outbox.vocabulary import FRESH

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Act, ActionKind
    from connectors.contract import ConnectionSpec, Provider
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

LONGEST_IN_LINE = 15.0
"""Seconds for which a group may wait for its place at a provider with a lease in its hand."""
SETTLE_PAUSES = (0.5, 1, 2, 4, 8, 16, 32)
"""Seconds between the offers of an outcome to a database that does not take it; together less than a lease."""
ACCOUNT_WAIT = timedelta(minutes=15)
"""How long actions of an account that is missing or paused wait before it is looked at again."""


@dataclass(frozen=True)
class Outbox:
    """What performing needs: database, keys, the kinds and providers there are, and the rules about sending."""

    database: Database
    keyring: Keyring
    kinds: Mapping[str, ActionKind]
    providers: Mapping[str, Provider]
    gates: Gates = field(default_factory=lambda: Gates(()))
    attach: Attach = nothing_attached
    """Brings the document that a payload names."""


@dataclass(frozen=True)
class Errand:
    """A tenant's leased actions of one kind, as many as one call does."""

    tenant_id: str
    kind: str
    lease: UUID
    action_ids: Sequence[UUID]
    asks: bool = False
    """Asked after, and not done."""


async def do(outbox: Outbox, errand: Errand, client: httpx.AsyncClient) -> Counter[str]:
    """Do an errand's actions. Counts by new state or by the reason why they went nowhere."""
    kind = outbox.kinds[errand.kind]
    group = Group(errand.tenant_id, kind, errand.lease)
    began = time_passed()
    spec = await asyncio.to_thread(_prepare, outbox, errand, group)
    counts = Counter(group.settled)
    if spec is None or not group.prepared:
        return counts
    outcomes = await _outcomes(group, spec, client, began)
    return counts + await _settled(outbox, group, outcomes)


async def ask(outbox: Outbox, errand: Errand, client: httpx.AsyncClient) -> Counter[str]:
    """Ask after an errand's actions. Counts by what became of them."""
    kind = outbox.kinds[errand.kind]
    spec, looked = await asyncio.to_thread(_open_looks, outbox, errand)
    asked = [each for each in looked if look.worth_asking(kind, each)]
    found: dict[str, Finding] = {}
    if asked:
        found = await _findings(kind, spec, [each.act for each in asked], client)
    pairs = [(each, found.get(each.act.action_id)) for each in looked]
    return await asyncio.to_thread(_write_findings, outbox, errand, pairs)


def place(outbox: Outbox, errand: Errand) -> float:
    """Take a place among the requests that the provider allows a tenant: seconds until it is free.

    No place is taken where that is later than `LONGEST_IN_LINE`: what waits long waits in the table, where more
    pressing actions may overtake it, and not in somebody's hand.
    """
    kind = outbox.kinds.get(errand.kind)
    provider = None if kind is None else outbox.providers.get(kind.provider)
    if provider is None:
        return 0.0
    limit = LIMITS.of(
        provider=f"outbox {provider.name}", credential=errand.tenant_id, rate=provider.rate, clock=SYSTEM_CLOCK
    )
    now = SYSTEM_CLOCK.monotonic()
    delay = limit.delay(now)
    return delay if delay > LONGEST_IN_LINE else limit.reserve(now)


def _prepare(outbox: Outbox, errand: Errand, group: Group) -> ConnectionSpec | None:
    keys = outbox.keyring.tenant(errand.tenant_id)
    outbox.gates.early(errand.tenant_id, group.kind, errand.action_ids)
    with outbox.database.tenant(errand.tenant_id, "app") as connection:
        fence.enter(connection, errand.tenant_id)
        spec = account(connection, outbox.keyring, outbox.providers[group.kind.provider], errand.tenant_id)
        if isinstance(spec, Unusable):
            until = connection.execute("SELECT now() + %s", (ACCOUNT_WAIT,)).fetchone()
            assert until is not None  # noqa: S101 - a SELECT without FROM has one row
            prepare.put_off(connection, group, errand.action_ids, until[0], spec.code)
            holds.wait(connection, errand.tenant_id, group.kind.provider, spec.code, until[0])
            return None
        prepare.prepare(connection, keys, group, errand.action_ids, outbox.gates, attach=outbox.attach)
    return spec


async def _outcomes(group: Group, spec: ConnectionSpec, client: httpx.AsyncClient, began: float) -> list[Outcome]:
    acts = [each.act for each in group.prepared]
    last = began + FRESH.total_seconds()
    if time_passed() > last:
        # Stopped or starved (a process that sleeps renews nothing): others may have taken the lease back and be at it.
        return [Refused(ProviderFailure("transient", "provider_timeout"))] * len(acts)
    outcomes: list[Outcome] = []
    try:
        async with group.kind.open(spec, client) as performer:
            with begin_by(last):
                outcomes += (await performer.perform(acts))[: len(acts)]
    except ProviderFailure as failure:
        # Raised where nothing may be: settings that cannot be read, before a call; or a performer's own mistake.
        undone = [Unclear(failure)] * len(acts[len(outcomes) :])
        certain = failure.code in {"settings_invalid", "request_refused"}
        return outcomes + ([Refused(failure)] * len(undone) if certain else undone)
    except Exception as error:
        broken = ProviderFailure("transient", "provider_error", field=type(error).__name__)
        outcomes += [Unclear(broken)] * (len(acts) - len(outcomes))
    # A performer that forgot one has not said that it was not done.
    silent = Unclear(ProviderFailure("transient", "answer_malformed"))
    return outcomes + [silent] * (len(acts) - len(outcomes))


async def _settled(outbox: Outbox, group: Group, outcomes: Sequence[Outcome]) -> Counter[str]:
    import psycopg

    for pause in SETTLE_PAUSES:
        try:
            return await asyncio.to_thread(_settle, outbox, group, outcomes)
        except (HubError, psycopg.OperationalError) as error:
            if isinstance(error, HubError) and error.code not in {"database_down", "database_busy"}:
                raise
        await asyncio.sleep(pause)
    return await asyncio.to_thread(_settle, outbox, group, outcomes)


def _settle(outbox: Outbox, group: Group, outcomes: Sequence[Outcome]) -> Counter[str]:
    keys = outbox.keyring.tenant(group.tenant_id)
    with outbox.database.tenant(group.tenant_id, "app") as connection:
        return settle.settle(connection, keys, group, outcomes, outbox.gates)


def _open_looks(outbox: Outbox, errand: Errand) -> tuple[ConnectionSpec | Unusable, list[look.Looked]]:
    keys = outbox.keyring.tenant(errand.tenant_id)
    provider = outbox.providers[outbox.kinds[errand.kind].provider]
    with outbox.database.tenant(errand.tenant_id, "app") as connection:
        spec = account(connection, outbox.keyring, provider, errand.tenant_id)
        return spec, look.opened(connection, keys, errand.lease, errand.action_ids)


async def _findings(
    kind: ActionKind, spec: ConnectionSpec | Unusable, acts: Sequence[Act], client: httpx.AsyncClient
) -> dict[str, Finding]:
    if isinstance(spec, Unusable):
        return {act.action_id: CannotTell() for act in acts}
    found: dict[str, Finding] = {}
    try:
        async with kind.open(spec, client) as performer:
            findings = await performer.look_up(acts)
            found |= {act.action_id: finding for act, finding in zip(acts, findings, strict=True)}
    except ProviderFailure as failure:
        found |= {act.action_id: CannotTell(failure) for act in acts if act.action_id not in found}
    except Exception as error:
        broken = ProviderFailure("transient", "provider_error", field=type(error).__name__)
        found |= {act.action_id: CannotTell(broken) for act in acts if act.action_id not in found}
    return found


def _write_findings(
    outbox: Outbox, errand: Errand, pairs: Sequence[tuple[look.Looked, Finding | None]]
) -> Counter[str]:
    keys = outbox.keyring.tenant(errand.tenant_id)
    with outbox.database.tenant(errand.tenant_id, "app") as connection:
        return look.write_findings(connection, keys, outbox.kinds[errand.kind], errand.lease, pairs, outbox.gates)
