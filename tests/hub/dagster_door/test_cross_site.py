"""Other sites' pages change nothing and open no websocket with our cookie."""

from __future__ import annotations

from typing import Any

import pytest

from hub.dagster_door.cross_site import is_cross_site


def scope(method: str = "POST", kind: str = "http", host: str = "hub.example", **headers: str) -> dict[str, Any]:
    given = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {"type": kind, "method": method, "headers": [(n.encode(), v.encode()) for n, v in given.items()]}


def test_reading_by_http_is_left_to_the_browsers_own_rule() -> None:
    assert not is_cross_site(scope("GET", sec_fetch_site="cross-site"))
    assert not is_cross_site(scope("HEAD"))


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": "https://hub.example"},
        {"origin": "https://hub.example:443", "sec_fetch_site": "same-origin"},
        {"origin": "http://hub.example:8400", "host": "hub.example:8400"},
        {"origin": "http://[::1]:8400", "host": "[::1]:8400"},
    ],
)
def test_our_own_pages_and_programs_that_say_so_pass(kind: str, headers: dict[str, str]) -> None:
    assert not is_cross_site(scope("GET" if kind == "websocket" else "POST", kind, **headers))


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "same-origin", "origin": "https://evil.example"},
        {"sec_fetch_site": "cross-site", "origin": "https://hub.example"},
        {"sec_fetch_site": "Same-Origin"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://hub.example.evil.example"},
        {"origin": "https://evil.example#hub.example"},
        {"origin": "https://hub.example:8443"},
        {"origin": "https://sub.hub.example"},
        {"origin": "https://hub.example:99999"},
        {"origin": "https://[hub.example"},
        {"origin": "file://hub.example"},
        {"origin": "https://hub.example", "host": ""},
    ],
)
def test_every_other_is_refused(kind: str, headers: dict[str, str]) -> None:
    assert is_cross_site(scope("GET" if kind == "websocket" else "POST", kind, **headers))
