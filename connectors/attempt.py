"""One attempt at something that cannot be undone: an answer, or the exact reason why there is none.

`HttpClient.send` of connectors/http.py asks again by itself, which is right for reading. An action must not: what
matters here is whether the request may have reached the provider. Only one that never began says "surely not".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.actions import Outcome, Refused, Unclear
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.failure import ProviderFailure
from connectors.http import Answer, HttpClient, HttpSettings

if TYPE_CHECKING:
    import httpx

    from connectors.limits import CredentialLimit


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


class _Sending:
    """Listens to httpcore: the first byte of a request's head is the line after which nothing is sure."""

    def __init__(self) -> None:
        self.began = False

    async def trace(self, name: str, info: object) -> None:
        """Called by httpcore at every step."""
        del info
        if name.endswith("send_request_headers.started"):
            self.began = True


def refused_or_unclear(answer: Answer) -> Outcome | None:
    """What a status says by itself where the provider's own words are missing; None for 2xx.

    4xx is a refusal. 5xx may have come after the work was done, by a proxy that stopped waiting.
    """
    failure = answer.failure_of_status()
    if failure is None:
        return None
    certain = 300 <= answer.status < 500 and answer.status != 408
    return Refused(failure) if certain else Unclear(failure)
