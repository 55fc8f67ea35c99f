"""Puts what a call asks for into the outbox, under the call's own idempotency key, and does at once what cannot wait.

So a repeated call is the same action however long ago the first one was, and another call under its key is refused.
What is wrong with a request is told by the names of the call's own fields.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from hub.api.models import Body
from hub.api.moments import Moment
from hub.outbox import listing
from hub.outbox.ask import ask
from hub.outbox.enqueue import NewAction
from hub.templates.asking import Words
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    import httpx

    from hub.api.asked import Asked
    from hub.api.services import Services
    from hub.outbox.enqueue import Enqueued
    from hub.outbox.listing import Listed
    from hub.outbox.perform import Outbox

AT_ONCE_SECONDS = 10.0
"""As long as a caller waits for what is done at once. It goes on without them: what was begun is never cut off."""
_PLACE = re.compile(r"actions\[(\d+)\]\.")
_doing: set[asyncio.Task[None]] = set()


class Wording(Body):
    """A template of yours that makes the text. Kind of message and purpose are the template's."""

    name: str = Field(max_length=63, examples=["hatirlatma"])
    language: Literal["tr", "en"] = "tr"
    version: int | None = Field(default=None, ge=1, le=1_000_000, description="The newest in use unless given.")
    variables: dict[str, Any] = Field(default_factory=dict, repr=False, examples=[{"tutar": "149.90"}])


class Terms(Body):
    """When something is done, and on what ground."""

    not_before: Moment | None = Field(default=None, examples=["2026-11-28T09:00:00+03:00"])
    not_after: Moment | None = Field(default=None, description="What is not done by then is not done at all.")
    priority: int = Field(default=5, ge=0, le=9, description="0 is done first, 9 last.")
    commercial: bool = Field(
        default=False, description="Whether anything is promoted: consent and İYS are then asked for it."
    )
    purpose: str | None = Field(
        default=None, max_length=100, description="Code of the purpose whose consent must stand at the time of sending."
    )


@dataclass(frozen=True)
class Form:
    """How the call names its parts: the list of what it asks for, and what stands before a payload's fields."""

    many: str = ""
    payload: str = "payload."

    def of(self, field: str, at: int | None = None) -> str:
        """A field as the caller knows it, from the outbox's name of it."""
        place = _PLACE.match(field)
        name = field if place is None else field[place.end() :]
        number = at if place is None else int(place[1])
        if name == "idempotency_key":
            return "Idempotency-Key"
        shown = self.payload + name.removeprefix("payload.") if name.startswith("payload.") else name
        # A list of one is a list all the same; the outbox names no place in it.
        return f"{self.many}.{number or 0}.{shown}" if self.many else shown


@dataclass(frozen=True)
class Wanted:
    """One action as a call asks for it."""

    kind: str
    payload: dict[str, Any]
    terms: Terms
    wording: Wording | None = None
    about: str | None = None


def key_of(call: Asked, at: int = 0) -> str:
    """The outbox's key of the call's action; those behind the first carry their place, so that a list can grow."""
    if call.idempotency_key is None:  # `needs(..., key_required=True)`
        raise RuntimeError("this call has no key")
    return call.idempotency_key if at == 0 else f"{call.idempotency_key}:{at + 1}"


def batch_of(call: Asked) -> UUID:
    """The same for the same call."""
    return uuid5(NAMESPACE_URL, f"urn:kopru:batch:{call.tenant}:{key_of(call)}")


def queue(call: Asked, wanted: Sequence[Wanted], form: Form) -> list[Enqueued]:
    """Queue all of them or none. Raises what `hub.outbox.ask.ask` and `Words.put` do."""
    words = Words(call.database, call.tenant)
    batch_id = batch_of(call) if len(wanted) > 1 else None
    news: list[NewAction] = []
    for at, each in enumerate(wanted):
        new = NewAction(
            kind=each.kind,
            idempotency_key=key_of(call, at),
            payload=each.payload,
            not_before=each.terms.not_before,
            not_after=each.terms.not_after,
            priority=each.terms.priority,
            about=each.about,
            commercial=each.terms.commercial,
            purpose=each.terms.purpose,
            batch_id=batch_id,
        )
        if each.wording is not None:
            with named(form, at):
                new = _worded(words, new, each.wording)
        news.append(new)
    with named(form):
        return ask(call.database, call.keyring, call.tenant, news, created_by=call.actor.name)


async def queue_one(call: Asked, wanted: Wanted, form: Form) -> tuple[Listed, bool]:
    """Queue one, and do it now if it cannot wait. The action, and whether it was there already."""
    (queued,) = await asyncio.to_thread(queue, call, [wanted], form)
    if queued.state == "pending" and _is_urgent(wanted.kind):
        await _now(call, queued.action_id)
    found, _ = await asyncio.to_thread(listing.get, call.database, call.tenant, queued.action_id)
    return found, queued.repeated


def provider_client() -> httpx.AsyncClient:
    """A client for one call's conversation with a provider."""
    from hub.sync.fetch import http_client

    return http_client(_trust())


@cache
def _trust() -> ssl.SSLContext:
    """Making one costs 20 ms of CPU, which a one-time password need not wait for."""
    return ssl.create_default_context()


async def _now(call: Asked, action_id: UUID) -> None:
    """Under the outbox's own lease; a drain that is faster does no harm."""
    from hub.outbox.at_once import at_once

    outbox = await asyncio.to_thread(_outbox, call.services)

    async def do() -> None:
        async with provider_client() as client:
            await at_once(outbox, call.tenant, action_id, client)

    task = asyncio.create_task(do())
    _doing.add(task)
    task.add_done_callback(_doing.discard)
    done, _ = await asyncio.wait({task}, timeout=AT_ONCE_SECONDS)
    for each in done:
        each.result()


def warm(services: Services) -> None:
    """Load what the first one-time password would else wait for: two seconds of imports."""
    _trust()
    _outbox(services)


def _outbox(services: Services) -> Outbox:
    """One for the process."""
    from hub.outbox.open import open_outbox

    kept = services.extra
    if "outbox" not in kept:
        kept["outbox"] = open_outbox(services.database, services.keyring)
    return kept["outbox"]


def _is_urgent(kind: str) -> bool:
    from connectors.action_registry import kinds

    return kinds()[kind].urgent


def _worded(words: Words, new: NewAction, wording: Wording) -> NewAction:
    said = [name for name in ("commercial", "purpose") if getattr(new, name)]
    if said:
        raise InvalidInput([Problem(name, "template_says_it") for name in said])
    return words.put(
        new,
        template=wording.name,
        variables=wording.variables,
        language=wording.language,
        version=wording.version,
    )


@contextmanager
def named(form: Form, at: int | None = None) -> Generator[None]:
    """`InvalidInput` in the call's own words."""
    try:
        yield
    except InvalidInput as error:
        renamed = [replace(each, field=form.of(each.field, at)) for each in error.problems]
    else:
        return
    raise InvalidInput(renamed)
