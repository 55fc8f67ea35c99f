"""One brand's conversation with İYS: its permissions, and what citizens changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import ConnectionSpec, Page, Window
from connectors.failure import ProviderFailure
from connectors.iys.client import IysClient
from connectors.iys.failures import document_of, record_or_nothing
from connectors.iys.register import Address, Changes, Origin, Permission, Result, Standing
from connectors.iys.settings import CHANGES_PAGE, MOST_AT_ONCE, IysSettings
from connectors.iys.wire import address_fields, permission_fields, permission_of, safe_code, wrong

if TYPE_CHECKING:
    import httpx

    from connectors.http import Answer


class IysRegister:
    """İYS's own API, as a `PermissionRegister`. Its `repr` shows no secret."""

    at_once = MOST_AT_ONCE
    answers_later = True
    tells_changes = True

    def __init__(self, client: IysClient) -> None:
        self._client = client

    async def add(self, permission: Permission) -> None:
        """`POST /consents`."""
        await self._client.ask("POST", "/consents", document_of, body=permission_fields(permission))

    async def submit(self, permissions: Sequence[Permission]) -> str:
        """`POST /consents/request`; the request's id."""
        body = [permission_fields(each) for each in permissions]
        return await self._client.ask("POST", "/consents/request", _request_id, body=body)

    async def results(self, submission: str) -> Sequence[Result]:
        """`GET /consents/request/{id}`."""
        return await self._client.ask("GET", f"/consents/request/{quote(submission, safe='')}", _results)

    async def standing(self, address: Address) -> Standing:
        """`POST /consents/status`."""
        found = await self._client.ask("POST", "/consents/status", record_or_nothing, body=address_fields(address))
        if found is None:
            return Standing(None)
        told = permission_of({**address_fields(address), **found})
        return Standing(told.status, told.source, told.consent_date)

    async def changes(self, origin: Origin, after: str | None) -> Changes:
        """`GET /consents/changes`, oldest first."""
        asked = {"source": origin, "limit": str(CHANGES_PAGE), **({"after": after} if after else {})}
        return await self._client.ask("GET", "/consents/changes", _changes, query=f"?{urlencode(asked)}")


class IysSession:
    """What the contract of providers asks for: a test. İYS has no streams."""

    def __init__(self, client: IysClient) -> None:
        self.register = IysRegister(client)

    async def test(self) -> None:
        """Ask for what changed: it takes account, code and brand, and leaves no trace."""
        await self.register.changes("IYS", None)

    def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """There is none. KeyError."""
        del window
        raise KeyError(stream)


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[IysSession]:
    """Open a session on the shared client. No request is made yet. `ProviderFailure` settings_invalid."""
    settings = IysSettings.of(spec.settings)
    yield IysSession(IysClient(spec, client, settings=settings, clock=clock))


def _request_id(answer: Answer) -> str:
    document = document_of(answer)
    found = cast("dict[str, Any]", document).get("requestId") if isinstance(document, dict) else None
    if not isinstance(found, str) or not found:
        raise ProviderFailure("transient", "answer_malformed", status=answer.status)
    return found


def _results(answer: Answer) -> list[Result]:
    return [_result(each) for each in _records(document_of(answer))]


def _result(fields: Mapping[str, Any]) -> Result:
    index, status = fields.get("index"), fields.get("status")
    if not isinstance(index, int) or isinstance(index, bool):
        raise wrong("index")
    if status in ("success", "completed"):
        return Result(index, "accepted")
    if status != "failure":
        return Result(index, "waiting")
    error = fields.get("error")
    code = cast("dict[str, Any]", error).get("code") if isinstance(error, dict) else None
    return Result(index, "refused", safe_code(code))


def _changes(answer: Answer) -> Changes:
    document = document_of(answer)
    found = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    listed, after = found.get("list"), found.get("after")
    changes = [permission_of(each) for each in _records(listed if listed is not None else [])]
    return Changes(changes, after if isinstance(after, str) and after else None, len(changes) >= CHANGES_PAGE)


def _records(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise ProviderFailure("transient", "answer_malformed")
    entries = cast("list[Any]", value)
    if not all(isinstance(each, dict) for each in entries):
        raise ProviderFailure("transient", "answer_malformed")
    return entries
