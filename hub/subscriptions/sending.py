"""One attempt to tell one event: what is said, over which connection, and what the answer means.

Only a 2xx means that the receiver has it. Redirects are not followed: they would lead where nobody checked. Of an
answer nothing is kept but its status; its body is read as far as a connection can then be used again, no further.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import httpcore

from connectors.classify import retry_after_seconds
from hub.errors import HubError
from hub.subscriptions import signing
from hub.subscriptions.vocabulary import GONE, VERSION

if TYPE_CHECKING:
    from connectors.secret import Secret
    from hub.subscriptions.target import Target

# httpcore logs headers of answers at DEBUG. Nothing of an answer is ours to keep.
logging.getLogger("httpcore").setLevel(logging.WARNING)

TOTAL_SECONDS = 15.0
"""From resolving the name to the last byte that is read."""
_CONNECT_SECONDS = 5.0
_BODY_SECONDS = 2.0
LONGEST_ANSWER = 64 * 1024
"""Bytes of a body that are read, and thrown away."""


@dataclass(frozen=True)
class Event:
    """What happened."""

    event_id: str
    type: str
    occurred_at: datetime
    data: Mapping[str, Any]

    def body(self, tenant_id: str) -> bytes:
        """What is sent: the same bytes in every attempt, and to every receiver."""
        said = {
            "id": self.event_id,
            "type": self.type,
            "version": VERSION,
            "timestamp": self.occurred_at.astimezone(UTC).isoformat(),
            "tenant_id": tenant_id,
            "data": dict(self.data),
        }
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Answer:
    """What became of an attempt.

    `later` was heard by the receiver, or by something in its place; `unheard` by nobody; `gone` says never again.
    """

    fate: Literal["delivered", "later", "unheard", "gone"]
    status: int | None = None
    code: str | None = None
    """A code that `hub.messages` explains; None for a status that says all."""
    asked_wait: float | None = None
    """Seconds for which the receiver wants to be left alone."""
    milliseconds: int = 0


async def send(
    pool: httpcore.AsyncConnectionPool,
    target: Target,
    event: Event,
    tenant_id: str,
    keys: Sequence[Secret],
    *,
    within: float = TOTAL_SECONDS,
) -> Answer:
    """Tell it once. Raises nothing of the network's: every end is an answer."""
    body = event.body(tenant_id)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(within):
            status, asked = await _post(pool, target, body, signing.headers(keys, event.event_id, body, _now()))
        answer = judged(status, asked)
    except HubError as error:
        answer = Answer("unheard", code=error.code)
    except TimeoutError:
        answer = Answer("unheard", code="webhook_too_slow")
    except (httpcore.ConnectTimeout, httpcore.ReadTimeout, httpcore.WriteTimeout, httpcore.PoolTimeout):
        answer = Answer("unheard", code="webhook_too_slow")
    except httpcore.ConnectError as error:
        answer = Answer("unheard", code="webhook_tls_failed" if _is_tls(error) else "webhook_unreachable")
    except (httpcore.NetworkError, httpcore.ProtocolError):
        answer = Answer("unheard", code="webhook_unreachable")
    return Answer(answer.fate, answer.status, answer.code, answer.asked_wait, int((time.monotonic() - begun) * 1000))


def judged(status: int, retry_after: str | None = None) -> Answer:
    """What a status means."""
    if 200 <= status < 300:
        return Answer("delivered", status)
    if status == 410:
        return Answer("gone", status, GONE)
    if status in {429, 503}:
        return Answer("later", status, None, retry_after_seconds(retry_after, now=_now()))
    return Answer("later", status, "webhook_redirects" if 300 <= status < 400 else None)


async def _post(
    pool: httpcore.AsyncConnectionPool, target: Target, body: bytes, signed: Mapping[str, str]
) -> tuple[int, str | None]:
    given = [
        (b"host", target.authority),
        (b"user-agent", b"Kopru-Webhooks/1"),
        (b"accept", b"*/*"),
        (b"accept-encoding", b"identity"),  # nothing is unpacked, so nothing can swell
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *((name.encode(), value.encode()) for name, value in signed.items()),
    ]
    limits = dict.fromkeys(("read", "write", "pool"), TOTAL_SECONDS) | {"connect": _CONNECT_SECONDS}
    url = httpcore.URL(scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path)
    async with pool.stream("POST", url, headers=given, content=body, extensions={"timeout": limits}) as answer:
        await _pass_over(answer)
        asked = {name.lower(): value for name, value in answer.headers}.get(b"retry-after")
        return answer.status, None if asked is None else asked.decode("latin-1")


async def _pass_over(answer: httpcore.Response) -> None:
    """Read a short body, so that the connection can be used again; what it is worth the status has said."""
    read = 0
    with suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ReadTimeout):
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in answer.aiter_stream():
                read += len(part)
                if read > LONGEST_ANSWER:
                    return


def _is_tls(error: BaseException) -> bool:
    import ssl

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _now() -> datetime:
    return datetime.now(UTC)
