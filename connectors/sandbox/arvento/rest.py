"""The REST service: one living session a company, an envelope around everything, failures under 200."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.istanbul import ISTANBUL
from connectors.sandbox.arvento import packets, reports
from connectors.sandbox.arvento.credentials import (
    company_of_session,
    company_of_user,
    password_right,
    session_id,
)
from connectors.sandbox.arvento.operations import YEAR_FIRST
from connectors.sandbox.arvento.service import NOT_AUTHORIZED_TR

if TYPE_CHECKING:
    from starlette.requests import Request

    from connectors.sandbox.arvento.desk import Desk
    from connectors.sandbox.provider import Asked

PREFIX = "/api/v1"
SESSION_LIFE = timedelta(minutes=30)
NULL_REFERENCE, INVALID_INTERVAL, WRONG_USER = 1000, 1012, 1001

Handler = Callable[["Desk", str, Mapping[str, Any]], Any]


class _Refused(Exception):
    """Carries the service's status."""


async def answer(desk: Desk, request: Request) -> Response:
    """One request to the REST service."""
    path = request.url.path[len(PREFIX) :]
    body = _document(await request.body())
    if path == "/login":
        return _login(desk, body)
    session = request.headers.get("authorization", "").removeprefix("sid ")
    company_id = company_of_session(desk.world.seed, session)
    if company_id is None or not _alive(desk, company_id, session):
        return Response(b"", status_code=401)
    handler = _HANDLERS.get((request.method, path))
    if handler is None:
        return Response(b"", status_code=404)
    if ("arvento", company_id, path) in desk.world.withheld:
        return _envelope(status=1003, message=NOT_AUTHORIZED_TR)
    try:
        return _envelope(items=handler(desk, company_id, body))
    except _Refused as refused:
        return _envelope(status=refused.args[0], message="Hata")


def company_of(seed: int, asked: Asked) -> str | None:
    """The company whose session or user a request carries."""
    if asked.path == f"{PREFIX}/login":
        return company_of_user(seed, str(_document(asked.body).get("userName", "")))
    return company_of_session(seed, asked.headers.get("authorization", "").removeprefix("sid "))


def _login(desk: Desk, body: Mapping[str, Any]) -> Response:
    company_id = company_of_user(desk.world.seed, str(body.get("userName", "")))
    if company_id is None or not password_right(desk.world.seed, company_id, str(body.get("password", ""))):
        return _envelope(status=WRONG_USER, message="Kullanıcı adı veya parola hatalı")
    last = desk.sessions.get(company_id)
    number = int(last[0].split(".")[1]) + 1 if last else 1
    session = session_id(desk.world.seed, company_id, number)
    # Whoever logged in before is logged out by this.
    desk.sessions[company_id] = (session, desk.now)
    return _envelope(record={"sessionId": session})


def _alive(desk: Desk, company_id: str, session: str) -> bool:
    living = desk.sessions.get(company_id)
    if living is None or living[0] != session or desk.now - living[1] > SESSION_LIFE:
        return False
    desk.sessions[company_id] = (session, desk.now)
    return True


def _vehicles(desk: Desk, company_id: str, _body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "Node": vehicle.node,
            "LicensePlate": vehicle.written_plate,
            "Driver": None if vehicle.index == 3 else vehicle.driver(desk.now).name,
            "VehicleClass": vehicle.vehicle_class,
            "NodeGroup": "Merkez",
        }
        for vehicle in desk.listed(company_id)
    ]


def _last_events(desk: Desk, company_id: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    nodes = _nodes(body)
    return [
        {
            "Node": fix["strNode"],
            "Date": fix["dtLocalDateTime"].translate(str.maketrans("", "", "-:T")),
            "Latitude": fix["dLatitude"],
            "Longitude": fix["dLongitude"],
            "Speed": fix["dSpeed"],
            "Course": fix["nCourse"],
            "Altitude": fix["nAltitude"],
            "Odometer": fix["dOdometer"],
            "Address": fix["strAddress"],
            "Region": fix["strRegion"],
        }
        for fix in packets.packets(desk, company_id)
        if not nodes or fix["strNode"] in nodes
    ]


def _general(desk: Desk, company_id: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    start, end = _bounds(body)
    return [
        {
            "DateTime": point.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "Longitude": point.longitude,
            "Latitude": point.latitude,
            "SpeedKmPerHour": point.speed,
        }
        for node in _nodes(body)
        for _, point in desk.points(company_id, start, end, node)
    ]


def _operating(desk: Desk, company_id: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    start, end = _bounds(body)
    items: list[dict[str, Any]] = []
    for node in _nodes(body) or [vehicle.node for vehicle in desk.fleet(company_id)]:
        table = reports.operating(desk, company_id, start, end, node)
        names = [column.english.replace(" ", "").replace("/", "") for column in table.columns]
        items += [{"Node": node, **dict(zip(names, row, strict=True))} for row in table.rows]
    return items


def _nodes(body: Mapping[str, Any]) -> list[str]:
    nodes: Any = body.get("Nodes")
    if not isinstance(nodes, list):
        raise _Refused(NULL_REFERENCE)
    return [str(node) for node in nodes]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _bounds(body: Mapping[str, Any]) -> tuple[datetime, datetime]:
    try:
        start, end = (
            datetime.strptime(str(body.get(name)), YEAR_FIRST).replace(tzinfo=ISTANBUL)
            for name in ("StartDate", "EndDate")
        )
    except ValueError:
        raise _Refused(INVALID_INTERVAL) from None
    if end < start or end - start > timedelta(days=93):
        raise _Refused(INVALID_INTERVAL)
    return start, end


_HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("GET", "/vehicle"): _vehicles,
    ("POST", "/vehicle/lastEvents"): _last_events,
    ("POST", "/report/general"): _general,
    ("POST", "/report/vehicleOperating"): _operating,
}


def _envelope(*, record: Any = None, items: Any = None, status: int = 0, message: str | None = None) -> Response:
    document = {"HasError": status != 0, "Status": status, "Message": message, "Record": record, "List": items}
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, media_type="application/json")


def _document(body: bytes) -> dict[str, Any]:
    try:
        document: Any = json.loads(body or b"null")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}  # pyright: ignore[reportUnknownVariableType]
