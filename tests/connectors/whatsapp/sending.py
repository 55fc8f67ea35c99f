"""One act of one kind, done against the sandbox or any other address."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any

import httpx

from connectors.action_registry import kind_named
from connectors.actions import Act, Finding, Outcome
from connectors.contract import ConnectionSpec
from connectors.sandbox.meta import keys
from connectors.sandbox.server import Sandbox
from connectors.whatsapp.bodies import told
from connectors.whatsapp.events import Told
from tests.connectors.raw_server import Script, raw_server
from tests.connectors.stand_still import StandStill, spec_at

IDS = {"phone_number_id": "106540352242922", "waba_id": "102290129340398"}
CREDENTIALS = {"access_token": "EAAG-test", "app_secret": "app-secret", "verify_token": "vt"}
REFERENCE = "act8f2c"
TRUST = ssl.create_default_context()
"""Making one costs 20 ms of CPU, and every test would."""
TEMPLATE = {"template": "siparis_durumu", "language": "tr", "category": "utility", "body": ["Ayşe", "A-42"]}


def spec_of(sandbox: Sandbox, company: str, **settings: Any) -> ConnectionSpec:
    ids = keys.ids(sandbox.world.seed, company)
    return spec_at(sandbox.url, sandbox.credentials(company, "whatsapp"), **{**ids, **settings})


def act(payload: dict[str, Any], *, reference: str = REFERENCE, attempt: int = 1) -> Act:
    return Act("11111111-1111-4111-8111-111111111111", reference, payload, attempt=attempt)


def done(connection: ConnectionSpec, kind: str, each: Act) -> Outcome:
    (outcome,) = all_done(connection, kind, [each])
    return outcome


def all_done(connection: ConnectionSpec, kind: str, acts: Sequence[Act]) -> Sequence[Outcome]:
    async def run() -> Sequence[Outcome]:
        async with httpx.AsyncClient(trust_env=False, verify=TRUST) as client:
            # Clock is the connector's own argument, beyond what the contract asks of `open`.
            opening: Any = kind_named(kind).open
            async with opening(connection, client, clock=StandStill().clock()) as performer:
                outcomes = await performer.perform(acts)
                assert len(outcomes) == len(acts)
                return outcomes

    return asyncio.run(run())


def looked_up(connection: ConnectionSpec, kind: str, each: Act) -> Finding:
    async def run() -> Finding:
        async with (
            httpx.AsyncClient(trust_env=False, verify=TRUST) as client,
            kind_named(kind).open(connection, client) as performer,
        ):
            return (await performer.look_up([each]))[0]

    return asyncio.run(run())


def answered(
    *scripts: Script, kind: str = "whatsapp.template", payload: dict[str, Any] | None = None, attempt: int = 1
) -> tuple[Outcome, list[bytes]]:
    """What becomes of a template message when a server says exactly this, and what it was asked."""

    async def run() -> tuple[Outcome, list[bytes]]:
        async with raw_server(*scripts) as server, httpx.AsyncClient(trust_env=False, verify=TRUST) as client:
            opening: Any = kind_named(kind).open
            connection = spec_at(server.url, CREDENTIALS, **IDS)
            async with opening(connection, client, clock=StandStill().clock()) as performer:
                chosen = payload or {"to": "+905551112233", **TEMPLATE}
                outcomes = await performer.perform([act(chosen, attempt=attempt)])
            return outcomes[0], server.requests

    return asyncio.run(run())


def phone_of(sandbox: Sandbox, company: str, index: int = 0) -> str:
    return sandbox.world.company(company).customer(index).phone


def hooks_of(sandbox: Sandbox, company: str) -> list[bytes]:
    return [hook.body for hook in sandbox.world.hooks.waiting(provider="whatsapp", company=company)]


def told_of(sandbox: Sandbox, company: str) -> list[Told]:
    return [told(body) for body in hooks_of(sandbox, company)]
