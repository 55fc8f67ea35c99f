"""What iyzico tells when it is asked. Knows HTTP and signatures, nothing of streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.http import HttpClient
from connectors.iyzico.failures import read_answer
from connectors.iyzico.signed import Signed
from connectors.limits import LIMITS

if TYPE_CHECKING:
    import httpx

    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.iyzico.settings import IyzicoSettings


class IyzicoClient:
    """One credential's way to iyzico. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: IyzicoSettings, clock: Clock
    ) -> None:
        self._signed = Signed(spec)
        limit = self._signed.limit(LIMITS, settings.rate, clock)
        self._http = HttpClient(client, limit=limit, settings=settings.http, clock=clock)

    async def get(self, path: str, query: Mapping[str, str | int]) -> dict[str, Any]:
        """A signed GET without a body. Raises `ProviderFailure`."""
        return await self._http.send(lambda: self._signed.get(self._http, path, query), read_answer)

    async def post(self, path: str, body: Mapping[str, str]) -> dict[str, Any]:
        """A signed POST that only asks. Raises `ProviderFailure`."""
        return await self._http.send(lambda: self._signed.post(self._http, path, body), read_answer)
