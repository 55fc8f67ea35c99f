"""Around everything that the API's process serves: a name for each call, the language, the host, headers, bounds.

Plain ASGI, so that it holds for mounted applications and answers of errors too.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders

from hub.api import problems
from hub.call_texts import speak_of_calls
from hub.dagster_door.paths import PREFIX as DAGSTER
from hub.errors import HubError
from hub.i18n import Language, parse_language, use
from hub.kvkk.audit import name_call

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from hub.settings import Settings

logger = logging.getLogger(__name__)

REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DEFAULT_LANGUAGE: Language = "tr"

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}
_UNLESS_SET = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
_TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"


class Outermost:
    """ASGI middleware; `settings` says which hosts are ours and how much a call may carry."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        public = urlsplit(settings.public_url or "")
        self._public_host = public.hostname
        self._secure = public.scheme == "https" or settings.tls_cert_file is not None
        self._hosts = frozenset(host.lower() for host in settings.allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call or connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["hub.request_id"] = request_id = _request_id(headers.get(REQUEST_ID_HEADER))
        name_call(request_id)
        asked = preferred(headers.get("accept-language"))
        scope["hub.language_asked"] = asked is not None
        use(asked or self._settings.language or _DEFAULT_LANGUAGE)
        speak_of_calls()
        host = _host_name(headers.getlist("host"))
        if not self._is_ours(host):
            await self._refuse("host_unknown", scope, receive, self._sending(send, request_id), request_id)
            return
        scope["hub.subdomain"] = self._subdomain(host)
        if scope["type"] == "websocket":
            try:
                await self._app(scope, receive, send)
            except HubError as error:
                logger.error("connection %s could not be served: %s", request_id, error.code)  # noqa: TRY400 - a code
                await self._refuse(error.code, scope, receive, send, request_id)
            return
        await self._served(scope, receive, self._sending(send, request_id), request_id)

    async def _served(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        bounded = _Bounded(receive, self._settings.api_body_bytes, self._settings.api_body_seconds)
        started = ended = False

        async def watched(message: Message) -> None:
            nonlocal started, ended
            started = started or message["type"] == "http.response.start"
            ended = ended or (message["type"] == "http.response.body" and not message.get("more_body", False))
            await send(message)

        try:
            await self._app(scope, bounded if _has_common_bounds(scope["path"]) else receive, watched)
        except Exception as error:  # whatever it is, it ends as a problem document, and not as a trace in the log
            if ended:
                # Starlette raises once more what it has answered, and a server would log all that it says.
                logger.error("request %s failed behind its answer: %s", request_id, type(error).__name__)  # noqa: TRY400
                return
            if started:
                raise
            await problems.answer(error, request_id=request_id)(scope, receive, send)

    async def _refuse(self, code: str, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await problems.answer(HubError(code), request_id=request_id)(scope, receive, send)

    def _sending(self, send: Send, request_id: str) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = request_id
                headers.update(_ALWAYS)
                for name, value in _UNLESS_SET.items():
                    headers.setdefault(name, value)
                if self._secure:
                    headers["Strict-Transport-Security"] = _TRANSPORT_SECURITY
            await send(message)

        return sending

    def _is_ours(self, host: str | None) -> bool:
        if not self._hosts:
            return host is not None
        return host is not None and (host in self._hosts or self._subdomain(host) is not None)

    def _subdomain(self, host: str | None) -> str | None:
        """The label before the public host's name, which narrows a call to a tenant."""
        if host is None or self._public_host is None or not host.endswith("." + self._public_host):
            return None
        label = host[: -len(self._public_host) - 1]
        return label if _LABEL.fullmatch(label) else None


class _Bounded:
    """Hands a body on as it comes, until it is too large or takes too long."""

    def __init__(self, receive: Receive, most_bytes: int, most_seconds: float) -> None:
        self._receive = receive
        self._left = most_bytes
        self._seconds = most_seconds
        self._ends_at: float | None = None
        self._whole = False

    async def __call__(self) -> Message:
        """HubError `body_too_large`, `too_slow`."""
        if self._whole:  # what comes now is that the client went away, whenever it does
            return await self._receive()
        loop = asyncio.get_running_loop()
        if self._ends_at is None:
            self._ends_at = loop.time() + self._seconds
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            raise HubError("too_slow") from None
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._left < 0:
                raise HubError("body_too_large")
        return message


def preferred(header: str | None) -> Language | None:
    """The best language of an `Accept-Language` header that the hub speaks (RFC 9110, section 12.5.4)."""
    best: tuple[float, int, Language] | None = None
    for place, part in enumerate((header or "")[:1000].split(",")):
        name, _, parameters = part.strip().partition(";")
        language = parse_language(name)  # `*` leaves the choice to us, as a missing header does
        weight = _weight(parameters)
        if language is None or weight <= 0:
            continue
        found = (weight, -place, language)
        best = found if best is None or found[:2] > best[:2] else best
    return best[2] if best else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def _request_id(given: str | None) -> str:
    """The caller's own name for its call, if it is a UUID; else a new one.

    It stands in logs, reports of errors and the audit log: no phone, number or name may come there as an "id".
    """
    return given if given is not None and _REQUEST_ID.fullmatch(given) else uuid4().hex


def _host_name(values: list[str]) -> str | None:
    """The name alone, in small letters; None for none, several or a malformed one."""
    if len(values) != 1:
        return None
    try:
        return urlsplit("//" + values[0]).hostname if re.fullmatch(r"[A-Za-z0-9.\-:\[\]]{1,255}", values[0]) else None
    except ValueError:
        return None


def _has_common_bounds(path: str) -> bool:
    """The receiver of webhooks and Dagster's door have bounds of their own."""
    return not (path.startswith(("/hooks/", f"{DAGSTER}/")) or path == DAGSTER)
