"""The whole front door as one ASGI application: API, webhooks' receiver, description, health; Dagster behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from hub.api import describe, problems
from hub.api.gate import Gate
from hub.api.outermost import REQUEST_ID_HEADER, Outermost
from hub.api.routes import ROUTERS, system
from hub.errors import HubError
from hub.inbox.receive import Receiver
from hub.inbox.receiver import PATH, receiver_app

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from hub.api.services import Services


def front_door(services: Services) -> ASGIApp:
    """Everything that one process serves on the API's port."""
    api = FastAPI(
        title="Köprü",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={HubError: _problem, 404: _problem, 405: _problem, Exception: _problem},
    )
    api.state.services = services
    api.state.gate = Gate(services)
    for router in ROUTERS:
        api.include_router(router)
    api.include_router(system.router)
    describe.add(api)
    receiver = receiver_app(Receiver(services.database, services.keyring, services.daily_keys))
    for route in receiver.routes:
        if getattr(route, "path", "").startswith(PATH):
            api.router.routes.append(route)
    app: ASGIApp = api
    if services.settings.cors_origins:
        app = CORSMiddleware(
            app,
            allow_origins=services.settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Hub-Tenant", "X-API-Key"],
            expose_headers=[REQUEST_ID_HEADER, "RateLimit", "RateLimit-Policy", "Retry-After", "ETag", "Location"],
            max_age=600,
        )
    return Outermost(app, services.settings)


async def _problem(request: Request, error: Exception) -> Response:
    return problems.answer(error, request_id=request.scope.get("hub.request_id"))
