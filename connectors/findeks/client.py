"""One integrator account's requests: a token that lives in memory, renewed once when the gateway no longer takes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

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

    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.findeks.settings import FindeksSettings

T = TypeVar("T")
_LIFE_UNLESS_SAID = 300.0


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

    async def get(
        self, path: str, query: Mapping[str, str | int], read: Callable[[bytes], T], *, accept: Format = "json"
    ) -> T:
        """What `read` makes of an answer; one that it cannot read is asked for again. Raises `ProviderFailure`."""
        if (urlsplit(self._base_url).hostname or "").endswith(".invalid"):
            raise ProviderFailure("permanent", "settings_invalid", field="base_url")
        url = f"{self._base_url}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            return await self._get(url, read, accept)
        except ProviderFailure as failure:
            if failure.status != 401 or self._token is None:
                raise
        # A token may end before its time. A fresh one is asked for once: if that does not serve, the account is wrong.
        self._token = None
        return await self._get(url, read, accept)

    async def _get(self, url: str, read: Callable[[bytes], T], accept: Format) -> T:
        token = await self._valid_token()

        def prepare() -> httpx.Request:
            headers = {"accept": ACCEPT[accept], "authorization": f"Bearer {token.reveal()}"}
            return self._http.request("GET", url, headers=headers)

        return await self._http.send(prepare, lambda answer: read(content_of(answer)))

    async def _valid_token(self) -> Secret:
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
