"""The door: an ASGI application that the API mounts under `/dagster`, in front of Dagster's webservers on loopback.

Platform analysts reach a webserver that Dagster itself runs read-only; platform administrators who may operate reach
the one that is not, where `hub up --admin` has started it. A tenant's people find nothing here, for Dagster shows all
tenants' ids. The rules stand in `paths`, `cross_site`, `operations` and `gate`; here is the order they are asked in.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.websockets import WebSocket

from hub.dagster_door.attempts import Attempts, ip_of
from hub.dagster_door.channel import Channel
from hub.dagster_door.cross_site import is_cross_site
from hub.dagster_door.gate import Gate
from hub.dagster_door.limits import Limits
from hub.dagster_door.operations import GraphQLRequest, Unreadable, decoded, request_of, requests_of
from hub.dagster_door.paths import address_of
from hub.dagster_door.refusals import accepts_page, deny, put_off, refused, to_sign_in
from hub.dagster_door.webserver import Webserver
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from hub.dagster_door.access import Access, Attempted, Audited, Authorise, Strangers
    from hub.dagster_door.paths import Address

RECHECK_SECONDS = 60.0
"""How long a websocket lives on after the session that opened it, at most."""

_TO_GRAPHQL = frozenset({"GET", "POST"})
_TO_PAGES = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class _Admitted:
    address: Address
    access: Access


@dataclass(frozen=True)
class _Refused:
    code: str
    access: Access | None = None
    address: Address | None = None
    """Where to come back to; None unless nobody is signed in."""


class DagsterDoor:
    """See `dagster_door`. `aclose()` when the application stops."""

    def __init__(
        self,
        *,
        authorise: Authorise,
        readonly_url: str,
        admin_url: str | None,
        audited: Audited,
        attempted: Attempted,
        strangers: Strangers,
        limits: Limits,
        recheck_due: Callable[[], Awaitable[None]],
    ) -> None:
        self._authorise = authorise
        self._attempts = Attempts(attempted)
        self._strangers = strangers
        self._limits = limits
        self._readonly = Webserver(readonly_url, limits)
        self._admin = Webserver(admin_url, limits) if admin_url else None
        self._gate = Gate(audited, admin_runs=self._admin is not None)
        self._recheck_due = recheck_due
        self._sockets = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        if scope["type"] == "websocket":
            await self._socket(WebSocket(scope, receive, send))
        elif scope["type"] == "http":
            try:
                response = await self._answer(Request(scope, receive))
            except ClientDisconnect:
                return
            except HubError as error:
                response = put_off(scope, error)
            await response(scope, receive, send)

    async def aclose(self) -> None:
        """Close the connections to the webservers."""
        await self._readonly.aclose()
        if self._admin is not None:
            await self._admin.aclose()

    async def _admitted(self, scope: Scope) -> _Admitted | _Refused:
        """Who comes in and to which address, or what they hear instead. HubError `too_many_calls`.

        Whoever comes in is not counted, so that strangers shut nobody out who shares their network.
        """
        found = await self._judged(scope)
        if isinstance(found, _Refused):
            # Written down before it is counted: nobody hides an attempt behind a flood.
            await self._attempts.note(scope, found.code, found.access)
            await self._strangers(ip_of(scope))
        return found

    async def _judged(self, scope: Scope) -> _Admitted | _Refused:
        address = address_of(scope)
        access = await self._authorise(scope)
        if address is None:
            return _Refused("dagster_not_here", access)
        if access is None:
            return _Refused("dagster_not_signed_in", address=address)
        if not access.views:
            return _Refused("dagster_not_here", access)
        if is_cross_site(scope):
            return _Refused("dagster_cross_site", access)
        return _Admitted(address, access)

    async def _answer(self, request: Request) -> Response:
        scope, method = request.scope, request.method
        admitted = await self._admitted(scope)
        if isinstance(admitted, _Refused):
            if admitted.address is not None and method in _TO_PAGES and accepts_page(scope):
                return to_sign_in(admitted.address)
            return refused(scope, admitted.code, admitted.access)
        address, access = admitted.address, admitted.access
        webserver = self._webserver(access)
        if method not in (_TO_GRAPHQL if address.is_graphql else _TO_PAGES):
            return await self._refused(scope, "dagster_method", access)
        if not address.is_graphql:
            return await webserver.passed_on(scope, address.target, method=method)
        if method == "GET" and accepts_page(scope):
            # Dagster's editor of queries; the page executes nothing of what the address says.
            return await webserver.passed_on(scope, address.path, method="GET")
        return await self._graphql(request, address, access, webserver)

    async def _graphql(self, request: Request, address: Address, access: Access, webserver: Webserver) -> Response:
        scope, by_get = request.scope, request.method == "GET"
        try:
            if by_get:
                asked, batch = [_by_query(address.query)], False
            else:
                asked, batch = await self._posted(request)
            impossible = "dagster_mutation_by_get" if by_get else "dagster_batch" if batch else None
            code = await self._gate.refusal(asked, access, ip_of(scope), "http", impossible=impossible)
        except Unreadable as error:
            return await self._refused(scope, error.code, access)
        if code is not None:
            return refused(scope, code, access)  # the gate has written down which mutations it was
        if batch:
            return await self._refused(scope, "dagster_batch", access)
        return await webserver.passed_on(scope, address.path, method="POST", body=asked[0].body())

    async def _refused(self, scope: Scope, code: str, access: Access) -> Response:
        await self._attempts.note(scope, code, access)
        return refused(scope, code, access)

    async def _posted(self, request: Request) -> tuple[list[GraphQLRequest], bool]:
        """The requests of a body, and whether they came as a batch. Raises Unreadable."""
        headers = Headers(scope=request.scope)
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        if kind not in ("application/json", "application/graphql") or "content-encoding" in headers:
            raise Unreadable("dagster_body_type")
        try:
            body = await asyncio.wait_for(self._body(request), self._limits.body_seconds)
        except TimeoutError:
            raise Unreadable("dagster_body_slow") from None
        if kind == "application/graphql":
            try:
                return [GraphQLRequest(body.decode(), {}, None)], False
            except UnicodeDecodeError:
                raise Unreadable("dagster_body_unreadable") from None
        return requests_of(decoded(body))

    async def _body(self, request: Request) -> bytes:
        whole = bytearray()
        async for chunk in request.stream():
            whole += chunk
            if len(whole) > self._limits.body_bytes:
                raise Unreadable("dagster_body_large")
        return bytes(whole)

    async def _socket(self, websocket: WebSocket) -> None:
        scope = websocket.scope
        await websocket.receive()  # websocket.connect: it can be answered from here on
        try:
            admitted = await self._admitted(scope)
        except HubError as error:
            return await deny(websocket, error.code)
        if isinstance(admitted, _Refused):
            return await deny(websocket, admitted.code)
        access = admitted.access
        if not admitted.address.is_graphql:
            await self._attempts.note(scope, "dagster_not_here", access)
            return await deny(websocket, "dagster_not_here")
        if self._sockets >= self._limits.sockets:
            return await deny(websocket, "dagster_too_many_sockets")
        channel = Channel(
            websocket,
            access,
            ip=ip_of(scope),
            netloc=self._webserver(access).netloc,
            gate=self._gate,
            attempts=self._attempts,
            authorise=self._authorise,
            recheck_due=self._recheck_due,
            limits=self._limits,
        )
        self._sockets += 1
        try:
            await channel.serve()
        finally:
            self._sockets -= 1
        return None

    def _webserver(self, access: Access) -> Webserver:
        return self._admin if self._admin is not None and access.operates else self._readonly


def dagster_door(
    *,
    authorise: Authorise,
    readonly_url: str,
    admin_url: str | None,
    audited: Audited,
    attempted: Attempted,
    strangers: Strangers,
    limits: Limits | None = None,
    recheck_due: Callable[[], Awaitable[None]] | None = None,
) -> DagsterDoor:
    """The application. `authorise` tells whose a request is; `audited` must have committed when it returns.

    `attempted` hears of refused calls, and `strangers` counts them by network.

    `readonly_url` is a webserver started with `--read-only`, `admin_url` one without it, both with `--path-prefix
    /dagster`; their host and port are used. `recheck_due` returns when an open websocket is to be authorised again,
    every `RECHECK_SECONDS` unless given. Every answer is a stream: the API's time limit must not cut it.
    """
    return DagsterDoor(
        authorise=authorise,
        readonly_url=readonly_url,
        admin_url=admin_url,
        audited=audited,
        attempted=attempted,
        strangers=strangers,
        limits=limits or Limits(),
        recheck_due=recheck_due or _a_while,
    )


async def _a_while() -> None:
    await asyncio.sleep(RECHECK_SECONDS)


def _by_query(query: str) -> GraphQLRequest:
    """A request in an address. A name that stands twice is read by no two servers alike. Raises Unreadable."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=10)
    except ValueError:
        raise Unreadable("dagster_body_unreadable") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise Unreadable("dagster_body_unreadable")
    return request_of(dict(pairs))
