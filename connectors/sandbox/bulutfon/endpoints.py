"""What each path answers."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.bulutfon import keys, records, switchboard
from connectors.sandbox.bulutfon.calls import call_named
from connectors.sandbox.bulutfon.desk import asked_of
from connectors.sandbox.bulutfon.envelope import failure, success
from connectors.sandbox.bulutfon.lists import BadFilter, first_filtered, first_page, second_filtered, second_page

if TYPE_CHECKING:
    from starlette.requests import Request

    from connectors.sandbox.bulutfon.desk import Desk, Endpoint, Visit

AUDIO = b"OggS" + b"\0" * 60
"""What a recording begins with; nothing of ours may ever receive it."""
_OF_EXTENSION_LIST = ("id", "number", "registered", "caller_name", "email")
_OF_GROUP_LIST = ("id", "number", "name", "timeout", "delay_time", "ring_duration")
_OF_NUMBER_LIST = (
    "id",
    "number",
    "state",
    "destination_type",
    "destination_id",
    "destination_number",
    "working_hour",
)
_NOT_FOUND = "Not found"


def me(desk: Desk, visit: Visit) -> Response:
    """GET /me."""
    return success(switchboard.account(desk.world, visit.company_id))


def first_calls(desk: Desk, visit: Visit) -> Response:
    """GET /cdrs."""
    now = desk.world.clock.now()
    try:
        found = first_filtered(desk.first(visit.company_id, now), visit.query, now)
    except BadFilter:
        return failure(422, "Unknown time_limit")
    page, pagination = first_page(desk.world, found, visit.query, visit.path)
    desk.owners.update({call["uuid"]: visit.company_id for call in page})
    return success({"cdrs": page, "pagination": pagination})


def first_call(desk: Desk, visit: Visit) -> Response:
    """GET /cdrs/:uuid."""
    call, now = call_named(desk.world, desk.calls, visit.company_id, visit.path_params["uuid"]), desk.world.clock.now()
    if call is None:
        return failure(404, _NOT_FOUND)
    company = desk.world.company(visit.company_id)
    return success({"cdr": records.first(call, now) | {"call_flow": records.flow(call, now, company)}})


def first_list(noun: str) -> Endpoint:
    """GET /extensions, /groups or /dids: lists know no pages and only some of the fields."""
    source, fields, name, _ = _NOUNS[noun]

    def answer(desk: Desk, visit: Visit) -> Response:
        return success(
            {name: [{field: each[field] for field in fields} for each in source(desk.world, visit.company_id)]}
        )

    return answer


def first_detail(noun: str) -> Endpoint:
    """GET /extensions/:id and its like: all the fields of the first generation."""
    source, _, _, name = _NOUNS[noun]

    def answer(desk: Desk, visit: Visit) -> Response:
        wanted = visit.path_params["number"]
        found = next((each for each in source(desk.world, visit.company_id) if str(each["id"]) == wanted), None)
        if found is None:
            return failure(404, _NOT_FOUND)
        return success({name: {field: value for field, value in found.items() if field not in ("phone", "did_id")}})

    return answer


def second_calls(desk: Desk, visit: Visit) -> Response:
    """GET /v2/cdr/list, newest first."""
    return _second(desk, visit, desk.second(visit.company_id, desk.world.clock.now(), f"{visit.host}/v2/call-records/"))


def second_call(desk: Desk, visit: Visit) -> Response:
    """GET /v2/cdr/YYYY/MM/DD/:uuid; the day must be the call's."""
    call, now = call_named(desk.world, desk.calls, visit.company_id, visit.path_params["uuid"]), desk.world.clock.now()
    given = "-".join(visit.path_params[part] for part in ("year", "month", "day"))
    if call is None or records.written(call.at)[:10] != given:
        return failure(404, _NOT_FOUND)
    told = records.second(call, now, recordings=f"{visit.host}/v2/call-records/")
    return success({"data": told | {"call_flow": records.flow(call, now, desk.world.company(visit.company_id))}})


def second_list(noun: str) -> Endpoint:
    """GET /v2/pbx/extensions and its like."""
    source, fields, _, _ = _NOUNS[noun]

    def answer(desk: Desk, visit: Visit) -> Response:
        listed = source(desk.world, visit.company_id)
        if noun != "extensions":
            return _second(desk, visit, [{field: each[field] for field in fields} for each in listed])
        plain = ("id", "did_id", "number", "caller_name", "email", "phone")
        told = [{field: each[field] for field in plain} | {"register": each["registered"]} for each in listed]
        return _second(desk, visit, told)

    return answer


async def recording(desk: Desk, request: Request) -> Response:
    """GET /call-records/:uuid: audio for the master token, or for the token of that recording alone."""
    asked, uuid = asked_of(request), request.path_params["uuid"]
    company_id = keys.company_of(desk.world.seed, asked)
    if company_id is None:
        company_id = desk.owners.get(uuid, "")
        right = keys.recording_key(desk.world.seed, company_id, uuid)
        if not hmac.compare_digest(right.encode(), (keys.key_in(asked) or "").encode()):
            return failure(401, keys.INVALID)
    return Response(AUDIO, media_type="audio/ogg")


def _second(desk: Desk, visit: Visit, listed: list[dict[str, Any]]) -> Response:
    try:
        found = second_filtered(listed, visit.query)
    except BadFilter:
        return failure(422, "Unknown filter")
    page, pagination = second_page(desk.world, found, visit.query)
    return success({"data": page, "pagination": pagination})


_NOUNS = {
    "extensions": (switchboard.extensions, _OF_EXTENSION_LIST, "extensions", "extension"),
    "groups": (switchboard.groups, _OF_GROUP_LIST, "groups", "group"),
    "numbers": (switchboard.numbers, _OF_NUMBER_LIST, "dids", "did"),
}
"""Where its records come from, the fields that a list tells, and the first generation's names of list and record."""
