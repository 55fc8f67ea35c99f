"""Requests under one credential's signature, for reading and for acting alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from connectors.iyzico.signing import authorization, random_key

if TYPE_CHECKING:
    import httpx

    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec, RateLimit
    from connectors.http import HttpClient
    from connectors.limits import CredentialLimit, CredentialLimits

LOCALE = "tr"


class Signed:
    """One credential at one address. Its `repr` shows no secret."""

    def __init__(self, spec: ConnectionSpec) -> None:
        self._api_key = spec.credentials["api_key"]
        self.secret_key = spec.credentials["secret_key"]
        self._base_url = spec.base_url.rstrip("/")
        self._path_prefix = urlsplit(self._base_url).path

    def limit(self, limits: CredentialLimits, rate: RateLimit, clock: Clock, *, endpoint: str = "") -> CredentialLimit:
        """The credential's limit, shared in the process; of one endpoint where iyzico counts it apart."""
        name = f"iyzico {self._base_url} {endpoint}".rstrip()
        return limits.of(provider=name, credential=self._api_key.reveal(), rate=rate, clock=clock)

    def get(self, http: HttpClient, path: str, query: Mapping[str, str | int]) -> httpx.Request:
        """A GET without a body."""
        return self._request(http, "GET", path, f"?{urlencode({'locale': LOCALE, **query})}", b"")

    def post(self, http: HttpClient, path: str, body: Mapping[str, Any]) -> httpx.Request:
        """A POST of a JSON object."""
        content = json.dumps({"locale": LOCALE, **body}, separators=(",", ":")).encode()
        return self._request(http, "POST", path, "", content)

    def patch(self, http: HttpClient, path: str, query: Mapping[str, str]) -> httpx.Request:
        """A PATCH whose path says everything."""
        return self._request(http, "PATCH", path, f"?{urlencode({'locale': LOCALE, **query})}", b"")

    def _request(self, http: HttpClient, method: str, path: str, query: str, body: bytes) -> httpx.Request:
        nonce = random_key()
        headers = {
            "accept": "application/json",
            "content-type": "application/json",
            "x-iyzi-rnd": nonce,
            "x-iyzi-client-version": "kopru",
            "authorization": authorization(
                self._api_key, self.secret_key, random_key=nonce, path=self._path_prefix + path, body=body
            ),
        }
        return http.request(method, f"{self._base_url}{path}{query}", headers=headers, content=body)
