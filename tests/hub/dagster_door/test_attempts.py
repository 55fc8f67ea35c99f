"""Who tried what at Dagster's door and was refused is told, by code and never by what stood in the call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.dagster_door.access import AttemptNote
from hub.errors import HubError
from hub.identity.permissions import Role
from tests.hub.dagster_door.house import COOKIE, Dagster, House, house
from tests.hub.dagster_door.test_channel import end_of, opened, refused_with, say

ADMIN, ANALYST = Role.PLATFORM_ADMIN, Role.PLATFORM_ANALYST
GRAPHQL = "/dagster/graphql"
TRICK = "/dagster/%2e%2e/api/v1/tenants"


@pytest.fixture(autouse=True)
def _nothing_told_yet(door: House) -> None:
    door.attempts.clear()


def told(door: House) -> list[tuple[str, str, bool]]:
    """Code, way, and whether somebody is named."""
    return [(each.code, each.way, each.caller is not None) for each in door.attempts]


def test_a_tenants_people_who_try_dagster_are_named(door: House) -> None:
    session = door.sessions.open(Role.ANALYST)
    with door.client(None, Cookie=f"{COOKIE}={session}") as client:
        for path in ("/dagster/runs", TRICK):
            assert client.get(path).status_code == 404
        # h11 and httptools know different methods; what neither of them refuses is no word for a log.
        client.request("PROPFIND", "/dagster/runs")
    whose, code = door.sessions.of[session].caller, "dagster_not_here"
    assert [replace(each, request_id="") for each in door.attempts] == [
        AttemptNote(code, whose, "127.0.0.1", f"{method} /dagster", "") for method in ("GET", "GET", "OTHER")
    ]


def test_a_stranger_tries_with_a_path_that_is_played_with_and_not_by_asking_to_come_in(door: House) -> None:
    with door.client(None) as client:
        assert client.get("/dagster/runs", headers={"Accept": "text/html"}).status_code == 303
        assert client.get("/dagster/runs").status_code == 401
        assert client.post(GRAPHQL, json={"query": "{ version }"}).status_code == 401
        assert told(door) == []
        assert client.get(TRICK).status_code == 404
    assert told(door) == [("dagster_not_here", "GET /dagster", False)]


def test_other_sites_calls_and_websockets_are_attempts_with_a_session_and_without(door: House) -> None:
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for role, status in ((ADMIN, 403), (None, 401)):
        with door.client(role) as client:
            assert client.post(GRAPHQL, json={"query": "{ version }"}, headers=evil).status_code == status
    refused_with(door, door.sessions.open(ADMIN), origin="https://evil.example")
    refused_with(door, None, origin="https://evil.example")
    refused_with(door, None)
    assert told(door) == [
        ("dagster_cross_site", way, named) for way in ("POST /dagster", "WEBSOCKET /dagster") for named in (True, False)
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "mutation { launchMissiles { __typename } }"}, "dagster_mutation_unknown"),
        ({"query": "query A { version } query B { version }"}, "dagster_operation_unclear"),
        ([{"query": "{ version }"}, {"query": "{ version }"}], "dagster_batch"),
    ],
)
def test_operations_that_are_refused_are_attempts(door: House, body: Any, code: str) -> None:
    with door.client(ADMIN) as client:
        assert client.post(GRAPHQL, json=body).json()["code"] == code
    with opened(door, door.sessions.open(ADMIN)) as websocket:
        say(websocket, type="start", id="1", payload=body)
        end_of(websocket)
    over = "dagster_body_unreadable" if code == "dagster_batch" else code
    assert told(door) == [(code, "POST /dagster", True), (over, "WEBSOCKET /dagster", True)]


def test_what_the_gate_wrote_down_is_not_told_twice(door: House) -> None:
    with door.client(ANALYST) as client:
        answer = client.post(GRAPHQL, json={"query": "mutation { reloadWorkspace { __typename } }"})
    assert answer.json()["code"] == "dagster_operate_missing"
    assert (told(door), len(door.notes)) == ([], 1)
    door.notes.clear()


def test_too_many_refused_calls_are_put_off_and_whoever_may_come_in_is_not(behind: Dagster) -> None:
    def enough() -> None:
        raise HubError("too_many_calls", retry_seconds=7)

    with house(behind, stranger=enough) as door:
        for role, path in ((None, "/dagster/runs"), (Role.OWNER, "/dagster/runs"), (ADMIN, TRICK)):
            with door.client(role) as client:
                answer = client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
        assert refused_with(door, None) == "too_many_calls"
        with door.client(ANALYST) as client:
            assert client.get("/dagster/server_info").status_code == 200
        # What was put off was tried all the same.
        assert [each.code for each in door.attempts] == ["dagster_not_here"] * 2
