"""Cutting a connection as a crashed server does: no answer, no farewell, the client sees it reset.

An ASGI app cannot do that: a server answers 500 for an app that ends without a word. So each connection's transport is
known by the client's address, and the gate that wants it gone closes it there.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

if TYPE_CHECKING:
    from starlette.types import Scope

_OPEN: dict[tuple[str, int], asyncio.Transport] = {}


class KnownConnection(AutoHTTPProtocol):  # pyright: ignore[reportUntypedBaseClass] - uvicorn chooses it at import
    """A connection whose transport can be found again."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember it by the client's address."""
        super().connection_made(transport)
        self._known_as = _address(transport)
        if self._known_as is not None:
            _OPEN[self._known_as] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self._known_as is not None:
            _OPEN.pop(self._known_as, None)
        super().connection_lost(exc)


def cut(scope: Scope) -> bool:
    """Close a request's connection at once; False where it is not known (an app that is called without a server)."""
    client: Any = scope.get("client")
    transport = _OPEN.get((str(client[0]), int(client[1]))) if client else None
    if transport is None:
        return False
    transport.abort()
    return True


def _address(transport: asyncio.Transport) -> tuple[str, int] | None:
    peer: Any = transport.get_extra_info("peername")
    return (str(peer[0]), int(peer[1])) if peer else None
