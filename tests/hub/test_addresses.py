from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from hub.control.addresses import base_url, require_outside
from hub.errors import HubError
from tests.hub.provider_stand_in import DENEME

SELF_HOSTED = replace(DENEME, self_hosted=True)


def test_each_environment_has_the_providers_own_address() -> None:
    assert base_url(DENEME, "live", None) == "https://api.deneme.example"
    assert base_url(DENEME, "sandbox", None) == "https://sandbox.deneme.example"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "http://localhost:1", "http://[::1]:9", "https://box.example"]
)
def test_a_sandbox_may_be_on_loopback_or_behind_https(url: str) -> None:
    assert base_url(DENEME, "sandbox", url) == url.rstrip("/")


def test_a_live_address_is_the_providers_unless_customers_run_its_server() -> None:
    with pytest.raises(HubError, match="base_url_fixed"):
        base_url(DENEME, "live", "https://evil.example")
    assert base_url(SELF_HOSTED, "live", "https://filo.belediye.example/v1") == "https://filo.belediye.example/v1"


@pytest.mark.parametrize(
    ("environment", "url", "code"),
    [
        ("sandbox", "http://box.example", "base_url_not_https"),
        ("live", "http://filo.example", "base_url_not_https"),
        ("live", "https://127.0.0.1", "base_url_internal"),
        ("live", "https://localhost", "base_url_internal"),
        ("sandbox", "http://169.254.169.254/latest", "base_url_internal"),
        ("sandbox", "https://0.0.0.0", "base_url_internal"),
        ("sandbox", "https://[::ffff:169.254.169.254]", "base_url_internal"),
        ("sandbox", "https://:pass@box.example", "base_url_malformed"),
        ("sandbox", "ftp://box.example", "base_url_malformed"),
        ("sandbox", "https://user:pass@box.example", "base_url_malformed"),
        ("sandbox", "https://box.example?key=1", "base_url_malformed"),
        ("sandbox", "https://", "base_url_malformed"),
        ("sandbox", "https://box.example:port", "base_url_malformed"),
        ("staging", None, "environment_unknown"),
    ],
)
def test_other_addresses_are_refused_with_their_reason(environment: str, url: str | None, code: str) -> None:
    with pytest.raises(HubError, match=code):
        base_url(SELF_HOSTED, environment, url)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:8081", "base_url_inside"),
        ("https://2130706433", "base_url_inside"),
        ("https://10.0.0.7", "base_url_inside"),
        ("https://localhost", "base_url_internal"),
        ("https://box.local", "base_url_internal"),
    ],
)
def test_who_chose_an_address_inside_is_told_whether_anybody_can_open_it(url: str, code: str) -> None:
    with pytest.raises(HubError) as refused:
        require_outside(url, ())
    assert refused.value.code == code


def test_a_network_that_the_operator_opened_is_open() -> None:
    require_outside("http://127.0.0.1:8081", (IPv4Network("127.0.0.0/8"),))
