"""GraphQL over a websocket, both ways: each message is read before it goes on, and the session is asked for again.

Dagster speaks the older protocol (`graphql-ws`); the newer one (`graphql-transport-ws`) is passed to it as well, and it
is Dagster that declines it. Messages are JSON texts; those with an operation are written anew, like requests by HTTP.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from starlette.websockets import WebSocketDisconnect
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, NegotiationError
from websockets.typing import Subprotocol

from hub.dagster_door.headers import towards_dagster
from hub.dagster_door.operations import Unreadable, decoded, request_of
from hub.dagster_door.paths import GRAPHQL
from hub.dagster_door.refusals import deny

if TYPE_CHECKING:
    from starlette.websockets import WebSocket
    from websockets.asyncio.client import ClientConnection

    from hub.dagster_door.access import Access, Authorise
    from hub.dagster_door.attempts import Attempts
    from hub.dagster_door.gate import Gate
    from hub.dagster_door.limits import Limits

SUBPROTOCOLS = ("graphql-ws", "graphql-transport-ws")

CLOSED_BADLY = 4400
"""A message that is none of the protocol's. The codes are those of graphql-transport-ws."""
CLOSED_SESSION = 4401
CLOSED_FORBIDDEN = 4403
_NORMAL = 1000
_GOING_AWAY = 1001
_NOT_TEXT = 1003
_TOO_LARGE = 1009
_OUR_FAULT = 1011

