"""Gives events to whoever understands them, batch by batch, so that each takes effect once whatever ends the process.

An event counts as handled only after everything it says is committed; a process that dies before that leaves it to the
next one, and doing it again changes nothing. What cannot be understood is set aside with a reason, and stops no other.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.webhook_registry import source_named
from connectors.webhooks import AskAbout, MessageHeard, PermissionHeard, ReadAgain, Standing, StateHeard, WebhookEvent
from hub.errors import HubError
from hub.inbox import queue
from hub.observe import tracing

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.webhooks import Meaning, WebhookSource
    from hub.db.database import Database
    from hub.inbox.effects import Effects
    from hub.inbox.events import Claimed
    from hub.keys.daily import DailyKeys

DRAIN_SECONDS = 120.0
"""After this a run leaves what is left to the next one."""
TRIED_AT_ONCE = 20
"""Events that were tried before which a tenant gets handled in one turn."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much a provider's clock may be behind ours."""

StageHook = Callable[[str], None]
"""Called between the steps, by name: a proof can end the process there."""


def no_hook(_stage: str) -> None:
    """What a real run uses."""


def _dated(heard: StateHeard, received_at: datetime) -> StateHeard:
    """With the time by which it must have happened: before it came, and soon after the provider's clock said so."""
    return replace(heard, at=received_at if heard.at is None else min(received_at, heard.at + CLOCKS_DIFFER))


class _NotUnderstood(Exception):
    """Carries the reason's code alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Handling:
    """Handles what waits in the inbox. Several processes may do so at the same time."""

    def __init__(
        self,
        database: Database,
        daily_keys: DailyKeys,
        effects: Effects,
        *,
        sources: Callable[[str], WebhookSource | None] = source_named,
        hook: StageHook = no_hook,
    ) -> None:
        self._database = database
        self._daily_keys = daily_keys
        self._effects = effects
        self._sources = sources
        self._hook = hook

    def drain(self, *, seconds: float = DRAIN_SECONDS) -> Counter[str]:
        """Handle what is due, a turn for each tenant, until nothing is or the time is up. Counts by outcome."""
        counts: Counter[str] = Counter()
        end = time.monotonic() + seconds
        while tenants := queue.waiting(self._database):
            before = counts.total()
            for tenant_id in tenants:
                counts += self.turn(tenant_id)
                if time.monotonic() >= end:
                    return counts
            if counts.total() == before:
                break  # somebody else has what is due
        return counts

    def turn(self, tenant_id: str) -> Counter[str]:
        """One tenant's turn: a batch of new events, then some that were tried before, each by itself."""
        counts = self._batch(tenant_id, queue.claim(self._database, tenant_id, tried=False))
        for _ in range(TRIED_AT_ONCE):
            again = queue.claim(self._database, tenant_id, tried=True)
            if not again:
                break
            counts += self._batch(tenant_id, again)
        return counts

    def _batch(self, tenant_id: str, events: Sequence[Claimed]) -> Counter[str]:
        counts: Counter[str] = Counter()
        if not events:
            return counts
        done: list[Claimed] = []
        stale: dict[str, str | None] = {}
        settings = self._settings(tenant_id)
        for event in events:
            self._hook("claimed")
            if event.attempts > queue.MOST_ATTEMPTS:  # each attempt ended its process
                queue.aside(self._database, tenant_id, event, "event_kept_failing")
                counts["aside"] += 1
                continue
            try:
                with tracing.span(
                    "inbox.event",
                    parents=[event.traceparent],
                    kind="consumer",
                    tenant_id=tenant_id,
                    provider=event.provider,
                    event_id=event.event_id,
                ):
                    again = self._one(tenant_id, event, settings.get(event.provider, {}))
                    if again:
                        stale[event.provider] = tracing.carried() or stale.get(event.provider)
            except _NotUnderstood as error:
                queue.aside(self._database, tenant_id, event, error.reason)
                counts["aside"] += 1
            except Exception as error:  # one event's failure is not its neighbours'
                reason = error.code if isinstance(error, HubError) else "event_failed"
                queue.later(self._database, tenant_id, event, reason)
                counts["later"] += 1
            else:
                done.append(event)
        for provider in sorted(stale):
            self._effects.read_again(tenant_id, provider, traceparent=stale[provider])
        self._hook("committed")
        if done:
            queue.handled(self._database, tenant_id, done)
        self._hook("handled")
        counts["handled"] += len(done)
        return +counts

    def _one(self, tenant_id: str, event: Claimed, settings: Mapping[str, Any]) -> bool:
        """Let an event take effect; whether the provider is to be read again, which is done once for all of a batch."""
        again = False
        for meaning in self._understood(tenant_id, event, settings):
            if isinstance(meaning, ReadAgain):
                again = True
            elif isinstance(meaning, StateHeard):
                self._effects.outbox.heard(tenant_id, event.provider, _dated(meaning, event.received_at))
            elif isinstance(meaning, AskAbout):
                self._effects.outbox.ask(tenant_id, event.provider, meaning)
            elif isinstance(meaning, MessageHeard):
                self._effects.message(tenant_id, meaning)
            elif isinstance(meaning, PermissionHeard):
                self._effects.permission(tenant_id, meaning)
            else:
                self._effects.refusal(tenant_id, meaning)
            self._hook("effect")
        return again

    def _understood(self, tenant_id: str, event: Claimed, settings: Mapping[str, Any]) -> Sequence[Meaning]:
        source = self._sources(event.provider)
        if source is None:
            raise _NotUnderstood("event_source_unknown")
        body = self._opened(tenant_id, event)
        standing = Standing(event.signature == "verified", event.received_at, settings)
        reason = "event_malformed"
        try:
            if not source.is_replayed(body, standing):
                return source.meanings(WebhookEvent(event.event_id, event.kind, body), standing)
            reason = "event_replayed"
        except Exception:  # noqa: S110 - pure functions of the body: whatever they raise, they always will
            pass
        raise _NotUnderstood(reason)

    def _settings(self, tenant_id: str) -> Mapping[str, Mapping[str, Any]]:
        """The settings of the tenant's accounts by provider, read once a batch."""
        with self._database.tenant(tenant_id, "app") as connection:
            rows = connection.execute(
                "SELECT provider, settings FROM hub.integrations WHERE tenant_id = %s", (tenant_id,)
            ).fetchall()
        return {provider: settings or {} for provider, settings in rows}

    def _opened(self, tenant_id: str, event: Claimed) -> bytes:
        try:
            body = event.opened(tenant_id, self._daily_keys)
        except HubError as error:
            if error.code != "ciphertext_invalid":
                raise
            body = b""
        if body is None:
            raise _NotUnderstood("event_expired")
        if not body:
            raise _NotUnderstood("event_unreadable")
        return body
