"""One trace holds from a call to what a provider is asked for it, through every table in which the work waits."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from connectors.actions import Act, Finding, Found, Outcome, Taken
from connectors.clock import SYSTEM_CLOCK
from connectors.contract import ConnectionSpec, Page, Window
from connectors.http import Answer, HttpClient, HttpSettings
from connectors.limits import LIMITS
from connectors.webhooks import AskAbout, ReadAgain, Standing, WebhookEvent, WebhookSource
from hub.db.database import Database
from hub.inbox.effects import Effects
from hub.inbox.handling import Handling
from hub.inbox.outbox import Actions
from hub.keys.daily import DailyKeys
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.observe import tracing
from hub.outbox.enqueue import NewAction, enqueue
from hub.outbox.perform import Errand, Outbox, ask, do
from hub.outbox.traced import traced
from hub.sync.claim import claim
from hub.sync.fetch import Fetcher, Task
from tests.conftest import MakeTenant
from tests.fixtures.siparis import PROVIDER as SIPARIS
from tests.hub.outbox.far_end import PROVIDER, FarEnd, kind
from tests.support import arrivals

HOST = "saglayici.example"


def client_of(client: httpx.AsyncClient) -> HttpClient:
    limit = LIMITS.of(provider="deneme", credential=uuid4().hex, rate=PROVIDER.rate, clock=SYSTEM_CLOCK)
    return HttpClient(client, limit=limit, settings=HttpSettings(attempts=1))


async def request(client: httpx.AsyncClient) -> None:
    """What every connector does."""
    http = client_of(client)

    def read(answer: Answer) -> int:
        return answer.status

    await http.send(lambda: http.request("GET", f"https://{HOST}/sms?phone=905321234567", headers={}), read)


class Asking(FarEnd):
    """A far end that is reached by a request."""

    client: httpx.AsyncClient

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        await request(self.client)
        return [Taken(f"job-{act.reference}") for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        await request(self.client)
        return [Found("accepted") for _ in acts]

    @asynccontextmanager
    async def open(self, _spec: object, client: object) -> AsyncGenerator[Asking]:
        assert isinstance(client, httpx.AsyncClient)
        self.client = client
        yield self


@pytest.fixture
def spans(database: Database) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    assert tracing.configure_tracing(database.settings, process="test", exporter=exporter)
    yield exporter
    tracing.stop_tracing()


@pytest.fixture(scope="module")
def keyring(database: Database) -> Keyring:
    return Keyring(database, read_master_key(database.settings.master_key_file))


@pytest.fixture
def tenant(database: Database, keyring: Keyring, make_tenant: MakeTenant) -> Iterator[str]:
    tenant_id = make_tenant()
    cipher = keyring.tenant(tenant_id).seal("integration", "deneme", b'{"key":"k"}')
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state, next_due_at)"
            " VALUES (%s, 'deneme', 'sandbox', %s, 'active', now() + interval '1 hour')",
            (tenant_id, cipher),
        )
    yield tenant_id
    with database.tenant(tenant_id, "app") as connection:
        for statement in (
            "DELETE FROM hub.inbox_events WHERE tenant_id = %s",
            "DELETE FROM hub.action_attempts WHERE tenant_id = %s",
            "DELETE FROM hub.actions WHERE tenant_id = %s",
            "DELETE FROM hub.sync_state WHERE tenant_id = %s",
            "DELETE FROM hub.integrations WHERE tenant_id = %s",
        ):
            connection.execute(statement, (tenant_id,))


@pytest.fixture
def outbox(database: Database, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    import connectors.action_registry

    kinds = {"deneme.sms": kind(Asking())}
    monkeypatch.setattr(connectors.action_registry, "kinds", lambda: kinds)
    return Outbox(database, keyring, kinds, {"deneme": PROVIDER})


def provider_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(b""))))


def ended(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """The last span of each name."""
    return {span.name: span for span in spans.get_finished_spans()}


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.trace_id


def is_child(span: ReadableSpan, of: ReadableSpan) -> bool:
    assert of.context is not None
    return span.parent is not None and span.parent.span_id == of.context.span_id


def lease(database: Database, tenant_id: str, action_id: Any, state: str) -> Any:
    token = uuid4()
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.actions SET state = %s, lease = %s, leased_until = now() + interval '5 minutes'"
            " WHERE tenant_id = %s AND action_id = %s",
            (state, token, tenant_id, action_id),
        )
    return token


def run(outbox: Outbox, errand: Errand) -> None:
    async def alone() -> None:
        async with provider_client() as client:
            await traced(ask if errand.asks else do, outbox, errand, client)

    asyncio.run(alone())


def test_a_call_of_the_api_leads_to_the_request_that_sends_its_message(
    spans: InMemorySpanExporter, outbox: Outbox, tenant: str
) -> None:
    keys = outbox.keyring.tenant(tenant)
    new = NewAction(kind="deneme.sms", idempotency_key="a", payload={"to": "+905321234567", "text": "Merhaba"})
    with tracing.span("api", kind="server"), outbox.database.tenant(tenant, "app") as connection:
        action_id = enqueue(connection, keys, new, created_by="test").action_id

    # Another process, later.
    run(outbox, Errand(tenant, "deneme.sms", lease(outbox.database, tenant, action_id, "leased"), [action_id]))

    found = ended(spans)
    assert is_child(found["outbox.send"], found["api"])
    assert is_child(found["provider.request"], found["outbox.send"])
    assert len({trace_of(span) for span in found.values()}) == 1
    assert dict(found["provider.request"].attributes or {}) == {
        "http.request.method": "GET",
        "server.address": HOST,
        "http.response.status_code": 200,
    }
    for span in found.values():
        assert "532" not in json.dumps(json.loads(span.to_json())["attributes"])


def handle(outbox: Outbox, tenant: str, meaning: Any) -> None:
    def meanings(_event: WebhookEvent, _standing: Standing) -> Sequence[Any]:
        return [meaning]

    source = WebhookSource("deneme", verify=lambda *_: "verified", events=lambda _: [], meanings=meanings)
    daily = DailyKeys(outbox.database, outbox.keyring)
    effects = Effects(outbox.database, outbox.keyring, Actions(outbox), None)  # type: ignore[arg-type]
    with tracing.span("webhook", kind="server"), outbox.database.tenant(tenant, "app") as connection:
        event = WebhookEvent("e-1", "state", b"{}")
        arrivals.store(connection, outbox.keyring.tenant(tenant), daily.today(tenant), "deneme", [event])
    # Another process, later.
    assert Handling(outbox.database, daily, effects, sources=lambda _: source).turn(tenant) == {"handled": 1}


def test_a_webhook_leads_to_the_question_that_the_provider_is_asked(
    spans: InMemorySpanExporter, outbox: Outbox, tenant: str
) -> None:
    keys = outbox.keyring.tenant(tenant)
    new = NewAction(kind="deneme.sms", idempotency_key="a", payload={"to": "+905321234567", "text": "Merhaba"})
    with outbox.database.tenant(tenant, "app") as connection:
        action_id = enqueue(connection, keys, new, created_by="test").action_id
        connection.execute(
            "UPDATE hub.actions SET state = 'accepted', attempts = 1, next_look_at = now() + interval '1 hour'"
            " WHERE tenant_id = %s AND action_id = %s",
            (tenant, action_id),
        )

    handle(outbox, tenant, AskAbout(reference=action_id.hex))
    token = lease(outbox.database, tenant, action_id, "accepted")
    outbox = replace(outbox, kinds={"deneme.sms": replace(outbox.kinds["deneme.sms"], polls_after=timedelta(hours=1))})
    run(outbox, Errand(tenant, "deneme.sms", token, [action_id], asks=True))

    found = ended(spans)
    assert is_child(found["inbox.event"], found["webhook"])
    assert is_child(found["outbox.look"], found["inbox.event"])
    assert is_child(found["provider.request"], found["outbox.look"])


class Session:
    """A session whose pages cost a request."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def test(self) -> None:
        await request(self._client)

    async def pages(self, _stream: str, _window: Window) -> AsyncIterator[Page]:
        await request(self._client)
        yield Page({})


