"""The way to a tenant's receiver, which may lead to nothing inside: a name is resolved once, and its answer called.

A name that means a public address when it is looked at can mean 127.0.0.1 when it is called (DNS rebinding). So the
check stands inside the connecting: the addresses that the resolver gives are judged, and the connection goes to one of
these, not to the name. TLS still asks for the name's certificate. One refused address among several refuses all.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import httpcore

from hub.errors import HubError
from hub.subscriptions.networks import Network, is_refused, parsed

if TYPE_CHECKING:
    from typing import Any

    from hub.settings import Settings
    from hub.subscriptions.target import Target

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Name and port to addresses in text; OSError when there are none."""

_ADDRESSES_TRIED = 3
# Threads of their own: a name server that does not answer holds no thread that talks to the database.
_RESOLVERS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="webhook-resolver")


async def by_system(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says, each address once."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(
        _RESOLVERS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    )
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Reach:
    """What may be reached, and how its names are resolved."""

    ports: frozenset[int] = frozenset({443, 8443})
    private: tuple[Network, ...] = ()
    """Private networks that the operator opened."""
    resolve: Resolve = by_system
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    async def addresses(self, target: Target) -> Sequence[str]:
        """Where a name leads, all of it allowed.

        HubError `webhook_name_unknown`, `webhook_address_internal`, `webhook_address_not_https`.
        """
        try:
            found = await self.resolve(target.host, target.port)
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise HubError("webhook_name_unknown", host=target.host)
        if any(is_refused(parsed(each), self.private) for each in found):
            raise HubError("webhook_address_internal", host=target.host)
        if target.is_plain and not all(parsed(each).is_loopback for each in found):
            raise HubError("webhook_address_not_https", host=target.host)
        return found

    def pool(self, target: Target, connections: int) -> httpcore.AsyncConnectionPool:
        """Connections to a target alone: no proxies of the environment, no redirects, certificates verified."""
        return httpcore.AsyncConnectionPool(
            ssl_context=self.trust,
            max_connections=connections,
            max_keepalive_connections=connections,
            network_backend=_Pinned(self, target),
        )


def reach_of(settings: Settings) -> Reach:
    """As the installation allows."""
    return Reach(ports=frozenset(settings.webhooks_ports), private=settings.webhooks_allow_private)


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were judged a moment ago, whatever their name means by now."""

    def __init__(self, reach: Reach, target: Target) -> None:
        self._reach = reach
        self._target = target
        # httpcore types it as a class that only complains when anyio is missing.
        self._backend = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Only to the target, at the first of its addresses that answers."""
        if (host, port) != (self._target.host, self._target.port):
            raise HubError("webhook_address_internal", host=self._target.host)
        found = list(await self._reach.addresses(self._target))[:_ADDRESSES_TRIED]
        for address in found[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._backend.connect_tcp(found[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own interface
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never: a socket of this machine is as inside as can be."""
        raise HubError("webhook_address_internal", host=self._target.host)

    async def sleep(self, seconds: float) -> None:
        """Between two attempts to connect."""
        await self._backend.sleep(seconds)
