"""The stand-in's own endpoints, under /_sandbox/whatsapp: its ids, and what people do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.sandbox.meta import keys, people

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.sandbox.world import World

PREFIX = "/_sandbox/whatsapp/"


def control_routes(world: World) -> list[Route]:
    """Routes that a demo or a test in another process drives the stand-in with."""

    async def settings(request: Request) -> Response:
        return JSONResponse(keys.ids(world.seed, request.path_params["company"]))

    async def write(request: Request) -> Response:
        given = await _document(request)
        given.setdefault("text", "Kargom nerede?")
        wamid = people.writes(world, request.path_params["company"], given["phone"], given["text"])
        return JSONResponse({"id": wamid}, status_code=201)

    async def meet(request: Request) -> Response:
        given = await _document(request)
        people.meets(
            world,
            request.path_params["company"],
            given["phone"],
            int(given.get("code", 131026)),
            later=bool(given.get("later")),
        )
        return JSONResponse({}, status_code=201)

    return [
        Route(f"{PREFIX}{{company}}/settings", settings),
        Route(f"{PREFIX}{{company}}/incoming", write, methods=["POST"]),
        Route(f"{PREFIX}{{company}}/refusals", meet, methods=["POST"]),
    ]


async def _document(request: Request) -> dict[str, Any]:
    try:
        document: Any = await request.json()
    except ValueError as error:
        raise HTTPException(422, "send a JSON object") from error
    if not isinstance(document, dict) or not isinstance(document.get("phone"), str):  # pyright: ignore[reportUnknownMemberType]
        raise HTTPException(422, "send a JSON object with a phone")
    return document  # pyright: ignore[reportUnknownVariableType]
