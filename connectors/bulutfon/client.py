"""Requests to either generation of Bulutfon's API, and their documents. Knows HTTP and keys, nothing of streams."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from connectors.bulutfon.failures import read_answer
from connectors.bulutfon.settings import V2_KEY_HEADER
from connectors.failure import ProviderFailure
from connectors.http import HttpClient
from connectors.limits import LIMITS

if TYPE_CHECKING:
    import httpx

    from connectors.bulutfon.settings import BulutfonSettings, Generation
    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec

KEY_FIELDS: dict[Generation, str] = {"v1": "access_token", "v2": "api_key"}
"""The credential that each generation takes."""
_KEY_PARAMETERS: dict[Generation, str] = {"v1": "access_token", "v2": "apikey"}
_NOT_FOUND = 404


class BulutfonClient:
    """One credential's way to Bulutfon. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: BulutfonSettings, clock: Clock
    ) -> None:
        self.generation: Generation = settings.generation
        self._key = spec.credentials.get(KEY_FIELDS[settings.generation])
        self._in_header = settings.key_in_header and settings.generation == "v2"
        self._base_url = spec.base_url.rstrip("/")
        limit = LIMITS.of(
            provider=f"bulutfon {self._base_url}",
            credential=self._key.reveal() if self._key is not None else "",
            rate=settings.rate,
            clock=clock,
        )
        self._http = HttpClient(client, limit=limit, settings=settings.http, clock=clock)

    async def get(self, path: str, query: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """A document. Raises `ProviderFailure`; credentials_rejected when this generation's key was never stored."""
        key = self._key
        if not key:
            raise ProviderFailure("permanent", "credentials_rejected", field=KEY_FIELDS[self.generation])

        def prepare() -> httpx.Request:
            headers, sent = {"accept": "application/json"}, dict(query or {})
            if self._in_header:
                headers[V2_KEY_HEADER] = key.reveal()
            else:
                sent[_KEY_PARAMETERS[self.generation]] = key.reveal()
            address = f"{self._base_url}{path}?{urlencode(sent)}" if sent else f"{self._base_url}{path}"
            return self._http.request("GET", address, headers=headers)

        return await self._http.send(prepare, partial(read_answer, generation=self.generation))

    async def find(self, path: str) -> dict[str, Any] | None:
        """A document, or None where Bulutfon knows nothing of it."""
        try:
            return await self.get(path)
        except ProviderFailure as failure:
            if failure.status != _NOT_FOUND:
                raise
        return None
