"""Netgsm's form of İYS: credentials in the body, a list of permissions, code "0" and the record in `query`.

The account is the company's at the stand-in of Netgsm, whichever way that one names companies: it is asked.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any, cast

from starlette.routing import Route

from connectors.sandbox.iys import tokens
from connectors.sandbox.iys.book import book_of
from connectors.sandbox.iys.envelope import answer
from connectors.sandbox.provider import Asked

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from connectors.sandbox.world import World

PREFIX = "/iys/"
_MOST = 500


def routes(world: World) -> list[BaseRoute]:
    """Adding and searching."""

    async def add(request: Request) -> Response:
        company, data = _opened(world, await request.body())
        if company is None:
            return _failure("30")
        if not 0 < len(data) <= _MOST:
            return _failure("70")
        return answer({"code": "0", "error": "false", "uid": book_of(world).submit(company, data)})

    async def search(request: Request) -> Response:
        company, data = _opened(world, await request.body())
        if company is None:
            return _failure("30")
        if len(data) != 1:
            return _failure("70")
        found = book_of(world).state(company, data[0])
        if found is None:
            return _failure("50")
        return answer({"code": 0, "error": False, "query": {**found, "retailerAccessCount": 0}})

    return [
        Route(f"{PREFIX}add", add, methods=["POST"]),
        Route(f"{PREFIX}search", search, methods=["POST"]),
    ]


def company_of(world: World, body: bytes) -> str | None:
    """Whose credentials a request carries, whether or not they are right."""
    header, _ = _parts(body)
    return _company(world, str(header.get("username", "")), str(header.get("password", "")))


def _opened(world: World, body: bytes) -> tuple[str | None, list[dict[str, Any]]]:
    from connectors.sandbox.registry import STAND_INS

    header, data = _parts(body)
    company = company_of(world, body)
    if company is None or header.get("brandCode") != tokens.codes(company)["brand_code"]:
        return None, data
    right = STAND_INS["netgsm"].credentials(world.seed, company)
    said = {name: str(header.get(name, "")) for name in ("username", "password")}
    fits = hmac.compare_digest(said["password"].encode(), right["password"].encode())
    return (company if fits and said["username"] == right["usercode"] else None), data


def _company(world: World, username: str, password: str) -> str | None:
    from connectors.sandbox.registry import STAND_INS

    basic = b64encode(f"{username}:{password}".encode()).decode()
    asked = Asked("/sms/rest/v2/msgheader", "", {"authorization": f"Basic {basic}"}, b"")
    return STAND_INS["netgsm"].company_of(world, asked)


def _parts(body: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        document: Any = json.loads(body or b"null")
    except ValueError:
        document = None
    found = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    header, inner = found.get("header"), found.get("body")
    data = cast("dict[str, Any]", inner).get("data") if isinstance(inner, dict) else None
    rows = cast("list[Any]", data) if isinstance(data, list) else []
    return _record(header), [_record(each) for each in rows]


def _record(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _failure(code: str) -> Response:
    return answer({"code": code, "error": "true"})
