"""Calls of Uyumsoft's Integration service. Knows HTTP, envelopes and refusals, nothing of invoices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.actions import Outcome, Refused, Unclear
from connectors.attempt import AttemptClient
from connectors.einvoice.user_list import LIST_TIMEOUT_SECONDS, LONGEST_PACKED_LIST
from connectors.failure import ProviderFailure
from connectors.http import HttpClient
from connectors.limits import LIMITS
from connectors.uyumsoft.envelope import request
from connectors.uyumsoft.failures import read
from connectors.uyumsoft.settings import ACTION, PATH, UyumsoftSettings

if TYPE_CHECKING:
    import httpx

    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.http import Answer
    from connectors.xml import Element


class UyumsoftClient:
    """One company's way to Uyumsoft. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: UyumsoftSettings, clock: Clock
    ) -> None:
        self._username = spec.credentials["username"]
        self._password = spec.credentials["password"]
        self._url = f"{spec.base_url.rstrip('/')}{PATH}"
        limit = LIMITS.of(
            provider=f"uyumsoft {self._url}", credential=self._username.reveal(), rate=settings.rate, clock=clock
        )
        self._reading = HttpClient(client, limit=limit, settings=settings.http, clock=clock)
        patient = replace(settings.http, request_timeout=LIST_TIMEOUT_SECONDS, longest_answer=LONGEST_PACKED_LIST)
        self._listing = HttpClient(client, limit=limit, settings=patient, clock=clock)
        self._acting = AttemptClient(client, limit=limit, settings=settings.http, clock=clock)

    async def call(self, operation: str, call: Any, *, once: bool = False, long: bool = False) -> Element:
        """The result of a call that changes nothing.

        With `once` it is not asked for again; with `long` it may be GİB's whole list. Raises `ProviderFailure`.
        """

        def judged(answer: Answer) -> Element:
            said = read(answer, operation)
            if said.result is None:
                raise said.failure or ProviderFailure("transient", "answer_malformed")
            return said.result

        client = self._acting if once else self._listing if long else self._reading
        return await client.send(lambda: self._request(operation, call), judged)

    async def act(self, operation: str, call: Any, taken: Callable[[Element], Outcome]) -> Outcome:
        """One attempt at a call that does something."""

        def judged(answer: Answer) -> Outcome:
            said = read(answer, operation)
            if said.result is not None:
                return taken(said.result)
            failure = said.failure or ProviderFailure("transient", "answer_malformed")
            return Refused(failure) if said.certain else Unclear(failure)

        return await self._acting.attempt(self._request(operation, call), judged)

    def _request(self, operation: str, call: Any) -> httpx.Request:
        headers = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{ACTION}{operation}"'}
        content = request(call, username=self._username, password=self._password)
        return self._acting.request("POST", self._url, headers=headers, content=content)
