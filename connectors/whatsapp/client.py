"""Requests to Meta's Graph API for one number. Knows HTTP and the bearer token, nothing of what messages say."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from connectors.attempt import AttemptClient
from connectors.failure import ProviderFailure
from connectors.http import HttpClient
from connectors.limits import LIMITS
from connectors.whatsapp.failures import document_of

if TYPE_CHECKING:
    from connectors.actions import Outcome
    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.http import Answer
    from connectors.whatsapp.messages.media import Upload
    from connectors.whatsapp.settings import WhatsAppSettings


class WhatsAppClient:
    """One number's way to Meta. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: WhatsAppSettings, clock: Clock
    ) -> None:
        self._token = spec.credentials["access_token"]
        self._root = f"{spec.base_url.rstrip('/')}/{settings.api_version}"
        self._number = settings.phone_number_id
        limit = LIMITS.of(
            provider=f"whatsapp {self._root}", credential=settings.phone_number_id, rate=settings.rate, clock=clock
        )
        self._asking = HttpClient(client, limit=limit, settings=settings.http, clock=clock)
        self._acting = AttemptClient(client, limit=limit, settings=settings.http, clock=clock)

    async def send(self, document: Mapping[str, Any], read: Callable[[Answer], Outcome]) -> Outcome:
        """Send one message, once."""
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"content-type": "application/json"}
        return await self._acting.attempt(self._request("POST", f"{self._number}/messages", headers, content), read)

    async def upload(self, upload: Upload) -> str:
        """Hand a file over; Meta's id of it. Raises `ProviderFailure`. One attempt: the message's own counts."""
        # A file's real name may be somebody's, and Meta needs none here: a document's name travels in the message.
        form = httpx.Request(
            "POST",
            self._root,
            files={
                "file": ("file", upload.content, upload.mime_type),
                "messaging_product": (None, "whatsapp"),
                "type": (None, upload.mime_type),
            },
        )
        headers = {"content-type": form.headers["content-type"]}
        content = form.read()
        document = await self._acting.send(
            lambda: self._request("POST", f"{self._number}/media", headers, content), document_of
        )
        media_id = document.get("id")
        if not isinstance(media_id, str) or not media_id:
            raise ProviderFailure("transient", "answer_malformed")
        return media_id

    async def number(self, *fields: str) -> dict[str, Any]:
        """Facts of the sending number. Raises `ProviderFailure`."""
        return await self.get(self._number, {"fields": ",".join(fields)})

    async def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Ask for a document. Raises `ProviderFailure`."""
        address = f"{path}?{urlencode(query)}" if query else path
        return await self._asking.send(lambda: self._request("GET", address, {}, b""), document_of)

    def _request(self, method: str, path: str, headers: dict[str, str], content: bytes) -> httpx.Request:
        merged = {"accept": "application/json", "authorization": f"Bearer {self._token.reveal()}", **headers}
        return self._acting.request(method, f"{self._root}/{path}", headers=merged, content=content)
