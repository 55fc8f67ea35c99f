"""Requests to the REST service and the session they need. Knows HTTP and the envelope, nothing of streams."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.arvento.failures import CODES, refusal
from connectors.arvento.settings import ArventoSettings, service_url
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.http import HttpClient
from connectors.limits import LIMITS
from connectors.secret import Secret

if TYPE_CHECKING:
    import httpx

    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.http import Answer

_LOGIN = "/login"


class RestClient:
    """One account's way to the REST service. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: ArventoSettings, clock: Clock
    ) -> None:
        self._username = spec.credentials["username"]
        self._password = spec.credentials.get("rest_password", Secret(""))
        if not self._password:
            raise ProviderFailure("permanent", "settings_invalid", field="rest_password")
        self._url = service_url(spec.base_url)
        self._session: Secret | None = None
        limit = LIMITS.of(
            provider=f"arvento {self._url}", credential=self._username.reveal(), rate=settings.rate, clock=clock
        )
        self._http = HttpClient(client, limit=limit, settings=settings.http, clock=clock)

    async def records(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> list[Any]:
        """The `List` of an answer; empty where there is none. Raises `ProviderFailure`."""
        for _ in range(2):
            session = self._session or await self._login()
            document = await self._send(method, path, body, session=session)
            if document is not None:
                return _list(document)
            # Another login, in the web page too, ended ours. Once only: two clients that kept logging in would take
            # turns for ever.
            self._session = None
        raise ProviderFailure("permanent", "credentials_rejected", status=401)

    async def _login(self) -> Secret:
        body = {"userName": self._username.reveal(), "password": self._password.reveal()}
        document = await self._send("POST", _LOGIN, body, session=None)
        if document is None:
            raise ProviderFailure("permanent", "credentials_rejected", status=401)
        record = document.get("Record")
        session: Any = record.get("sessionId") if isinstance(record, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if not isinstance(session, str) or not session:
            raise ProviderFailure("transient", "answer_malformed")
        self._session = Secret(session)
        return self._session

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, session: Secret | None
    ) -> dict[str, Any] | None:
        """The envelope of a good answer; None where the session is dead."""
        content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()

        def prepare() -> httpx.Request:
            headers = {"accept": "application/json", "content-type": "application/json"}
            if session is not None:
                headers["authorization"] = f"sid {session.reveal()}"
            return self._http.request(method, self._url + path, headers=headers, content=content)

        def read(answer: Answer) -> dict[str, Any] | None:
            return None if answer.status == 401 else read_envelope(answer, login=path == _LOGIN)

        return await self._http.send(prepare, read)


def read_envelope(answer: Answer, *, login: bool = False) -> dict[str, Any]:
    """The document of a good answer. Raises `ProviderFailure` for every other one: it says its failures under 200."""
    of_status = answer.failure_of_status()
    if of_status is not None:
        raise of_status
    document: Any = decode_json(answer.content)
    if not isinstance(document, dict) or "HasError" not in document:
        raise ProviderFailure("transient", "answer_malformed", status=answer.status)
    envelope: dict[str, Any] = document  # pyright: ignore[reportUnknownVariableType]
    if not envelope["HasError"] and envelope.get("Status") in (0, None):
        return envelope
    raise _failure(envelope, status=answer.status, login=login)


def _failure(envelope: Mapping[str, Any], *, status: int, login: bool) -> ProviderFailure:
    message = envelope.get("Message")
    refused = refusal(message, status=status) if isinstance(message, str) else None
    if refused is not None:
        return refused
    code = str(envelope.get("Status"))
    if code in CODES.entries:
        return CODES.failure(code, status=status)
    if login:
        # A login has nothing else to object to than who asks.
        return CODES.failure("ACCESS_DENIED", status=status)
    return CODES.failure(code if code.isdecimal() else "ERROR", status=status)


def _list(document: Mapping[str, Any]) -> list[Any]:
    records = document.get("List")
    if records is None:
        return []
    if not isinstance(records, list):
        raise ProviderFailure("transient", "wrong_type", field="List")
    return records  # pyright: ignore[reportUnknownVariableType]
