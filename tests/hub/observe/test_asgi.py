"""Calls are counted by template, traced, and named on the log lines that they cause."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Receive, Scope, Send

from hub.db.database import Database
from hub.observe import counters, tracing
from hub.observe.asgi import REQUEST_ID, Observed


def counted() -> dict[tuple[str, str, str], float]:
    """Calls by route, method and class of status."""
    page = generate_latest(counters.counters().registry).decode()
    return {
        (sample.labels["route"], sample.labels["method"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "kopru_api_requests_total"
    }


def application(seen: list[Any]) -> Any:
    app = FastAPI()

    @app.get("/api/v1/things/{thing}")
    def thing(thing: str) -> dict[str, str]:
        seen.append((structlog.contextvars.get_contextvars().get("request_id"), tracing.carried()))
        logging.getLogger("hub.deneme").info("asked")
        return {"thing": thing}

    @app.get("/api/v1/broken")
    def broken() -> None:
        raise RuntimeError

    observed = Observed(app)

    async def named(scope: Scope, receive: Receive, send: Send) -> None:
        scope[REQUEST_ID] = "call-1"
        await observed(scope, receive, send)

    return named


def call(app: Any, *paths: str) -> list[int]:
    async def all_of_them() -> list[int]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            answers = [
                await client.get(path, headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}) for path in paths
            ]
        return [answer.status_code for answer in answers]

    return asyncio.run(all_of_them())


def test_calls_count_under_their_template_and_strangers_paths_under_one_name() -> None:
    before = counted()

    statuses = call(application([]), "/api/v1/things/a", "/api/v1/things/b", "/api/v1/broken", "/.env", "/wp-login.php")

    after = counted()
    assert statuses == [200, 200, 500, 404, 404]
    assert {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)} == {
        ("/api/v1/things/{thing}", "GET", "2xx"): 2,
        ("/api/v1/broken", "GET", "5xx"): 1,
        ("other", "GET", "4xx"): 2,
    }


def test_a_call_has_a_trace_of_its_own_and_its_id_on_its_lines(database: Database) -> None:
    exporter, seen = InMemorySpanExporter(), list[Any]()
    tracing.configure_tracing(database.settings, process="test", exporter=exporter)
    try:
        call(application(seen), "/api/v1/things/a")
    finally:
        tracing.stop_tracing()

    (span,) = exporter.get_finished_spans()
    assert span.parent is None
    ((request_id, carried),) = seen
    assert request_id == "call-1"
    assert span.context is not None
    assert carried.split("-")[1] == f"{span.context.trace_id:032x}" != "a" * 32
    assert "request_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_what_is_no_call_passes_through(kind: str) -> None:
    passed: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        passed.append(scope["type"])

    asyncio.run(Observed(app)({"type": kind}, None, None))  # type: ignore[arg-type]
    assert passed == [kind]
