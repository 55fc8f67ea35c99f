"""Each call leaves one line and one count: of everything that the front door serves, and without what was said."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client import generate_latest

from hub.identity.permissions import Role
from hub.observe import counters
from hub.observe.calls import configure_calls
from tests.hub.api.attacking import served_with

if TYPE_CHECKING:
    from hub.settings import Settings
    from tests.hub.api.conftest import Door

CALLS = logging.getLogger("hub.calls")


@pytest.fixture
def told(settings: Settings) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_calls(settings, stream)
    yield stream
    CALLS.handlers[:], CALLS.propagate = [], True
    CALLS.setLevel(logging.NOTSET)


def lines(told: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_each_call_leaves_one_line_that_says_where_it_went_and_how_it_ended(door: Door, told: io.StringIO) -> None:
    secret = "ayse.yilmaz@ornek.com.tr"
    with served_with(door, dagster_url="http://127.0.0.1:9") as url:
        for method, path in (
            ("GET", "/healthz?q=" + secret),
            ("POST", f"/hooks/iyzico/{secret}"),
            ("GET", f"/dagster/runs/{secret}"),
            ("POST", "/dagster/graphql"),
            ("GET", "/sign-in"),
            ("GET", "/account"),
            ("GET", f"/metrics?q={secret}"),
            ("GET", f"/{secret}"),
        ):
            httpx.request(method, url + path, timeout=30)
        owner = door.people[door.own, Role.OWNER]
        named = {"X-Request-Id": uuid4().hex}
        httpx.request("GET", f"{url}/api/v1/webhooks/{uuid4()}", headers={**named, **owner.headers}, timeout=30)
        httpx.request("TRACE", f"{url}/api/v1/webhooks/{uuid4()}", timeout=30)

    found = lines(told)
    assert [(line["method"], line["route"], line["status"]) for line in found] == [
        ("GET", "/healthz", 422),
        ("POST", "/hooks/{provider}/{secret}", 404),
        ("GET", "/dagster", 401),
        ("POST", "/dagster/graphql", 401),
        ("GET", "/sign-in", 200),
        ("GET", "/account", 303),
        ("GET", "/metrics", 404),
        ("GET", "other", 404),
        ("GET", "/api/v1/webhooks/{webhook}", 404),
        ("other", "/api/v1/webhooks/{webhook}", 405),
    ]
    assert [line.get("tenant_id") for line in found] == [None] * 8 + [door.own, None]
    assert found[8]["request_id"] == named["X-Request-Id"]
    assert len({line["request_id"] for line in found}) == len(found)
    assert all(line["ms"] > 0 for line in found)
    assert set(found[0]) == {
        "event", "level", "logger", "process", "request_id", "route", "method", "status", "ms", "timestamp",
    }  # fmt: skip
    assert secret not in told.getvalue()
    assert "127.0.0.1" not in told.getvalue()
    page = generate_latest(counters.counters().registry).decode()
    assert all(f'route="{line["route"]}"' in page for line in found)


def test_no_line_is_written_where_none_is_wanted(door: Door, told: io.StringIO) -> None:
    with served_with(door, log_calls=False) as url:
        httpx.get(f"{url}/healthz", timeout=30)
    CALLS.setLevel(logging.WARNING)
    with served_with(door) as url:
        httpx.get(f"{url}/healthz", timeout=30)

    assert told.getvalue() == ""


def test_the_numbers_page_that_is_not_there_says_which_call_it_answers(door: Door) -> None:
    with door.client() as client:
        answer = client.get("/metrics")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_line_for_a_person_holds_the_same(settings: Settings, told: io.StringIO) -> None:
    from hub.observe.calls import CallLog

    CallLog("console").tell(
        request_id="call-0001", tenant_id=None, trace_id="t", route="/x", method="GET", status=200, seconds=0.0123
    )

    assert " request_id=call-0001 trace_id=t route=/x method=GET status=200 ms=12.3 " in told.getvalue()
