"""Requests to İYS under a token that lives in memory, renewed once when it is no longer taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlencode

from connectors.failure import ProviderFailure
from connectors.http import Answer, HttpClient
from connectors.iys.failures import document_of
from connectors.iys.settings import TOKEN_PATH, TOKEN_RESERVE
from connectors.limits import LIMITS
from connectors.secret import Secret

if TYPE_CHECKING:
    import httpx

    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.iys.settings import IysSettings

T = TypeVar("T")
_LIFE_UNLESS_SAID = 300.0


class IysClient:
    """One account's way to İYS. Its `repr` shows no secret."""

    def __init__(self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: IysSettings, clock: Clock) -> None:
        self._username = spec.credentials["username"]
        self._password = spec.credentials["password"]
        self._base_url = spec.base_url.rstrip("/")
        self._brand = f"{self._base_url}/sps/{settings.iys_code}/brands/{settings.brand_code}"
        self._clock = clock
        self._token: Secret | None = None
        self._token_ends = 0.0
        limit = LIMITS.of(
            provider=f"iys {self._base_url}", credential=self._username.reveal(), rate=settings.rate, clock=clock
        )
        self._http = HttpClient(client, limit=limit, settings=settings.http, clock=clock)

    async def authorise(self) -> None:
        """Get a token, if there is none. Raises `ProviderFailure`."""
        await self._valid_token()

    async def ask(
        self, method: str, path: str, read: Callable[[Answer], T], *, body: object = None, query: str = ""
    ) -> T:
        """A request below the brand's path; what `read` makes of the answer. Raises `ProviderFailure`."""
        url = f"{self._brand}{path}{query}"
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            return await self._ask(method, url, read, content)
        except ProviderFailure as failure:
            if failure.status != 401 or self._token is None:
                raise
        # A token may end before its time; if a fresh one does not serve, the account is wrong.
        self._token = None
        return await self._ask(method, url, read, content)

    async def _ask(self, method: str, url: str, read: Callable[[Answer], T], content: bytes) -> T:
        token = await self._valid_token()

        def prepare() -> httpx.Request:
            headers = {
                "accept": "application/json",
                "content-type": "application/json",
                "authorization": f"Bearer {token.reveal()}",
            }
            return self._http.request(method, url, headers=headers, content=content)

        return await self._http.send(prepare, read)

    async def _valid_token(self) -> Secret:
        if self._token is None or self._clock.monotonic() >= self._token_ends - TOKEN_RESERVE:
            self._token = None
            asked_at = self._clock.monotonic()
            token, life = await self._http.send(self._token_request, _read_token)
            self._token, self._token_ends = token, asked_at + life
        return self._token

    def _token_request(self) -> httpx.Request:
        form = {
            "grant_type": "password",
            "username": self._username.reveal(),
            "password": self._password.reveal(),
        }
        headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
        content = urlencode(form).encode()
        return self._http.request("POST", f"{self._base_url}{TOKEN_PATH}", headers=headers, content=content)


def _read_token(answer: Answer) -> tuple[Secret, float]:
    document: Any = document_of(answer)
    found = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    token, life = found.get("access_token"), found.get("expires_in")
    if not isinstance(token, str) or not token:
        raise ProviderFailure("transient", "answer_malformed", status=answer.status)
    return Secret(token), float(life) if isinstance(life, int) else _LIFE_UNLESS_SAID
