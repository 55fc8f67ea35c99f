"""Signed requests to iyzico and their documents. Knows HTTP and signatures, nothing of streams."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from connectors.http import HttpClient
from connectors.iyzico.failures import read_answer
from connectors.iyzico.signing import authorization, random_key
from connectors.limits import LIMITS

if TYPE_CHECKING:
    import httpx

    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.iyzico.settings import IyzicoSettings

LOCALE = "tr"


class IyzicoClient:
    """One credential's way to iyzico. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: IyzicoSettings, clock: Clock
    ) -> None:
        self._api_key = spec.credentials["api_key"]
        self._secret_key = spec.credentials["secret_key"]
        self._base_url = spec.base_url.rstrip("/")
        self._path_prefix = urlsplit(self._base_url).path
        limit = LIMITS.of(
            provider=f"iyzico {self._base_url}", credential=self._api_key.reveal(), rate=settings.rate, clock=clock
        )
        self._http = HttpClient(client, limit=limit, settings=settings.http, clock=clock)

    async def get(self, path: str, query: Mapping[str, str | int]) -> dict[str, Any]:
        """A signed GET without a body. Raises `ProviderFailure`."""
        return await self._send("GET", path, f"?{urlencode({'locale': LOCALE, **query})}", b"")

    async def post(self, path: str, body: Mapping[str, str]) -> dict[str, Any]:
        """A signed POST. Raises `ProviderFailure`."""
        content = json.dumps({"locale": LOCALE, **body}, separators=(",", ":")).encode()
        return await self._send("POST", path, "", content)

    async def _send(self, method: str, path: str, query: str, body: bytes) -> dict[str, Any]:
        def prepare() -> httpx.Request:
            nonce = random_key()
            headers = {
                "accept": "application/json",
                "content-type": "application/json",
                "x-iyzi-rnd": nonce,
                "x-iyzi-client-version": "kopru",
                "authorization": authorization(
                    self._api_key, self._secret_key, random_key=nonce, path=self._path_prefix + path, body=body
                ),
            }
            return self._http.request(method, f"{self._base_url}{path}{query}", headers=headers, content=body)

        return await self._http.send(prepare, read_answer)
