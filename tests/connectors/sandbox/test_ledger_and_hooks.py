from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.gate import ConnectionDropped, FaultGate
from connectors.sandbox.hooks import Hook, Hooks
from connectors.sandbox.iyzico import STAND_IN
from connectors.sandbox.ledger import Deed, Ledger
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import World
from tests.connectors.raw_server import http, raw_server

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def deed(reference: str, company: str = "a") -> Deed:
    return Deed("netgsm", company, "sms", reference, "1", NOW)


def test_the_ledger_counts_what_was_done_by_reference() -> None:
    ledger = Ledger()
    for each in (deed("r1"), deed("r2"), deed("r1"), deed("r1", company="b")):
        ledger.enter(each)
    assert ledger.counts(provider="netgsm", company="a") == {"r1": 2, "r2": 1}
    assert ledger.counts(what="invoice") == {}
    assert ledger.as_json()[0] == {
        "provider": "netgsm", "company": "a", "what": "sms", "reference": "r1", "number": "1", "at": NOW.isoformat(),
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "done"), [("cut_before", 0), ("cut_after", 1)])
def test_a_cut_connection_does_not_say_whether_the_act_was_done(kind: FaultKind, done: int) -> None:
    world, acts = World(start=NOW), list[str]()
    world.faults.add(Fault(kind, times=1))

    async def act(_scope: object, receive: object, send: object) -> None:
        del receive
        acts.append("done")
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"{}"})  # type: ignore[operator]

    sent = list[object]()

    async def ask() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: object) -> None:
            sent.append(message)

        scope = {"type": "http", "path": "/v2/x", "query_string": b"", "headers": [], "method": "POST"}
        await FaultGate(act, world=world, provider=STAND_IN)(scope, receive, send)  # type: ignore[arg-type]

    with pytest.raises(ConnectionDropped):
        asyncio.run(ask())
    assert (len(acts), sent) == (done, [])
    asyncio.run(ask())
    assert len(acts) == done + 1


def delivered(hooks: Hooks, *scripts: bytes, times: int = 1) -> tuple[list[int], list[bytes]]:
    async def run() -> tuple[list[int], list[bytes]]:
        async with raw_server(*scripts) as server, httpx.AsyncClient(trust_env=False) as client:
            hooks.subscribe("meta", "a", f"{server.url}/hook")
            statuses = await hooks.deliver(client, times=times, shuffle_seed=1)
            return statuses, server.requests

    return asyncio.run(run())


def test_a_webhook_waits_until_it_is_answered_with_success() -> None:
    hooks = Hooks()
    hooks.owe(Hook("meta", "a", b'{"n":1}', {"x-signature": "s"}))
    hooks.owe(Hook("meta", "nobody", b"{}"))
    assert delivered(hooks, http(500, b""))[0] == [500]
    assert len(hooks.waiting(company="a")) == 1
    statuses, requests = delivered(hooks, http(200, b""), times=2)
    assert statuses == [200, 200]
    assert all(b'{"n":1}' in request and b"x-signature: s" in request for request in requests)
    assert hooks.waiting(company="a") == []
    assert len(hooks.waiting()) == 1


def test_a_cut_reaches_the_client_as_a_reset_and_not_as_an_answer(sandbox: Sandbox) -> None:
    sandbox.world.faults.add(Fault("cut_after", "iyzico", times=1))
    with httpx.Client(trust_env=False) as client:
        with pytest.raises(httpx.TransportError):
            client.post(f"{sandbox.url}/payment/bin/check", content=b"{}")
        assert client.post(f"{sandbox.url}/payment/bin/check", content=b"{}").status_code != 500
