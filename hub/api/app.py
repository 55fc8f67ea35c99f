"""The whole front door as one ASGI application: API, webhooks' receiver, description, health; Dagster behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from hub.api import account_page, browser, describe, forgotten_page, link_page, problems, second_factor_page
from hub.api.cross_origin import CrossOrigin
from hub.api.gate import Gate
from hub.api.outermost import Outermost
from hub.api.routes import ROUTERS, system, well_known
from hub.dagster_door.access import Access
from hub.dagster_door.audit import into_platform_chain
from hub.dagster_door.door import dagster_door
from hub.dagster_door.paths import GRAPHQL
from hub.dagster_door.paths import PREFIX as DAGSTER
from hub.errors import HubError
from hub.identity.permissions import Permission
from hub.inbox.receive import Receiver
from hub.inbox.receiver import PATH, receiver_app
from hub.inbox.strangers import Strangers
from hub.observe.asgi import REQUEST_ID, ROUTE, Observed
from hub.observe.calls import CallLog
from hub.observe.metrics import CONTENT_TYPE, may_read

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from hub.api.services import Services
    from hub.dagster_door.access import AttemptNote


def front_door(services: Services) -> ASGIApp:
    """Everything that one process serves on the API's port."""
    api = the_api(services)
    app: ASGIApp = _with_webhooks(_with_dagster(api, services), services)
    if services.settings.cors_origins:
        app = CrossOrigin(app, services.settings.cors_origins)
    log = CallLog(services.settings.log_format) if services.settings.log_calls else None
    return Outermost(Observed(app, templates=_templates(api), log=log), services.settings)


def the_api(services: Services) -> FastAPI:
    """The routes, the description and the hub's own pages, without what stands around and beside them."""
    api = FastAPI(
        title="Köprü",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={HubError: _problem, HTTPException: _problem, Exception: _problem},
    )
    api.state.services = services
    api.state.gate = Gate(services)
    for router in ROUTERS:
        api.include_router(router)
    api.include_router(system.router)
    api.include_router(well_known.router)
    describe.add(api)
    api.router.routes.append(Route("/metrics", _metrics, methods=["GET"]))
    for route in (
        *browser.routes(services),
        *account_page.routes(services),
        *second_factor_page.routes(services),
        *forgotten_page.routes(services),
        *link_page.routes(),
    ):
        api.router.routes.append(route)
    return api


def _templates(api: FastAPI) -> dict[object, str]:
    """Of the pages: their routes are Starlette's own and leave the function that answers in the scope, and no name."""
    return {route.endpoint: route.path for route in api.routes if type(route) is Route}


def _with_webhooks(others: ASGIApp, services: Services) -> ASGIApp:
    """Providers' calls ahead of the routes of people, of which there are hundreds to compare with."""
    database, keyring, limiter = services.database, services.keyring, services.limiting.limiter
    receiver = receiver_app(
        Receiver(database, keyring, services.daily_keys, limiter=limiter), Strangers(database, keyring, limiter)
    )

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and scope["path"].startswith(PATH)
        if is_call:
            scope[ROUTE] = f"{PATH}{{provider}}/{{secret}}"
        await (receiver if is_call else others)(scope, receive, send)

    return serve


def _with_dagster(api: ASGIApp, services: Services) -> ASGIApp:
    """Dagster's pages in front of everything else, where there are any: its door knows its own paths and bounds."""
    if services.settings.dagster_url is None:
        return api
    door = dagster_door(
        authorise=lambda scope: run_in_threadpool(_access, services, scope),
        readonly_url=services.settings.dagster_url,
        admin_url=services.settings.dagster_admin_url,
        audited=into_platform_chain(services.database),
        attempted=lambda note: run_in_threadpool(_attempted, services, note),
        strangers=lambda ip: run_in_threadpool(services.limiting.stranger, ip, {}, at="dagster"),
    )

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_dagsters = path == DAGSTER or path.startswith(DAGSTER + "/")
        if is_dagsters:
            scope[ROUTE] = GRAPHQL if path == GRAPHQL else DAGSTER
        await (door if is_dagsters else api)(scope, receive, send)

    return serve


def _access(services: Services, scope: Scope) -> Access | None:
    caller = browser.caller_of(services, scope)
    if caller is None:
        return None
    return Access(caller, may_operate=Permission.DAGSTER_OPERATE in caller.permissions)


def _attempted(services: Services, note: AttemptNote) -> None:
    services.attempts.refused(note.code, caller=note.caller, route=note.way, ip=note.ip, request_id=note.request_id)


async def _metrics(request: Request) -> Response:
    """For Prometheus, with the token of `HUB_METRICS_TOKEN_FILE`; without such a file there is no such page.

    Where a call comes from says nothing here: behind a reverse proxy all of them come from this machine.
    """
    services: Services = request.app.state.services
    if services.settings.metrics_token_file is None:
        raise HubError("not_found")
    if not may_read(services.settings, authorization=request.headers.get("authorization"), from_this_machine=False):
        raise HubError("credential_missing")
    page = await run_in_threadpool(services.metrics.exposition)
    return Response(page, media_type=CONTENT_TYPE)


async def _problem(request: Request, error: Exception) -> Response:
    answer = problems.answer(error, request_id=request.scope.get(REQUEST_ID))
    if answer.status_code == 405:
        answer.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return answer


def _methods(request: Request) -> set[str]:
    """What may be done with the address of a call whose method is none of it (RFC 9110, section 15.5.6)."""
    routers = (*ROUTERS, system.router, well_known.router, request.app.router)
    routes = (route for router in routers for route in router.routes if isinstance(route, Route))
    meant = (route for route in routes if route.path_regex.match(request.scope["path"]))
    return {method for route in meant for method in route.methods or ()}
