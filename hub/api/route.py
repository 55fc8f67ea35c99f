"""A route that cannot exist without a permission, goes through the gate, and documents every answer it may give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from fastapi import APIRouter
from fastapi.routing import APIRoute

from hub.api import headers, preconditions
from hub.api.need import need_of
from hub.api.problems import MEDIA_TYPE, ProblemDocument
from hub.api.query import Parameters
from hub.api.statuses import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.requests import Request
    from starlette.responses import Response

    from hub.api.gate import Gate
    from hub.api.need import Need

PREFIX = "/api/v1"
_OF_ANY = (400, 404, 405, 408, 413, 415, 422, 429, 431, 500, 503)
_SIGNED_IN = (401, 403)
_UNSAFE = (409, 412)


class HubRoute(APIRoute):
    """`APIRouter(route_class=HubRoute)`; see hub/api/need.py for what stands above each function."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        self.need = need_of(endpoint)
        methods = {method.upper() for method in given.get("methods") or ("GET",)}
        given["responses"] = _merged(
            _problems(self.need, methods),
            headers.responses(endpoint, methods, given.get("status_code") or 200),
            given.get("responses") or {},
        )
        given["openapi_extra"] = _described(self.need, methods, given.get("openapi_extra"))
        super().__init__(path, endpoint, **given)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler behind the gate."""
        handle, need, parameters = super().get_route_handler(), self.need, Parameters.of(self.dependant)
        heeds_if_match = any(each.alias == "If-Match" for each in self.dependant.header_params)

        async def well_asked(request: Request) -> Response:
            preconditions.require_heeded(request, heeds_if_match=heeds_if_match)
            parameters.require(request)
            return await handle(request)

        async def guarded(request: Request) -> Response:
            gate = cast("Gate", request.app.state.gate)
            template = getattr(request.scope.get("route"), "path", "?")
            return preconditions.tagged(request, await gate.through(request, need, template, well_asked))

        return guarded


def router(tag: str, prefix: str = "", *, under: str = PREFIX) -> APIRouter:
    """A router whose routes are all `HubRoute`s, under `/api/v1` unless it says otherwise."""
    return APIRouter(prefix=under + prefix, tags=[tag], route_class=HubRoute)


def _problems(need: Need, methods: set[str]) -> dict[int | str, dict[str, Any]]:
    statuses = set(_OF_ANY)
    if need.permission is not None:
        statuses |= set(_SIGNED_IN)
        if methods - {"GET", "HEAD"}:
            statuses |= set(_UNSAFE)
    else:
        statuses |= {401}
    return {status: documented(status) for status in sorted(statuses)}


def _merged(*parts: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """By status; what is said of one status in several parts stands together."""
    merged: dict[int | str, dict[str, Any]] = {}
    for part in parts:
        for status, said in part.items():
            merged[status] = {**merged.get(status, {}), **said}
    return merged


def documented(status: int) -> dict[str, Any]:
    """How a problem document of that status stands in the API's description."""
    return {
        "description": TITLES[status],
        "model": ProblemDocument,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }


def _described(need: Need, methods: set[str], extra: dict[str, Any] | None) -> dict[str, Any]:
    described: dict[str, Any] = dict(extra or {})
    parameters: list[dict[str, Any]] = list(described.get("parameters") or [])
    if need.permission is None:
        described["security"] = []
    else:
        described["security"] = [{"oauth2": [need.permission.value]}, {"api_key": []}]
        described["x-permission"] = need.permission.value
        if need.of_tenant:
            parameters.append(_TENANT)
        if methods - {"GET", "HEAD"}:
            parameters.append({**_KEY, "required": need.key_required})
    parameters.append(_LANGUAGE)
    described["parameters"] = parameters
    return described


_TENANT = {
    "name": "Hub-Tenant",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 63},
    "description": "Id or subdomain of the tenant that the call is about. The operator's staff must name one; for all"
    " others the credential says it, and another tenant's name is refused.",
}
_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[\\x21-\\x7e]+$"},
    "description": "Any text of your own, new for each thing you want done. The same call with the same key is done"
    " once and answered alike for a day.",
}
_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "`tr` or `en`: the language of what people read.",
}
