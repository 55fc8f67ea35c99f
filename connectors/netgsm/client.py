"""Requests to Netgsm under one subscriber's credentials: questions, which may be repeated, and sends, which may not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlencode

from connectors.attempt import AttemptClient
from connectors.http import HttpClient
from connectors.limits import LIMITS
from connectors.netgsm.codes import NOTHING_THERE, said
from connectors.netgsm.settings import LIVE, OTP_RATE, WHATSAPP_LIVE

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Outcome
    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec, RateLimit
    from connectors.http import Answer
    from connectors.limits import CredentialLimit
    from connectors.netgsm.settings import NetgsmSettings

T = TypeVar("T")
Line = Literal["sms", "otp"]


class NetgsmClient:
    """One credential's way to Netgsm. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: NetgsmSettings, clock: Clock
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._usercode = spec.credentials["usercode"]
        self._password = spec.credentials["password"]
        self._base_url = spec.base_url.rstrip("/")
        # A one-time password by WhatsApp has a host of its own; a stand-in answers both on one address.
        self._whatsapp_url = WHATSAPP_LIVE if self._base_url == LIVE else self._base_url

        def limit(what: str, rate: RateLimit) -> CredentialLimit:
            provider = f"netgsm {what} {self._base_url}"
            return LIMITS.of(provider=provider, credential=self._usercode.reveal(), rate=rate, clock=clock)

        ordinary, http = limit("requests", settings.rate), settings.http
        self._questions = HttpClient(client, limit=ordinary, settings=http, clock=clock)
        self._reports = HttpClient(client, limit=limit("reports", settings.report_rate), settings=http, clock=clock)
        self._sends: dict[Line, AttemptClient] = {
            "sms": AttemptClient(client, limit=ordinary, settings=http, clock=clock),
            "otp": AttemptClient(client, limit=limit("otp", OTP_RATE), settings=http, clock=clock),
        }

    def named(self, fields: Mapping[str, T]) -> dict[str, T | str]:
        """The fields with the name under which Netgsm's panel shows the hub, where the account has one."""
        return {**fields, **({"appname": self.settings.appname} if self.settings.appname else {})}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        empty: str | None = None,
    ) -> dict[str, Any] | None:
        """The document of an answer, asked again while the failure is transient; None for the code `empty`.

        Raises `ProviderFailure`.
        """
        url = f"{self._base_url}{path}" + (f"?{urlencode(query)}" if query else "")
        http = self._questions
        return await http.send(lambda: self._request(http, method, url, body), partial(said, empty=empty))

    async def report(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """A page of the report, which has a limit of its own; None when there are no rows. Raises `ProviderFailure`."""
        url, http = f"{self._base_url}/sms/rest/v2/report", self._reports
        read = partial(said, empty=NOTHING_THERE)
        return await http.send(lambda: self._request(http, "POST", url, self.named(body)), read)

    async def balance(self, what: int) -> dict[str, Any]:
        """The balance, the one service with the credentials in its body; empty when there is none to tell.

        Raises `ProviderFailure`.
        """
        body: dict[str, Any] = {
            "usercode": self._usercode.reveal(),
            "password": self._password.reveal(),
            "stip": what,
            **({"appkey": self.settings.appname} if self.settings.appname else {}),
        }
        headers = {"accept": "application/json", "content-type": "application/json"}
        url, http, content = f"{self._base_url}/balance", self._questions, _dump(body)
        read = partial(said, empty=NOTHING_THERE)
        return await http.send(lambda: http.request("POST", url, headers=headers, content=content), read) or {}

    async def attempt(
        self, line: Line, path: str, body: Mapping[str, Any], read: Callable[[Answer], Outcome]
    ) -> Outcome:
        """One attempt at a send, never repeated here."""
        http = self._sends[line]
        return await http.attempt(self._request(http, "POST", f"{self._base_url}{path}", self.named(body)), read)

    async def attempt_whatsapp(self, body: Mapping[str, Any], read: Callable[[Answer], Outcome]) -> Outcome:
        """One attempt at a one-time password by WhatsApp."""
        http = self._sends["otp"]
        return await http.attempt(self._request(http, "POST", f"{self._whatsapp_url}/v1/otp", body), read)

    def _request(self, http: HttpClient, method: str, url: str, body: Mapping[str, Any] | None) -> httpx.Request:
        # UTF-8, as the vendor's JavaScript client has it; its Python client fails on a password beyond ASCII.
        pair = f"{self._usercode.reveal()}:{self._password.reveal()}".encode()
        headers = {
            "accept": "application/json",
            "content-type": "application/json",
            "authorization": f"Basic {base64.b64encode(pair).decode()}",
        }
        return http.request(method, url, headers=headers, content=b"" if body is None else _dump(body))


def _dump(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
