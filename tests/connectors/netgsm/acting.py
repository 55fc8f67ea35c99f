"""Actions against the sandbox's Netgsm, with a clock whose sleeps take no time."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import httpx
import pytest

from connectors.actions import Act, ActionKind, Finding, Outcome
from connectors.contract import ConnectionSpec
from connectors.failure import ProviderFailure
from connectors.netgsm.actions import SMS
from connectors.netgsm.client import NetgsmClient
from connectors.netgsm.session import NetgsmSession, open_session
from connectors.sandbox.server import Sandbox
from tests.connectors.raw_server import Script, http, raw_server
from tests.connectors.stand_still import START, StandStill, spec_at, work_in

T = TypeVar("T")
TO = "+905321234567"
HEADER = "FIRMA"


def spec_of(sandbox: Sandbox, company: str, **settings: Any) -> ConnectionSpec:
    return spec_at(sandbox.url, sandbox.credentials(company, "netgsm"), **{"msgheader": HEADER, **settings})


def sms(to: str = TO, text: str = "Siparişiniz kargoda", **fields: Any) -> dict[str, Any]:
    return {"to": to, "text": text, "commercial": False, **fields}


def act(reference: str, payload: dict[str, Any], **facts: Any) -> Act:
    return Act(f"id-{reference}", reference, payload, **facts)


def attempted(act: Act, at: datetime = START, **facts: Any) -> Act:
    """The same action after an attempt whose answer was lost."""
    return Act(act.action_id, act.reference, act.payload, first_attempt_at=at, last_attempt_at=at, **facts)


def magic(digits: str) -> str:
    return f"+905550000{digits}"


def perform(
    connection: ConnectionSpec, acts: Sequence[Act], kind: ActionKind = SMS, time: StandStill | None = None
) -> list[Outcome]:
    return _with(connection, kind, time, lambda performer: performer.perform(acts))


def look_up(
    connection: ConnectionSpec, acts: Sequence[Act], kind: ActionKind = SMS, time: StandStill | None = None
) -> list[Finding]:
    return _with(connection, kind, time, lambda performer: performer.look_up(acts))


def _with(
    connection: ConnectionSpec, kind: ActionKind, time: StandStill | None, work: Callable[[Any], Awaitable[T]]
) -> T:
    open_with_clock: Any = kind.open
    clock = (time or StandStill()).clock()

    async def run() -> T:
        async with (
            httpx.AsyncClient(trust_env=False) as shared,
            open_with_clock(connection, shared, clock=clock) as performer,
        ):
            return await work(performer)

    return asyncio.run(run())


def asked(connection: ConnectionSpec, work: Callable[[NetgsmClient], Awaitable[T]]) -> T:
    """What a plain question answers."""

    async def ask(session: NetgsmSession) -> T:
        return await work(session.client)

    return work_in(open_session, connection, ask)


in_session = partial(work_in, open_session)


def post(sandbox: Sandbox, company: str, path: str, body: Any = None, method: str = "POST") -> tuple[int, Any]:
    """A request by hand, to see what the stand-in itself says."""
    pair = sandbox.credentials(company, "netgsm")
    token = base64.b64encode(f"{pair['usercode']}:{pair['password']}".encode()).decode()
    answer = httpx.request(
        method,
        f"{sandbox.url}{path}",
        content=b"" if body is None else json.dumps(body).encode(),
        headers={"authorization": f"Basic {token}"},
        trust_env=False,
    )
    return answer.status_code, answer.json()


def refused(work: Callable[[], Any]) -> ProviderFailure:
    """The failure that something must end with."""
    with pytest.raises(ProviderFailure) as caught:
        work()
    return caught.value


def answered(work: Callable[[NetgsmClient], Any], *scripts: Script) -> tuple[Any, list[bytes]]:
    """What a question makes of the answers of a server that says what it is told, and what it was asked."""

    async def run() -> tuple[Any, list[bytes]]:
        async with raw_server(*scripts) as server, httpx.AsyncClient(trust_env=False) as shared:
            connection = spec_at(server.url, {"usercode": "850", "password": "p"}, appname="hub")
            async with open_session(connection, shared, clock=StandStill().clock()) as session:
                return await work(session.client), server.requests

    return asyncio.run(run())


def ok(document: Any) -> bytes:
    """An answer under 200."""
    return http(200, json.dumps(document).encode())
