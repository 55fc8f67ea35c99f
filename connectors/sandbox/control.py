"""The sandbox's own endpoints, under /_sandbox: time, faults, credentials, people, counts, ledger, webhooks."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, Router

from connectors.sandbox.faults import FAULT_KINDS, Fault

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.sandbox.provider import SandboxProvider
    from connectors.sandbox.world import World

PREFIX = "/_sandbox"
_SHOWN_OF_A_PERSON = ("name", "tckn", "phone", "email", "plate")
_FAULT_FIELDS = {each.name for each in fields(Fault)}


def control_app(world: World, stand_ins: dict[str, SandboxProvider]) -> Router:
    """Routes that tests and demos drive the sandbox with."""

    async def state(_request: Request) -> Response:
        asked = [[*names, count] for names, count in sorted(world.requests.items())]
        return JSONResponse({"now": world.clock.now().isoformat(), "seed": world.seed, "requests": asked})

    async def advance(request: Request) -> Response:
        given = await _document(request)
        try:
            step = timedelta(**{name: float(value) for name, value in given.items()})
            now = world.clock.advance(step)
        except (TypeError, ValueError) as error:
            raise HTTPException(422, "give days, hours, minutes or seconds, not negative") from error
        return JSONResponse({"now": now.isoformat()})

    async def add_fault(request: Request) -> Response:
        given = await _document(request)
        if given.get("kind") not in FAULT_KINDS or not given.keys() <= _FAULT_FIELDS:
            raise HTTPException(422, f"kind is one of {', '.join(FAULT_KINDS)}; fields are {', '.join(_FAULT_FIELDS)}")
        world.faults.add(Fault(**given))
        return JSONResponse({}, status_code=201)

    async def clear_faults(_request: Request) -> Response:
        world.faults.clear()
        return JSONResponse({})

    async def credentials(request: Request) -> Response:
        stand_in = stand_ins.get(request.path_params["provider"])
        if stand_in is None:
            raise HTTPException(404, f"providers are {', '.join(stand_ins)}")
        return JSONResponse(stand_in.credentials(world.seed, request.path_params["company"]))

    async def people(request: Request) -> Response:
        # Whoever tries a message or a data subject's request needs somebody whom the company knows.
        company = world.company(request.path_params["company"])
        customers = map(company.customer, range(company.CUSTOMERS))
        shown = [{name: getattr(each, name) for name in _SHOWN_OF_A_PERSON} for each in customers]
        return JSONResponse({"customers": shown})

    async def file(request: Request) -> Response:
        # The real far end of such files is SFTP; here they are fetched and dropped where the connector looks.
        names = request.path_params
        stand_in = stand_ins.get(names["provider"])
        found = None if stand_in is None else stand_in.file(world, names["company"], names["name"])
        if found is None:
            raise HTTPException(404, "no such file")
        return PlainTextResponse(found)

    async def deeds(_request: Request) -> Response:
        return JSONResponse({"deeds": world.ledger.as_json()})

    async def subscribe(request: Request) -> Response:
        given = await _document(request)
        if not all(isinstance(given.get(name), str) for name in ("provider", "company", "url")):
            raise HTTPException(422, "give provider, company and url")
        world.hooks.subscribe(given["provider"], given["company"], given["url"])
        return JSONResponse({}, status_code=201)

    async def deliver(request: Request) -> Response:
        import httpx

        given = await _document(request)
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
            statuses = await world.hooks.deliver(
                client, times=int(given.get("times", 1)), shuffle_seed=given.get("shuffle_seed")
            )
        return JSONResponse({"statuses": statuses, "waiting": len(world.hooks.waiting())})

    return Router(
        [
            Route(f"{PREFIX}/state", state),
            Route(f"{PREFIX}/advance", advance, methods=["POST"]),
            Route(f"{PREFIX}/faults", add_fault, methods=["POST"]),
            Route(f"{PREFIX}/faults", clear_faults, methods=["DELETE"]),
            Route(f"{PREFIX}/ledger", deeds),
            Route(f"{PREFIX}/hooks", subscribe, methods=["POST"]),
            Route(f"{PREFIX}/hooks/deliver", deliver, methods=["POST"]),
            Route(f"{PREFIX}/credentials/{{provider}}/{{company}}", credentials),
            Route(f"{PREFIX}/people/{{company}}", people),
            Route(f"{PREFIX}/files/{{provider}}/{{company}}/{{name}}", file),
        ]
    )


async def _document(request: Request) -> dict[str, Any]:
    try:
        document: Any = await request.json()
    except ValueError as error:
        raise HTTPException(422, "send a JSON object") from error
    if not isinstance(document, dict):
        raise HTTPException(422, "send a JSON object")
    return document  # pyright: ignore[reportUnknownVariableType]
