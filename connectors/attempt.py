"""One attempt at something that cannot be undone: an answer, or the exact reason why there is none.

`HttpClient.send` of connectors/http.py asks again by itself, which is right for reading. An action must not: what
matters here is whether the request may have reached the provider. Only one that never began says "surely not".

An attempt is somebody's for a while only. A process that was stopped (a signal, a suspended machine) may wake up when
others have taken its work over, so the last thing before the first byte is a look at the clock (`begin_by`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.actions import Outcome, Refused, Unclear
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.failure import ProviderFailure
from connectors.http import Answer, HttpClient, HttpSettings

if TYPE_CHECKING:
    import httpx

    from connectors.limits import CredentialLimit


_BEGIN_BY: ContextVar[float | None] = ContextVar("begin_by", default=None)


def time_passed() -> float:
    """Seconds that have passed for the world: a machine that sleeps grows older, unlike `time.monotonic` on Linux."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@contextmanager
def begin_by(moment: float) -> Generator[None]:
    """No request of an `AttemptClient` begins in the block after this moment of `time_passed`."""
    token = _BEGIN_BY.set(moment)
    try:
        yield
    finally:
        _BEGIN_BY.reset(token)


class AttemptClient(HttpClient):
    """One credential's attempts. Its `repr` shows no secret."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        limit: CredentialLimit,
        settings: HttpSettings,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(client, limit=limit, settings=replace(settings, attempts=1), clock=clock)

    async def attempt(self, request: httpx.Request, read: Callable[[Answer], Outcome]) -> Outcome:
        """Send once; `read` judges whatever was answered. It never raises for the provider's sake.

        A `ProviderFailure` that escapes `read` (an answer it could not make out) leaves the outcome unclear.
        """
        await self._limit.wait(self._clock)
        try:
            return read(await self._once(request))
        except _Unsent as unsent:
            return Refused(unsent.failure)
        except _TooLate:
            return Refused(ProviderFailure("transient", "provider_timeout"))
        except ProviderFailure as failure:
            return Unclear(failure)

    async def _once(self, request: httpx.Request) -> Answer:
        sending = _Sending()
        request.extensions = {**request.extensions, "trace": sending.trace}
        try:
            return await self._answer(request)
        except ProviderFailure as failure:
            if not sending.began:
                raise _Unsent(failure) from None
            raise


class _Unsent(Exception):
    """The request was never begun: there is nothing to be unclear about."""

    def __init__(self, failure: ProviderFailure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class _TooLate(Exception):
    """The attempt may be somebody else's by now."""


class _Sending:
    """Listens to httpcore: the first byte of a request's head is the line after which nothing is sure."""

    def __init__(self) -> None:
        self.began = False

    async def trace(self, name: str, info: object) -> None:
        """Called by httpcore at every step."""
        del info
        if name.endswith("send_request_headers.started"):
            if _late():
                raise _TooLate
            self.began = True
        elif name.endswith("send_request_body.started") and _late():
            raise ProviderFailure("transient", "provider_timeout")  # half of it is there: nobody knows


def _late() -> bool:
    last = _BEGIN_BY.get()
    return last is not None and time_passed() > last


def refused_or_unclear(answer: Answer) -> Outcome | None:
    """What a status says by itself where the provider's own words are missing; None for 2xx.

    4xx is a refusal. 5xx may have come after the work was done, by a proxy that stopped waiting.
    """
    failure = answer.failure_of_status()
    if failure is None:
        return None
    certain = 300 <= answer.status < 500 and answer.status != 408
    return Refused(failure) if certain else Unclear(failure)