_WITH_OPERATION = frozenset({"start", "subscribe"})
_WITHOUT = frozenset({"connection_init", "connection_terminate", "stop", "complete", "ping", "pong"})
_MOST_ID_CHARACTERS = 100
_PASSED_CODES = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})
"""Those that may be sent (RFC 6455, 7.4); 3000 to 4999 are the applications' own."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ending:
    """Why a channel ends: what either side hears. `reason` is a code."""

    to_client: int
    reason: str = ""
    to_dagster: int = _NORMAL


class Channel:
    """One websocket of a client's and one to Dagster."""

    def __init__(
        self,
        websocket: WebSocket,
        access: Access,
        *,
        ip: str | None,
        netloc: str,
        gate: Gate,
        attempts: Attempts,
        authorise: Authorise,
        recheck_due: Callable[[], Awaitable[None]],
        limits: Limits,
    ) -> None:
        self._websocket = websocket
        self._access = access
        self._ip = ip
        self._netloc = netloc
        self._gate = gate
        self._attempts = attempts
        self._authorise = authorise
        self._recheck_due = recheck_due
        self._limits = limits

    async def serve(self) -> None:
        """Connect to Dagster, accept what it accepts, and pass messages until either side or the session ends."""
        websocket, scope = self._websocket, self._websocket.scope
        offered = [Subprotocol(each) for each in scope["subprotocols"] if each in SUBPROTOCOLS]
        if not offered:
            return await deny(websocket, "dagster_subprotocol")
        headers = dict(towards_dagster(scope))
        try:
            dagster = await connect(
                f"ws://{self._netloc}{GRAPHQL}",
                subprotocols=offered,
                additional_headers={name: headers[name] for name in headers if name.startswith("x-forwarded-")},
                user_agent_header=None,
                compression=None,
                proxy=None,
                open_timeout=self._limits.connect_seconds,
                max_size=self._limits.socket_answer_bytes,
            )
        except NegotiationError:
            return await deny(websocket, "dagster_subprotocol")
        except (OSError, InvalidHandshake, TimeoutError):
            return await deny(websocket, "dagster_away")
        ending = Ending(_OUR_FAULT)
        try:
            await websocket.accept(subprotocol=dagster.subprotocol)
            ending = await _first(self._from_client(dagster), self._from_dagster(dagster), self._while_signed_in())
        finally:
            await dagster.close(ending.to_dagster)
            await self._close(ending)
        return None

    async def _close(self, ending: Ending) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # the client has gone before us
            await self._websocket.close(ending.to_client, ending.reason)

    async def _from_client(self, dagster: ClientConnection) -> Ending:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return Ending(_NORMAL, to_dagster=_passed(message.get("code"), _GOING_AWAY))
            text = message.get("text")
            if text is None:
                return Ending(_NOT_TEXT)
            if len(text) > self._limits.socket_text_bytes:
                return Ending(_TOO_LARGE)
            try:
                passed, code = await self._read(text)
            except Unreadable as error:
                await self._attempts.note(self._websocket.scope, error.code, self._access)
                return Ending(CLOSED_BADLY, error.code)
            if code is not None:
                return Ending(_OUR_FAULT if code == "dagster_not_audited" else CLOSED_FORBIDDEN, code)
            try:
                await dagster.send(json.dumps(passed, separators=(",", ":")))
            except ConnectionClosed as closed:
                return _closed(closed)

    async def _from_dagster(self, dagster: ClientConnection) -> Ending:
        try:
            while True:
                message = await dagster.recv()
                if isinstance(message, bytes):
                    return Ending(_OUR_FAULT)
                await self._websocket.send_text(message)
        except ConnectionClosed as closed:
            return _closed(closed)
        except WebSocketDisconnect as gone:
            return Ending(_NORMAL, to_dagster=_passed(gone.code, _GOING_AWAY))

    async def _while_signed_in(self) -> Ending:
        """Ends when the session has, or when it may do another thing than what the channel was opened for."""
        while True:
            await self._recheck_due()
            try:
                access = await self._authorise(self._websocket.scope)
            except Exception as error:  # nobody is known to be signed in
                logger.error("a session could not be asked for: %s", type(error).__name__)  # noqa: TRY400 - no texts
                return Ending(CLOSED_SESSION, "dagster_not_signed_in")
            if access is None or not access.views or access.caller.subject != self._access.caller.subject:
                return Ending(CLOSED_SESSION, "dagster_not_signed_in")
            if access.operates != self._access.operates:
                return Ending(CLOSED_SESSION, "dagster_not_signed_in")

    async def _read(self, text: str) -> tuple[dict[str, Any], str | None]:
        """The message as it goes on, and the code for which it does not. Raises Unreadable."""
        value = decoded(text)
        if not isinstance(value, dict):
            raise Unreadable("dagster_body_unreadable")
        message = cast("dict[str, object]", value)
        kind, identifier = message.get("type"), message.get("id")
        if (
            not isinstance(kind, str)
            or not isinstance(identifier, str | None)
            or len(identifier or "") > _MOST_ID_CHARACTERS
        ):
            raise Unreadable("dagster_body_unreadable")
        passed: dict[str, Any] = {"type": kind} if identifier is None else {"type": kind, "id": identifier}
        if kind in _WITHOUT:
            # What these carry (a token of the client's, as a rule) is nothing to Dagster.
            return passed | ({"payload": {}} if kind == "connection_init" else {}), None
        if kind not in _WITH_OPERATION:
            raise Unreadable("dagster_body_unreadable")
        request = request_of(message.get("payload"))
        code = await self._gate.refusal([request], self._access, self._ip, "websocket")
        return passed | {"payload": request.payload}, code


async def _first(*parts: Coroutine[Any, Any, Ending]) -> Ending:
    """What the first of them returns; the others are cancelled. An exception of one is raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _closed(closed: ConnectionClosed) -> Ending:
    code = closed.rcvd.code if closed.rcvd is not None else closed.sent.code if closed.sent is not None else None
    return Ending(_passed(code, _OUR_FAULT))


def _passed(code: object, otherwise: int) -> int:
    """A closing code as it may be sent: 1005 and 1006 are signs of a code's absence and may not."""
    if isinstance(code, int) and (code in _PASSED_CODES or 3000 <= code <= 4999):
        return code
    return otherwise
