"""The stand-in of İYS: its own API below /sps/, and Netgsm's form of it below /iys/, over one book."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.routing import Route, Router

from connectors.sandbox.iys import gateway, tokens
from connectors.sandbox.iys.book import book_of
from connectors.sandbox.iys.envelope import answer, error, error_to, refusal, spoil
from connectors.sandbox.provider import Asked, SandboxProvider

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from connectors.sandbox.world import World

_MOST = 1_000
_BRAND = "/sps/{iys_code}/brands/{brand_code}"

Endpoint = Callable[["World", str, "Request", Any], Response]


def _app(world: World) -> ASGIApp:
    def brand(method: str, path: str, endpoint: Endpoint) -> Route:
        async def reply(request: Request) -> Response:
            company = tokens.TOKENS.company_of(world, request.headers.get("authorization", ""))
            if company is None:
                return refusal("H351", status=401)
            if dict(request.path_params) | tokens.codes(company) != dict(request.path_params):
                return refusal("H155", status=403)
            return endpoint(world, company, request, _document(await request.body()))

        return Route(f"{_BRAND}{path}", reply, methods=[method])

    async def token(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        company = tokens.company_of_account(world.seed, form.get("username", ""), form.get("password", ""))
        if form.get("grant_type") != "password" or company is None:
            return refusal("H350", status=401)
        ends = {"expires_in": tokens.LIFE_SECONDS, "refresh_expires_in": 2 * tokens.LIFE_SECONDS}
        return answer({"access_token": tokens.TOKENS.give(world, company), "token_type": "bearer", **ends})

    async def citizen(request: Request) -> Response:
        given = _document(await request.body())
        book_of(world).citizen(request.path_params["company"], **given)
        return answer({}, status=201)

    return Router(
        [
            Route("/oauth2/token", token, methods=["POST"]),
            brand("POST", "/consents", _add),
            brand("POST", "/consents/request", _submit),
            brand("GET", "/consents/request/{request_id}", _results),
            brand("POST", "/consents/status", _status),
            brand("GET", "/consents/changes", _changes),
            Route("/_iys/citizens/{company}", citizen, methods=["POST"]),
            *gateway.routes(world),
        ]
    )


def _add(world: World, company: str, _request: Request, given: Any) -> Response:
    code = book_of(world).add(company, _record(given))
    if code is not None:
        return refusal(code, status=422)
    state = book_of(world).state(company, _record(given)) or {}
    return answer({"transactionId": state["transactionId"], "creationDate": state["creationDate"]})


def _submit(world: World, company: str, _request: Request, given: Any) -> Response:
    listed = [_record(each) for each in cast("list[Any]", given)] if isinstance(given, list) else []
    if not 0 < len(listed) <= _MOST:
        return refusal("H168", status=422)
    return answer({"requestId": book_of(world).submit(company, listed), "subRequests": listed}, status=202)


def _results(world: World, company: str, request: Request, _given: Any) -> Response:
    found = book_of(world).results(company, request.path_params["request_id"])
    return refusal("H404", status=404) if found is None else answer(found)


def _status(world: World, company: str, _request: Request, given: Any) -> Response:
    found = book_of(world).state(company, _record(given))
    return refusal("H404", status=404) if found is None else answer(found)


def _changes(world: World, company: str, request: Request, _given: Any) -> Response:
    origin = request.query_params.get("source", "IYS")
    after, limit = request.query_params.get("after", "0"), request.query_params.get("limit", "999")
    if not after.isdigit() or not limit.isdigit() or not 1 <= int(limit) <= _MOST or origin not in ("IYS", "HS"):
        return refusal("H168", status=422)
    found = book_of(world).changes(company, origin, int(after), int(limit))
    last = str(found[-1].number) if found else after
    return answer({"after": last, "list": [each.record for each in found]})


def _record(given: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", given) if isinstance(given, dict) else {}


def _document(body: bytes) -> Any:
    try:
        return json.loads(body or b"null")
    except ValueError:
        return None


def _company_of(world: World, asked: Asked) -> str | None:
    if asked.path.startswith(gateway.PREFIX):
        return gateway.company_of(world, asked.body)
    named = tokens.TOKENS.company_named(world, asked.headers.get("authorization", ""))
    if named is not None:
        return named
    form = parse_qs(asked.body.decode("latin-1"))
    return tokens.company_of_account(world.seed, form.get("username", [""])[0], None)


STAND_IN = SandboxProvider(
    name="iys",
    prefixes=("/oauth2/token", "/sps/", gateway.PREFIX, "/_iys/"),
    app=_app,
    credentials=tokens.credentials,
    company_of=_company_of,
    error=error,
    spoil=spoil,
    error_to=error_to,
)

__all__ = ["STAND_IN"]
