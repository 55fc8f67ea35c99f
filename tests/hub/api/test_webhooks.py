"""Providers' calls through the front door: each takes effect once, under the bounds and headers of everything there."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
from psycopg.types.json import Jsonb

from hub.migrations.connections import outside_transaction
from tests.conftest import MakeTenant
from tests.proofs.webhook_calls import PATIENCE, Street, deliveries, judge, made, shop

if TYPE_CHECKING:
    from hub.api.services import Services
    from hub.settings import Settings

Served = tuple["Services", str]


def test_every_provider_s_calls_take_effect_once_though_the_database_drops_everybody(
    served: Served, settings: Settings, make_tenant: MakeTenant
) -> None:
    """The small form of tests/proofs/test_webhooks_ten_thousand.py."""
    services, url = served
    shops = [shop(services.database, services.keyring, make_tenant()) for _ in range(2)]
    calls = deliveries(shops, 300, random.Random(3))
    street = Street(url)
    street.open.set()
    with street.deliver(4, calls):
        with street.news:
            assert street.news.wait_for(lambda: len(street.acknowledged) > 100, PATIENCE)
        with outside_transaction(settings, "data") as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (settings.role("app"),)
            )
    for client in street.clients:
        client.result()
    judge(shops, calls, street)


def test_what_is_over_the_plan_is_put_off_and_a_stranger_uses_nothing_up(
    served: Served, make_tenant: MakeTenant
) -> None:
    services, url = served
    allowed = 4
    at = shop(services.database, services.keyring, make_tenant(limits=Jsonb({"webhooks_per_minute": allowed})))

    def answer(number: int, *, genuine: bool = True) -> httpx.Response:
        call = made("iyzico", at.paths["iyzico"], number, genuine=genuine)
        return httpx.post(url + call.path, content=call.body, headers=dict(call.headers))

    assert {answer(number, genuine=False).status_code for number in range(9)} == {401, 403}
    answers = [answer(number) for number in range(12)]
    taken = [each.status_code for each in answers].count(200)
    refused = answers[-1]

    # One a process is let through without asking what all processes share.
    assert allowed <= taken <= allowed + 2
    assert (refused.status_code, refused.text) == (429, '{"error":"too_many_calls"}')
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert len(at.rows()) == taken


def test_the_front_door_says_no_more_than_the_receiver_and_bounds_its_calls(
    served: Served, make_tenant: MakeTenant, raw: Callable[[bytes], bytes]
) -> None:
    services, url = served
    at = shop(services.database, services.keyring, make_tenant())
    path = at.paths["findeks"]
    nowhere = [
        httpx.post(f"{url}{where}")
        for where in ("/hooks/", "/hooks/findeks", "/hooks/findeks/x", f"{path}/", f"/hooks/iyzico/{path[-43:]}")
    ] + [httpx.request(method, url + path) for method in ("PUT", "HEAD", "DELETE", "OPTIONS")]
    assert {each.status_code for each in nowhere} == {404}
    assert {each.text for each in nowhere if each.request.method != "HEAD"} == {'{"error":"not_found"}'}

    refused = httpx.post(url + path, content=b"{}", headers={"Accept-Language": "en"})
    assert (refused.status_code, refused.text) == (401, '{"error":"webhook_unproved"}')
    for name in ("x-request-id", "content-security-policy", "x-content-type-options", "referrer-policy"):
        assert refused.headers[name]
    assert refused.headers["cache-control"] == "no-store"
    assert "www-authenticate" not in refused.headers

    assert httpx.post(url + path, content=b" " * ((1 << 20) + 1)).status_code == 413
    assert raw(
        f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nx: {'a' * 20_000}\r\n\r\n{{}}".encode()
    ).startswith(b"HTTP/1.1 431")
    assert at.rows() == set()
