"""Nobody knows what Netasistan would answer, so its far end is a server that says what a test tells it to."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from connectors.action_registry import kind_named
from connectors.actions import Act, CannotTell, Outcome, Refused, Taken, Unclear
from connectors.failure import ProviderFailure
from connectors.netasistan import PROVIDER
from connectors.netasistan.session import open_session
from tests.connectors.raw_server import Script, http, raw_server
from tests.connectors.stand_still import StandStill, spec_at, work_in

KIND = kind_named("netasistan.whatsapp")
ACCEPTED = {"unverified_contract": "accepted"}
TEXT = {"to": "0555 111 22 33", "text": "Kargonuz yolda"}
TEMPLATE = {
    "to": "0555 111 22 33",
    "template": "siparis_durumu",
    "language": "tr",
    "category": "utility",
    "body": ["Ayşe"],
}


def answered(*scripts: Script, payload: dict[str, Any] | None = None, **settings: Any) -> tuple[Outcome, list[bytes]]:
    async def run() -> tuple[Outcome, list[bytes]]:
        async with raw_server(*scripts) as server, httpx.AsyncClient(trust_env=False) as client:
            connection = spec_at(server.url, {"token": "gizli"}, **ACCEPTED, **settings)
            opening: Any = KIND.open
            async with opening(connection, client, clock=StandStill().clock()) as performer:
                outcomes = await performer.perform([Act("id", "ref1", payload or TEXT)])
                assert list(await performer.look_up([Act("id", "ref1", TEXT)])) == [CannotTell()]
            return outcomes[0], server.requests

    return asyncio.run(run())


@pytest.mark.parametrize("settings", [{}, {"unverified_contract": "yes"}, {"unverified_contract": True}])
def test_it_is_off_until_somebody_accepts_that_nothing_is_verified(settings: dict[str, Any]) -> None:
    connection = spec_at("http://127.0.0.1:9", {"token": "gizli"}, **settings)

    async def test(session: Any) -> None:
        await session.test()

    async def perform() -> None:
        async with httpx.AsyncClient(trust_env=False) as client, KIND.open(connection, client):
            pytest.fail("it opened")

    for attempt in (lambda: work_in(open_session, connection, test), lambda: asyncio.run(perform())):
        with pytest.raises(ProviderFailure) as caught:
            attempt()
        assert (caught.value.code, caught.value.field) == ("settings_invalid", "unverified_contract")


def test_a_person_reads_everywhere_that_it_is_unverified() -> None:
    assert "unverified" in PROVIDER.title
    assert "doğrulanmamış" in PROVIDER.title
    assert "UNVERIFIED" in PROVIDER.description
    assert "DOĞRULANMAMIŞ" in PROVIDER.description
    assert "UNVERIFIED" in KIND.title
    assert KIND.summary(TEXT)["contract"] == "unverified"
    assert KIND.asking == "never"
    assert ".invalid" in PROVIDER.environments["live"]


def test_a_text_and_a_template_are_shaped_after_metas() -> None:
    outcome, requests = answered(http(200, b'{"id":"n1"}'))
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /whatsapp/send HTTP/1.1\r\n")
    assert b"authorization: Bearer gizli" in head
    text = {"to": "905551112233", "type": "text", "text": {"body": "Kargonuz yolda"}, "reference": "ref1"}
    assert json.loads(body) == text
    assert outcome == Taken("n1", facts={"contract": "unverified"})
    _, requests = answered(http(200, b'{"ok":true}'), payload=TEMPLATE, send_path="/api/gonder")
    assert requests[0].startswith(b"POST /api/gonder ")
    assert json.loads(requests[0].partition(b"\r\n\r\n")[2])["template"]["name"] == "siparis_durumu"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (http(400, b"{}"), Refused),
        (http(401, b""), Refused),
        (http(500, b"{}"), Unclear),
        (http(200, b"<html>"), Unclear),
        (http(200, b"{}"), Unclear),
        (http(200, b'{"success":false}'), Unclear),
        (http(200, b'{"code":"30"}'), Unclear),
        (http(200, b'{"error":"x"}'), Unclear),
        (http(200, b'{"code":"00","jobid":"1"}'), Taken),
        (b"", Unclear),
    ],
)
def test_only_a_refusal_by_status_is_certain(script: bytes, expected: type[Outcome]) -> None:
    outcome, requests = answered(script)
    assert isinstance(outcome, expected)
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"to": "x", "text": "a"}, "to"),
        ({"text": "a"}, "to"),
        ({"to": "0555 111 22 33", "text": ""}, "text"),
        ({"to": "0555 111 22 33"}, "payload"),
        ({"user_id": "TR.1", "template": "a", "language": "tr"}, "to"),
    ],
)
def test_a_wrong_field_is_named(payload: dict[str, Any], path: str) -> None:
    assert path in {problem.path for problem in KIND.check(payload)}
    outcome, requests = answered(http(200, b"{}"), payload=payload)
    assert isinstance(outcome, Refused)
    assert requests == []


def test_the_test_asks_the_path_that_the_account_names() -> None:
    async def run(script: bytes, **settings: str) -> int:
        async with raw_server(script) as server, httpx.AsyncClient(trust_env=False) as client:
            connection = spec_at(server.url, {"token": "gizli"}, **ACCEPTED, **settings)
            async with open_session(connection, client, clock=StandStill().clock()) as session:
                await session.test()
            return len(server.requests)

    assert asyncio.run(run(http(200, b"{}"))) == 0, "no path is known that could be asked"
    assert asyncio.run(run(http(200, b"{}"), test_path="/me")) == 1
    with pytest.raises(ProviderFailure, match="credentials_rejected"):
        asyncio.run(run(http(401, b"{}"), test_path="/me"))


def test_a_message_costs_what_the_account_says() -> None:
    assert KIND.cost(TEXT, {"price_per_message": "0.30"}).amount * 10 == 3
    with pytest.raises(ProviderFailure):
        KIND.cost(TEXT, {"price_per_message": "viel"})