def test_a_webhook_leads_to_the_sync_that_reads_again(
    spans: InMemorySpanExporter, outbox: Outbox, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def opened(_spec: ConnectionSpec, client: httpx.AsyncClient) -> AsyncIterator[Session]:
        yield Session(client)

    monkeypatch.setattr("hub.sync.fetch.http_client", lambda _trust: provider_client())
    stream = SIPARIS.streams[0]
    provider = replace(PROVIDER, open=opened, streams=(stream,))
    now = datetime.now(UTC)

    handle(outbox, tenant, ReadAgain())
    first, second = (
        claim(outbox.database, provider, tenant, [stream], run_id="run-1", now=now, only_due=False) for _ in range(2)
    )
    assert first is not None
    assert second is not None
    assert second.traceparent is None  # what the first one did is not told of it
    spec = ConnectionSpec(tenant, "https://x", {}, {})
    task = Task(tenant, lambda: spec, [Window(now, now)], first.traceparent)
    with Fetcher(provider, stream.name, [task]) as fetcher:
        assert [item.error for item in fetcher] == [None, None]

    found = ended(spans)
    assert is_child(found["inbox.event"], found["webhook"])
    assert is_child(found["sync.fetch"], found["inbox.event"])
    assert is_child(found["provider.request"], found["sync.fetch"])


def test_work_of_several_traces_belongs_to_one_and_is_linked_to_the_others(spans: InMemorySpanExporter) -> None:
    carried = []
    for name in ("first", "second"):
        with tracing.span(name):
            carried.append(tracing.carried())

    with tracing.span("both", parents=[*carried, None, carried[0]]):
        pass

    found = ended(spans)
    assert is_child(found["both"], found["first"])
    assert [link.context.trace_id for link in found["both"].links] == [trace_of(found["second"])]


def test_a_span_says_codes_and_never_a_text(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Ayşe"), tracing.span("x", note="Ayşe Yılmaz", phone="905321234567", count=3):
        raise ValueError("Ayşe 0532")

    span = ended(spans)["x"]
    assert dict(span.attributes or {}) == {
        "kopru.note": tracing.WITHHELD,
        "kopru.phone": tracing.WITHHELD,
        "kopru.count": 3,
    }
    assert span.status.description == "ValueError"
    assert span.events == ()
    assert "Ayşe" not in span.to_json()


def test_while_it_is_off_nothing_is_carried_and_nothing_imported(database: Database) -> None:
    assert not tracing.configure_tracing(database.settings, process="test")
    with tracing.span("x", parents=["garbage"]):
        assert tracing.carried() is None
    program = (
        "import sys; from hub.observe import tracing, logs, counters, metrics, errors;"
        " from hub.outbox import drain; from hub.sync import fetch; from hub.inbox import handling;"
        " print([m for m in sys.modules if m.split('.')[0] in"
        " {'opentelemetry', 'sentry_sdk', 'prometheus_client', 'structlog'}])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_what_is_stored_as_a_trace_and_is_none_begins_a_new_one(spans: InMemorySpanExporter) -> None:
    with tracing.span("x", parents=["00-garbage"]):
        assert tracing.carried() is not None

    assert ended(spans)["x"].parent is None
