"""Requests to Nilvera with a company's key. Knows HTTP and multipart, nothing of invoices."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from connectors.attempt import AttemptClient
from connectors.decode import decode_json
from connectors.einvoice.user_list import LIST_TIMEOUT_SECONDS, LONGEST_PACKED_LIST
from connectors.failure import ProviderFailure
from connectors.http import HttpClient
from connectors.limits import LIMITS
from connectors.nilvera.failures import failure_of

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Outcome
    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.http import Answer
    from connectors.nilvera.settings import NilveraSettings

Query = Mapping[str, str | int]
Judge = Callable[["Answer"], "Outcome"]


class NilveraClient:
    """One company's way to Nilvera. Its `repr` shows no secret."""

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: NilveraSettings, clock: Clock
    ) -> None:
        self._key = spec.credentials["api_key"]
        self._base_url = spec.base_url.rstrip("/")
        limit = LIMITS.of(
            provider=f"nilvera {self._base_url}", credential=self._key.reveal(), rate=settings.rate, clock=clock
        )
        self._reading = HttpClient(client, limit=limit, settings=settings.http, clock=clock)
        patient = replace(settings.http, request_timeout=LIST_TIMEOUT_SECONDS, longest_answer=LONGEST_PACKED_LIST)
        self._listing = HttpClient(client, limit=limit, settings=patient, clock=clock)
        self._acting = AttemptClient(client, limit=limit, settings=settings.http, clock=clock)

    async def get(self, path: str, query: Query | None = None) -> Any:
        """A document. Raises `ProviderFailure`."""
        return decoded(await self.answer(path, query))

    async def answer(
        self,
        path: str,
        query: Query | None = None,
        *,
        bear: tuple[int, ...] = (),
        once: bool = False,
        long: bool = False,
    ) -> Answer:
        """The answer to a GET, also one of the statuses in `bear`.

        With `once` it is not asked for again; with `long` it may be GİB's whole list. Raises `ProviderFailure`.
        """

        def read(answer: Answer) -> Answer:
            failure = failure_of(answer)
            if failure is not None and answer.status not in bear:
                raise failure
            return answer

        client = self._acting if once else self._listing if long else self._reading
        return await client.send(lambda: self._request("GET", path, query), read)

    async def act(self, method: str, path: str, judge: Judge, *, body: Any = None) -> Outcome:
        """One attempt with a JSON body, or with none."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        kind = {} if body is None else {"content-type": "application/json"}
        return await self._acting.attempt(self._request(method, path, None, kind, content), judge)

    async def upload(self, path: str, query: Query, content: bytes, *, name: str, judge: Judge) -> Outcome:
        """One attempt to hand over an XML file in the multipart field `file`."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/xml\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
        return await self._acting.attempt(self._request("POST", path, query, kind, body), judge)

    def _request(
        self,
        method: str,
        path: str,
        query: Query | None,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> httpx.Request:
        url = f"{self._base_url}{path}" + (f"?{urlencode(query)}" if query else "")
        merged = {
            "accept": "application/json",
            "authorization": f"Bearer {self._key.reveal()}",
            **(headers or {}),
        }
        if method != "GET" and not content:
            merged["content-length"] = "0"
        return self._acting.request(method, url, headers=merged, content=content)


def decoded(answer: Answer) -> Any:
    """The JSON of an answer. Raises `ProviderFailure` answer_malformed."""
    return decode_json(answer.content)


def record(document: Any) -> dict[str, Any]:
    """A JSON object. Raises `ProviderFailure` answer_malformed for anything else."""
    if not isinstance(document, dict):
        raise ProviderFailure("transient", "answer_malformed")
    return document  # pyright: ignore[reportUnknownVariableType]


def records(document: Any) -> list[dict[str, Any]]:
    """A list of JSON objects. Raises `ProviderFailure` answer_malformed for anything else."""
    if not isinstance(document, list):
        raise ProviderFailure("transient", "answer_malformed")
    return [record(each) for each in document]  # pyright: ignore[reportUnknownVariableType]
