"""Requests to an address of which only the account's owner knows what answers there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from connectors.attempt import AttemptClient
from connectors.http import Answer, HttpClient
from connectors.limits import LIMITS

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Outcome
    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.netasistan.settings import NetasistanSettings


class NetasistanClient:
    """One account's way. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: NetasistanSettings, clock: Clock
    ) -> None:
        self._token = spec.credentials["token"]
        self._root = spec.base_url.rstrip("/")
        self._send_path = settings.send_path
        limit = LIMITS.of(
            provider=f"netasistan {self._root}", credential=self._token.reveal(), rate=settings.rate, clock=clock
        )
        self._asking = HttpClient(client, limit=limit, settings=settings.http, clock=clock)
        self._acting = AttemptClient(client, limit=limit, settings=settings.http, clock=clock)

    async def send(self, document: Mapping[str, Any], read: Callable[[Answer], Outcome]) -> Outcome:
        """Send one message, once."""
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._acting.attempt(self._request("POST", self._send_path, content), read)

    async def probe(self, path: str) -> None:
        """Raises `ProviderFailure` unless a GET is answered with success."""

        def read(answer: Answer) -> None:
            failure = answer.failure_of_status()
            if failure is not None:
                raise failure

        await self._asking.send(lambda: self._request("GET", path, b""), read)

    def _request(self, method: str, path: str, content: bytes) -> httpx.Request:
        headers = {
            "accept": "application/json",
            "content-type": "application/json",
            "authorization": f"Bearer {self._token.reveal()}",
        }
        return self._acting.request(method, f"{self._root}{path}", headers=headers, content=content)
