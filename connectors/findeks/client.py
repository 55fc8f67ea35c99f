"""One integrator account's requests: a token that lives in memory, renewed once when the gateway no longer takes it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from connectors.actions import Refused
from connectors.attempt import AttemptClient
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.fields import to_decimal
from connectors.findeks.failures import content_of
from connectors.findeks.settings import ACCEPT, RATE, TOKEN_PATH, TOKEN_RESERVE, Format
from connectors.http import Answer, HttpClient
from connectors.limits import LIMITS
from connectors.nested import record_in
from connectors.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from connectors.actions import Outcome
    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.findeks.settings import FindeksSettings

T = TypeVar("T")
_LIFE_UNLESS_SAID = 300.0
_JSON = {"accept": "application/json", "content-type": "application/json"}


class FindeksClient:
    """One credential's way to the gateway. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: FindeksSettings, clock: Clock
    ) -> None:
        self._client_id = spec.credentials["client_id"]
        self._client_secret = spec.credentials["client_secret"]
        self._base_url = spec.base_url.rstrip("/")
        self._clock = clock
        self._token: Secret | None = None
        self._token_ends = 0.0
        limit = LIMITS.of(
            provider=f"findeks {self._base_url}",
            credential=self._client_id.reveal(),
            rate=settings.rate or RATE,
            clock=clock,
        )
        self._http = HttpClient(client, limit=limit, settings=settings.http, clock=clock)
        self._once = HttpClient(client, limit=limit, settings=replace(settings.http, attempts=1), clock=clock)
        self._acting = AttemptClient(client, limit=limit, settings=settings.http, clock=clock)

    async def get(
        self, path: str, query: Mapping[str, str | int], read: Callable[[bytes], T], *, accept: Format = "json"
    ) -> T:
        """What `read` makes of an answer; one that it cannot read is asked for again. Raises `ProviderFailure`."""
        url = f"{self._base_url}{path}" + (f"?{urlencode(query)}" if query else "")

        async def asked(token: Secret) -> T:
            def prepare() -> httpx.Request:
                return self._http.request("GET", url, headers={"accept": ACCEPT[accept], **_bearer(token)})

            return await self._http.send(prepare, lambda answer: read(content_of(answer)))

        return await self._with_token(asked)

    async def post(self, path: str, body: Mapping[str, Any], read: Callable[[bytes], T]) -> T:
        """The same for a request that sends somebody a message: it is not repeated. Raises `ProviderFailure`."""

        async def asked(token: Secret) -> T:
            return await self._once.send(
                lambda: self._post(token, path, body, {}), lambda answer: read(content_of(answer))
            )

        return await self._with_token(asked)

    async def attempt(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str], read: Callable[[Answer], Outcome]
    ) -> Outcome:
        """One attempt at something that cannot be undone. Without a token there is none, and nothing was asked for."""
        held = self._token
        try:
            token = await self._valid_token()
        except ProviderFailure as failure:
            return Refused(failure)
        outcome = await self._acting.attempt(self._post(token, path, body, headers), read)
        ended = isinstance(outcome, Refused) and outcome.failure.status == 401 and token is held
        if not ended:
            return outcome
        self._token = None
        return await self.attempt(path, body, headers, read)

    async def _with_token(self, asked: Callable[[Secret], Awaitable[T]]) -> T:
        try:
            return await asked(await self._valid_token())
        except ProviderFailure as failure:
            if failure.status != 401 or self._token is None:
                raise
        # A token may end before its time. A fresh one is asked for once: if that does not serve, the account is wrong.
        self._token = None
        return await asked(await self._valid_token())

    def _post(self, token: Secret, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> httpx.Request:
        content = json.dumps(body, separators=(",", ":")).encode()
        merged = {**_JSON, **_bearer(token), **headers}
        return self._http.request("POST", f"{self._base_url}{path}", headers=merged, content=content)

    async def _valid_token(self) -> Secret:
        if (urlsplit(self._base_url).hostname or "").endswith(".invalid"):
            raise ProviderFailure("permanent", "settings_invalid", field="base_url")
        if self._token is None or self._clock.monotonic() >= self._token_ends - TOKEN_RESERVE:
            self._token = None
            asked_at = self._clock.monotonic()
            token, life = await self._http.send(self._token_request, _read_token)
            self._token, self._token_ends = token, asked_at + life
        return self._token

    def _token_request(self) -> httpx.Request:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id.reveal(),
            "client_secret": self._client_secret.reveal(),
        }
        headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
        return self._http.request(
            "POST", f"{self._base_url}{TOKEN_PATH}", headers=headers, content=urlencode(form).encode()
        )


def _bearer(token: Secret) -> dict[str, str]:
    return {"authorization": f"Bearer {token.reveal()}"}


def _read_token(answer: Answer) -> tuple[Secret, float]:
    document: dict[str, Any] = record_in(decode_json(content_of(answer)))
    token = document.get("access_token")
    if not isinstance(token, str) or not token:
        raise ProviderFailure("transient", "answer_malformed", status=answer.status)
    return Secret(token), _life(document.get("expires_in"))


def _life(seconds: object) -> float:
    try:
        return max(0.0, float(to_decimal(seconds)))
    except (ValueError, TypeError):
        return _LIFE_UNLESS_SAID
