"""The stand-in of a Findeks gateway: token, list and reports, and the way to an ordered one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.routing import Route, Router

from connectors.sandbox.findeks import ordering, tokens
from connectors.sandbox.findeks.bureau import Query, queries
from connectors.sandbox.findeks.desk import orders_of
from connectors.sandbox.findeks.documents import report
from connectors.sandbox.findeks.envelope import answer, error, failure, local_time, spoil
from connectors.sandbox.findeks.files import report_file
from connectors.sandbox.findeks.xml import risk_report
from connectors.sandbox.provider import Asked, SandboxProvider

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from connectors.sandbox.world import World

_LIMIT = 100
PIN_FILE = "pin"


def _app(world: World) -> ASGIApp:
    def guarded(endpoint: Callable[[World, str, Request], Awaitable[Response]]) -> Callable[[Request], Any]:
        async def reply(request: Request) -> Response:
            company_id = tokens.TOKENS.company_of(world, request.headers.get("authorization", ""))
            return failure("2001", status=401) if company_id is None else await endpoint(world, company_id, request)

        return reply

    async def token(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        company_id = tokens.company_of_account(world.seed, form.get("client_id", ""), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials" or company_id is None:
            return answer({"error": "invalid_client"}, status=401)
        return answer(
            {
                "access_token": tokens.TOKENS.give(world, company_id),
                "token_type": "Bearer",
                "expires_in": tokens.LIFE_SECONDS,
            }
        )

    return Router(
        [
            Route("/oauth/token", token, methods=["POST"]),
            Route("/findeks/reports", guarded(_list)),
            Route("/findeks/reports", guarded(ordering.order), methods=["POST"]),
            Route("/findeks/reports/{report_id}", guarded(_one)),
            Route("/findeks/consents", guarded(ordering.create), methods=["POST"]),
            Route("/findeks/consents/{consent_id}/phones", guarded(ordering.phones)),
            Route("/findeks/consents/{consent_id}/pin", guarded(ordering.send_pin), methods=["POST"]),
            Route("/findeks/consents/{consent_id}/confirm", guarded(ordering.confirm), methods=["POST"]),
        ]
    )


async def _list(world: World, company_id: str, request: Request) -> Response:
    since = _moment(request.query_params.get("updatedSince"))
    limit, cursor = request.query_params.get("limit", str(_LIMIT)), request.query_params.get("cursor", "0")
    if since is None or not limit.isdigit() or not cursor.isdigit() or not 1 <= int(limit) <= _LIMIT:
        return failure("1003", status=400)
    now = world.clock.now()
    changed = [query for query in _all(world, company_id) if query.updated_at(now) >= since]
    start = int(cursor)
    size = min(int(limit), world.pace.page_size)
    items = [_item(query, now) for query in changed[start : start + size]]
    more = start + size < len(changed)
    return answer({"items": items, "nextCursor": str(start + size) if more else None})


async def _one(world: World, company_id: str, request: Request) -> Response:
    now = world.clock.now()
    for query in _all(world, company_id):
        if query.report_id == request.path_params["report_id"]:
            if "xml" in request.headers.get("accept", "") and query.kind == "RISK" and query.state(now) == "READY":
                content, encoding = risk_report(query)
                return Response(content, media_type=f"application/xml; charset={encoding}")
            return answer(report(query, now))
    return failure("6005", status=404)


def _all(world: World, company_id: str) -> list[Query]:
    return [*queries(world, company_id), *orders_of(world).bought(company_id)]


def _item(query: Query, now: datetime) -> dict[str, Any]:
    return {
        "reportId": query.report_id,
        "referenceNo": query.reference_no,
        "reportType": query.kind,
        "status": query.state(now),
        "updatedAt": local_time(query.updated_at(now)),
        "customerRef": query.customer_ref,
        "consentId": query.consent_id,
    }


def _moment(text: str | None) -> datetime | None:
    from datetime import datetime

    try:
        # A plus sign that a client did not escape arrives as a space.
        moment = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _file(world: World, company_id: str, name: str) -> str | None:
    """A dropped report; under the name `pin` what the person behind the last consent was sent."""
    return orders_of(world).pin(company_id) if name == PIN_FILE else report_file(world, company_id, name)


def _company_of(world: World, asked: Asked) -> str | None:
    found = tokens.TOKENS.company_named(world, asked.headers.get("authorization", ""))
    if found is not None:
        return found
    form = parse_qs(asked.body.decode("latin-1"))
    return tokens.company_of_account(world.seed, form.get("client_id", [""])[0], None)


STAND_IN = SandboxProvider(
    name="findeks",
    prefixes=("/oauth/token", "/findeks/"),
    app=_app,
    credentials=tokens.credentials,
    company_of=_company_of,
    error=error,
    spoil=spoil,
    file=_file,
)
