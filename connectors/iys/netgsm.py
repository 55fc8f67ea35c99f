"""İYS through Netgsm, for a tenant whose gateway is its reseller there: credentials in the body, code "0" for success.

The account is the one of the tenant's `netgsm` integration; which brand is meant stands in its setting
`iys_brand_code`. Netgsm answers later by webhook only, and sends citizens' changes the same way (`pushed`).
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn, cast

from connectors.classify import CREDENTIALS_REJECTED, PROVIDER_ERROR, RATE_LIMITED, REQUEST_REFUSED, CodeTable
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import ConnectionSpec, RateLimit
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.http import Answer, HttpClient
from connectors.iys.register import Address, Changes, Origin, Permission, Result, Standing
from connectors.iys.settings import DEFAULT_HTTP
from connectors.iys.settings import code as code_setting
from connectors.iys.wire import address_fields, permission_fields, permission_of, safe_code
from connectors.limits import LIMITS
from connectors.settings import http_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

BRAND_SETTING = "iys_brand_code"
USERCODE, PASSWORD = "usercode", "password"
MOST_AT_ONCE = 500
RATE = RateLimit(requests=10, per=timedelta(minutes=1))
"""Stated by integrators for adding; taken for asking too."""

_OK, _NOT_FOUND = "0", "50"
CODES = CodeTable(
    {
        "30": CREDENTIALS_REJECTED,
        "70": REQUEST_REFUSED,
        "80": RATE_LIMITED,
        "100": PROVIDER_ERROR,
        "101": PROVIDER_ERROR,
    },
    default=REQUEST_REFUSED,
)


class NetgsmRegister:
    """Netgsm's form of the register, as a `PermissionRegister`. Its `repr` shows no secret."""

    at_once = MOST_AT_ONCE
    answers_later = False
    tells_changes = False

    def __init__(self, spec: ConnectionSpec, client: httpx.AsyncClient, *, brand_code: str, clock: Clock) -> None:
        self._usercode = spec.credentials[USERCODE]
        self._password = spec.credentials[PASSWORD]
        self._brand_code = brand_code
        self._base_url = spec.base_url.rstrip("/")
        limit = LIMITS.of(
            provider=f"netgsm-iys {self._base_url}", credential=self._usercode.reveal(), rate=RATE, clock=clock
        )
        settings = http_settings(spec.settings, DEFAULT_HTTP)
        self._http = HttpClient(client, limit=limit, settings=settings, clock=clock)

    async def add(self, permission: Permission) -> None:
        """`POST /iys/add` with one."""
        await self.submit([permission])

    async def submit(self, permissions: Sequence[Permission]) -> str:
        """`POST /iys/add`; the `uid` of the job."""
        data = [permission_fields(each) for each in permissions]
        document = await self._send("/iys/add", data)
        uid = document.get("uid") if document is not None else None
        if not isinstance(uid, str) or not uid:
            raise ProviderFailure("transient", "answer_malformed")
        return uid

    async def results(self, submission: str) -> Sequence[Result]:
        """Netgsm tells them by webhook only."""
        del submission
        _not_offered()

    async def standing(self, address: Address) -> Standing:
        """`POST /iys/search`; its code 50 means that there is no record."""
        document = await self._send("/iys/search", [address_fields(address)], nothing=_NOT_FOUND)
        if document is None:
            return Standing(None)
        query = document.get("query")
        if not isinstance(query, dict):
            raise ProviderFailure("transient", "answer_malformed")
        told = permission_of({**address_fields(address), **cast("dict[str, Any]", query)})
        return Standing(told.status, told.source, told.consent_date)

    async def changes(self, origin: Origin, after: str | None) -> Changes:
        """Netgsm sends them by webhook only."""
        del origin, after
        _not_offered()

    async def _send(
        self, path: str, data: list[dict[str, str]], *, nothing: str | None = None
    ) -> Mapping[str, Any] | None:
        body = {
            "header": {
                "username": self._usercode.reveal(),
                "password": self._password.reveal(),
                "brandCode": self._brand_code,
            },
            "body": {"data": data},
        }
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

        def prepare() -> httpx.Request:
            headers = {"accept": "application/json", "content-type": "application/json"}
            return self._http.request("POST", f"{self._base_url}{path}", headers=headers, content=content)

        return await self._http.send(prepare, lambda answer: _read(answer, nothing))


@asynccontextmanager
async def open_register(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[NetgsmRegister]:
    """The register over a `netgsm` integration. No request is made yet. `ProviderFailure` settings_invalid."""
    brand_code = code_setting(spec.settings, BRAND_SETTING)
    yield NetgsmRegister(spec, client, brand_code=brand_code, clock=clock)


def pushed(document: object) -> list[Permission]:
    """The changes in a push of Netgsm; entries whose result was no success, and unreadable ones, are left away.

    Nobody signed it: a hint, to be asked after before it loosens anything.
    """
    found: list[Permission] = []
    for each in cast("list[Any]", document) if isinstance(document, list) else []:
        if not isinstance(each, dict):
            continue
        fields = cast("dict[str, Any]", each)
        if fields.get("resultstatus", "success") != "success":
            continue
        try:
            found.append(permission_of(fields))
        except ProviderFailure:
            continue
    return found


def _read(answer: Answer, nothing: str | None) -> Mapping[str, Any] | None:
    """Success is code 0, as text or as a number. A refusal may come under 200 as well as under 4xx."""
    of_status = answer.failure_of_status()
    if of_status is not None and (answer.status >= 500 or answer.status == 429 or answer.status < 400):
        raise of_status
    document = _document(answer, readable=of_status is None)
    code = document.get("code") if document is not None else None
    if code is None or isinstance(code, bool) or document is None:
        raise of_status or ProviderFailure("transient", "answer_malformed", status=answer.status)
    if str(code) in (_OK, "00") and of_status is None:
        return document
    if str(code) == nothing:
        return None
    failure = CODES.failure(str(code), status=answer.status, retry_after=answer.retry_after)
    raise ProviderFailure(
        failure.kind,
        failure.code,
        status=answer.status,
        provider_code=safe_code(code),
        retry_after=answer.retry_after,
    )


def _document(answer: Answer, *, readable: bool) -> Mapping[str, Any] | None:
    """A body that nobody can read leaves the word to a refusing status."""
    try:
        document = decode_json(answer.content)
    except ProviderFailure:
        if readable:
            raise
        return None
    return cast("Mapping[str, Any]", document) if isinstance(document, dict) else None


def _not_offered() -> NoReturn:
    raise ProviderFailure("permanent", "request_refused", field="not_offered")
