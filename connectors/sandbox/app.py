"""The sandbox's one ASGI app: each stand-in answers at the root, on the paths of the real provider."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from connectors.sandbox.control import PREFIX, control_app
from connectors.sandbox.gate import ConnectionDropped, FaultGate
from connectors.sandbox.registry import STAND_INS
from connectors.sandbox.world import Pace, World

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


def create_app(
    *, seed: int = 1, pace: Pace | None = None, start: datetime | None = None, world: World | None = None
) -> Starlette:
    """The app over a world of its own, or over the one given."""
    world = world or World(seed=seed, pace=pace, start=start)
    by_prefix: list[tuple[str, ASGIApp]] = [(PREFIX, control_app(world, STAND_INS))]
    for stand_in in STAND_INS.values():
        gate = FaultGate(stand_in.app(world), world=world, provider=stand_in)
        by_prefix += [(prefix, gate) for prefix in stand_in.prefixes]
    app = Starlette()
    app.state.world = world
    app.mount("/", _Dispatch(by_prefix))
    return app


class _Dispatch:
    """Chooses by path, longest prefix first."""

    def __init__(self, by_prefix: list[tuple[str, ASGIApp]]) -> None:
        self._by_prefix = sorted(by_prefix, key=lambda pair: -len(pair[0]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for prefix, app in self._by_prefix:
            if path.startswith(prefix):
                # uvicorn closes the connection when an app ends early; the reason would only fill its log.
                with suppress(ConnectionDropped):
                    await app(scope, receive, send)
                return
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})
