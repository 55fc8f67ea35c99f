"""Only addresses that every server reads alike are Dagster's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.dagster_door.paths import MOST_PATH_BYTES, MOST_QUERY_BYTES, Address, address_of


def asked(path: bytes, query: bytes = b"") -> Address | None:
    return address_of({"type": "http", "raw_path": path, "path": "/not/read", "query_string": query})


@pytest.mark.parametrize(
    "path",
    [
        "/dagster",
        "/dagster/",
        "/dagster/runs/0b6c1ad8-3d28-4d0f-8a4e-0a6b8f3f7a11",
        "/dagster/assets/marts/payments",
        "/dagster/locations/__repository__%40hub/jobs/sync_iyzico",
        "/dagster/_next/static/chunks/main-0a1b.js",
        "/dagster/graphql",
        "/dagster/assets/%C3%B6deme",
        "/dagster/assets/a..b",
    ],
)
def test_dagsters_own_addresses_go_on_byte_for_byte(path: str) -> None:
    address = asked(path.encode(), b"view=assets&q=%22a%22")

    assert address is not None
    assert address.target == f"{path}?view=assets&q=%22a%22"


TRICKS = [
    "/dagster/../api/v1/tenants",
    "/dagster/..",
    "/dagster/./graphql",
    "/dagster/%2e%2e/api",
    "/dagster/%2E%2e/api",
    "/dagster/.%2e/api",
    "/dagster/%252e%252e/api%",
    "/dagster//graphql",
    "//dagster/graphql",
    "/dagster/a//b",
    "/dagster/..%2fapi",
    "/dagster/a%2fb",
    "/dagster/a%5cb",
    "/dagster/..\\api",
    "/dagster/a\\b",
    "/dagster/%00",
    "/dagster/a%0d%0aHost:%20x",
    "/dagster/a\r\nHost: x",
    "/dagster/a b",
    "/dagster/a%zz",
    "/dagster/a%2",
    "/dagster/\u00f6deme",
    "/dagster#fragment",
    "/dagsters",
    "/dagster.evil",
    "/dagster@evil/",
    "/Dagster/runs",
    "/%64agster/runs",
    "/",
    "",
    "http://127.0.0.1/dagster/graphql",
    "dagster/graphql",
    "/dagster/graphql/",
    "/dagster/%67raphql",
    "/dagster/notebook",
    "/dagster/n%6ftebook",
    "/dagster/dagit/notebook",
    "/dagster/report_asset_materialization/a",
    "/dagster/report_asset_check/a",
    "/dagster/%72eport_asset_observation/a",
    "/dagster/" + "a" * MOST_PATH_BYTES,
]


@pytest.mark.parametrize("path", TRICKS)
def test_a_path_that_two_servers_could_read_differently_is_none_of_dagsters(path: str) -> None:
    assert asked(path.encode()) is None


@pytest.mark.parametrize(
    "query", [b"a=b c", b"a=\r\nX: y", b"a=\x00", b"a=\xff", b"a=%zz", b"#", b"a" * (MOST_QUERY_BYTES + 1)]
)
def test_a_query_that_is_no_query_is_refused(query: bytes) -> None:
    assert asked(b"/dagster/runs", query) is None


def test_without_the_raw_path_a_decoded_one_is_held_to_the_same_rules() -> None:
    def of(path: str) -> Address | None:
        return address_of({"type": "http", "path": path})

    assert of("/dagster/runs") == Address("/dagster/runs", "")
    assert of("/dagster/a b") == Address("/dagster/a%20b", "")
    assert [of(path) for path in ("/dagster/../x", "/dagster//x", "/dagster/a\\b", "/dagster/a\r\nb")] == [None] * 4


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([b"/", b"..", b".", b"%2e", b"%2F", b"%5c", b"\\", b"a", b"dagster", b"%00"]), max_size=8)
)
def test_no_mixture_leads_out(parts: list[bytes]) -> None:
    from posixpath import normpath
    from urllib.parse import unquote

    address = asked(b"/dagster/" + b"".join(parts))

    if address is not None:
        for seen in (address.path, unquote(address.path), unquote(unquote(address.path))):
            assert (normpath(seen.replace("\\", "/")) + "/").startswith("/dagster/")
