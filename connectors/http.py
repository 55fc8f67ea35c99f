"""One HTTP client contract for every provider: what is bounded, what is retried, and what may never be said.

Nothing here keeps, logs or raises a byte of an answer: a provider's error page may quote the person it is about.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import httpx

from connectors.classify import of_status, retry_after_seconds, says_enough
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.failure import ProviderFailure
from connectors.watching import watched

if TYPE_CHECKING:
    from connectors.limits import CredentialLimit

T = TypeVar("T")

# httpx logs whole URLs at INFO, and some providers take their token in the query; httpcore logs headers of answers at
# DEBUG. A filter holds even where an operator turns everything up to DEBUG.
_TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")


def _says_nothing(_record: logging.LogRecord) -> bool:
    return False


for _name in _TALKATIVE:
    logging.getLogger(_name).addFilter(_says_nothing)
logging.getLogger("httpcore").setLevel(logging.WARNING)  # and spares the tracing its cost


@dataclass(frozen=True)
class HttpSettings:
    """Bounds of one conversation. Durations are seconds."""

    request_timeout: float = 60.0
    """From the first byte sent to the last received, however slowly they drip."""
    connect_timeout: float = 10.0
    attempts: int = 4
    first_backoff: float = 0.5
    longest_backoff: float = 20.0
    longest_wait: float = 60.0
    """A provider that asks for more gets it from the next sync: a waiting tenant holds a place in the batch."""
    longest_answer: int = 64 * 1024 * 1024
    """Bytes after decompression."""


@dataclass(frozen=True)
class Answer:
    """A whole answer. Its `repr` shows no content."""

    status: int
    content: bytes
    retry_after: float | None

    def __repr__(self) -> str:
        return f"Answer(status={self.status}, {len(self.content)} bytes)"

    def failure_of_status(self) -> ProviderFailure | None:
        """What the status means by itself; None for 2xx."""
        return of_status(self.status, retry_after=self.retry_after)


class HttpClient:
    """One credential's requests. Cheap to make: connections and TLS belong to the shared `httpx.AsyncClient`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        limit: CredentialLimit,
        settings: HttpSettings,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._client = client
        self._limit = limit
        self._settings = settings
        self._clock = clock
        self._timeouts = {
            "connect": settings.connect_timeout,
            "pool": settings.request_timeout,
            "read": settings.request_timeout,
            "write": settings.request_timeout,
        }

    def request(self, method: str, url: str, *, headers: dict[str, str], content: bytes = b"") -> httpx.Request:
        """A request that knows nothing of the shared client: its cookies may be those of another tenant."""
        # Encoded here: httpx takes text for ASCII, and its error would carry the key that somebody pasted with an `ı`.
        merged = [(name.encode(), text.encode()) for name, text in {"accept-encoding": "gzip", **headers}.items()]
        return httpx.Request(
            method, url, headers=merged, content=content or None, extensions={"timeout": self._timeouts}
        )

    async def send(self, prepare: Callable[[], httpx.Request], read: Callable[[Answer], T]) -> T:
        """Ask until `read` accepts the answer, a failure is permanent, or the attempts are used up.

        `prepare` is called for every attempt, so that nonces and signatures are fresh. Raises `ProviderFailure`.
        """
        attempt = 1
        while True:
            await self._limit.wait(self._clock)
            failure: ProviderFailure
            try:
                return read(await self._answer(prepare()))
            except ProviderFailure as error:
                failure = error
            delay = self._delay(failure, attempt)
            if delay is None:
                raise failure
            await self._clock.sleep(delay)
            attempt += 1

    def _delay(self, failure: ProviderFailure, attempt: int) -> float | None:
        """Seconds until the next attempt; None when there is none."""
        if failure.kind == "permanent" or attempt >= self._settings.attempts:
            return None
        backoff = min(self._settings.first_backoff * 2 ** (attempt - 1), self._settings.longest_backoff)
        if failure.retry_after is None:
            return backoff * (0.5 + self._clock.chance() / 2)
        if failure.retry_after > self._settings.longest_wait:
            return None
        # Later than asked, never earlier; the jitter keeps tenants of one batch from returning together.
        return failure.retry_after + backoff * self._clock.chance()

    async def _answer(self, request: httpx.Request) -> Answer:
        with watched(request.method, request.url.host) as told:
            answer = await self._unwatched(request)
            told(answer.status)
            return answer

    async def _unwatched(self, request: httpx.Request) -> Answer:
        response: httpx.Response | None = None
        answer: Answer | ProviderFailure
        try:
            async with asyncio.timeout(self._settings.request_timeout):
                response = await self._client.send(request, stream=True, follow_redirects=False)
                answer = self._read(response, await _content(response, self._settings.longest_answer))
        except (TimeoutError, httpx.TimeoutException):
            answer = ProviderFailure("transient", "provider_timeout")
        except (httpx.TransportError, httpx.InvalidURL):
            code = "provider_unreachable" if response is None else "answer_truncated"
            answer = ProviderFailure("transient", code)
        except _Unreadable:
            answer = ProviderFailure("transient", "answer_malformed")
        finally:
            if response is not None:
                await response.aclose()
        if isinstance(answer, ProviderFailure) and response is not None and says_enough(response.status_code):
            # However badly the words of such a refusal arrived, its status counts, and how long it asks to wait.
            answer = self._read(response, b"")
        if isinstance(answer, ProviderFailure):
            raise answer
        return answer

    def _read(self, response: httpx.Response, content: bytes) -> Answer:
        wait = retry_after_seconds(response.headers.get("retry-after"), now=self._clock.now())
        return Answer(response.status_code, content, wait)


class _Unreadable(Exception):
    """An answer too large, or packed in a way nobody asked for."""


async def _content(response: httpx.Response, limit: int) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").lower()
    # httpx would unpack without a bound: a few kilobytes can hold gigabytes.
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32) if encoding in {"gzip", "deflate"} else None
    if unpack is None and encoding != "identity":
        raise _Unreadable
    content, received = bytearray(), False
    async for chunk in response.aiter_raw():
        received = received or bool(chunk)
        content += chunk if unpack is None else _unpacked(unpack, chunk, limit + 1 - len(content))
        if len(content) > limit:
            raise _Unreadable
    if unpack is not None and not unpack.eof and received:
        raise _Unreadable
    return bytes(content)


class _Unpacker(Protocol):
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _unpacked(unpack: _Unpacker, chunk: bytes, most: int) -> bytes:
    failed = False
    try:
        return unpack.decompress(chunk, most)
    except zlib.error:
        failed = True
    if failed:
        raise _Unreadable
    return b""
