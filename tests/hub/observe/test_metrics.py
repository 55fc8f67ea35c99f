"""The metrics page: what is on it, that it stays of one size, and who may read it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families
from psycopg import sql

from hub.db.database import Database
from hub.errors import HubError
from hub.observe import counters
from hub.observe.database_metrics import KEPT_SECONDS, DatabaseMetrics, band_of
from hub.observe.metrics import Metrics, may_read, multiprocess_environment
from hub.settings import Settings
from tests.conftest import MakeTenant

HOUR = 3_600.0


def samples(page: bytes, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    """Values by labels."""
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
        if sample.name == name
    }


@pytest.fixture
def tenant(database: Database, make_tenant: MakeTenant) -> Iterator[str]:
    """An active tenant with an integration `deneme` that has two streams."""
    tenant_id = make_tenant()
    provider = f"deneme{uuid4().hex[:6]}"
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
            " VALUES (%s, %s, 'sandbox', '', 'active')",
            (tenant_id, provider),
        )
    yield tenant_id
    with database.tenant(tenant_id, "app") as connection:
        for table in ("hub.integrations", "hub.sync_state", "hub.inbox_events", "hub.actions"):
            delete = sql.SQL("DELETE FROM {} WHERE tenant_id = %s").format(sql.Identifier(*table.split(".")))
            connection.execute(delete, (tenant_id,))


def provider_of(database: Database, tenant_id: str) -> str:
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute("SELECT provider FROM hub.integrations WHERE tenant_id = %s", (tenant_id,)).fetchone()
    assert row is not None
    return str(row[0])


def stream(database: Database, tenant_id: str, name: str, **values: Any) -> None:
    row = {"tenant_id": tenant_id, "provider": provider_of(database, tenant_id), "stream": name, **values}
    statement = sql.SQL("INSERT INTO hub.sync_state ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))
    )
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(statement, row)


def ago(database: Database, tenant_id: str, hours: float) -> Any:
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute("SELECT now() - make_interval(secs => %s)", (hours * HOUR,)).fetchone()
    assert row is not None
    return row[0]


def test_a_tenants_freshness_is_that_of_its_oldest_stream(database: Database, tenant: str) -> None:
    stream(database, tenant, "a", state="ok", last_success_at=ago(database, tenant, 0.1))
    stream(database, tenant, "b", state="failed", last_success_at=ago(database, tenant, 5), undeclared=["x", "y"])
    provider = provider_of(database, tenant)

    # Other tests' tenants may be staler than this one.
    page = (Metrics(Database(database.settings.model_copy(update={"metrics_worst_tenants": 10_000})))).exposition()

    assert samples(page, "kopru_freshness_tenants")[("band", "6h"), ("provider", provider)] == 1
    oldest = samples(page, "kopru_freshness_oldest_seconds")[("provider", provider), ("tenant_id", tenant)]
    assert oldest == pytest.approx(5 * HOUR, abs=60)
    assert samples(page, "kopru_streams")[("provider", provider), ("state", "failed")] == 1
    assert samples(page, "kopru_gate_undeclared_columns")[(("provider", provider),)] == 2
    assert samples(page, "kopru_syncs_last_hour")[("outcome", "ok"), ("provider", provider)] == 1
    assert samples(page, "kopru_database_up")[()] == 1


def test_however_many_tenants_there_are_only_the_worst_are_named(database: Database, make_tenant: MakeTenant) -> None:
    settings = database.settings.model_copy(update={"metrics_worst_tenants": 2})
    few = Database(settings)
    made = [make_tenant() for _ in range(4)]
    try:
        for at, tenant_id in enumerate(made):
            with few.tenant(tenant_id, "app") as connection:
                connection.execute(
                    "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
                    " VALUES (%s, 'cok', 'sandbox', '', 'active')",
                    (tenant_id,),
                )
            stream(few, tenant_id, "a", state="ok", last_success_at=ago(few, tenant_id, 10_000 + at))

        page = Metrics(few).exposition()

        named = samples(page, "kopru_freshness_oldest_seconds")
        assert {dict(labels)["tenant_id"] for labels in named} == set(made[2:])
        assert samples(page, "kopru_freshness_tenants")[("band", "older"), ("provider", "cok")] == 4
    finally:
        for tenant_id in made:
            with few.tenant(tenant_id, "app") as connection:
                connection.execute("DELETE FROM hub.sync_state WHERE tenant_id = %s", (tenant_id,))
                connection.execute("DELETE FROM hub.integrations WHERE tenant_id = %s", (tenant_id,))
        few.close()


def test_what_waits_in_the_inbox_and_outbox_is_counted_with_its_age(database: Database, tenant: str) -> None:
    provider, kind = provider_of(database, tenant), f"deneme.{uuid4().hex[:6]}"
    with database.tenant(tenant, "app") as connection:
        connection.execute(
            "INSERT INTO hub.inbox_events (tenant_id, provider, event_id, kind, signature, key_day, payload_cipher,"
            " received_at, state, reason) VALUES"
            " (%(t)s, %(p)s, 'a', 'k', 'verified', '2026-01-01', '', now() - interval '90 seconds', 'received', NULL),"
            " (%(t)s, %(p)s, 'b', 'k', 'verified', '2026-01-01', '', now(), 'aside', 'event_malformed')",
            {"t": tenant, "p": provider},
        )
        connection.execute(
            "INSERT INTO hub.actions (tenant_id, action_id, kind, provider, idempotency_key, request_mark,"
            " payload_cipher, created_by, state, not_before) VALUES"
            " (%(t)s, gen_random_uuid(), %(k)s, %(p)s, 'a', '', '', 'x', 'pending', now() - interval '10 minutes'),"
            " (%(t)s, gen_random_uuid(), %(k)s, %(p)s, 'b', '', '', 'x', 'unknown', now())",
            {"t": tenant, "p": provider, "k": kind},
        )

    page = Metrics(database).exposition()

    events = samples(page, "kopru_inbox_events")
    assert events[("provider", provider), ("state", "waiting")] == 1
    assert events[("provider", provider), ("state", "aside")] == 1
    assert samples(page, "kopru_inbox_oldest_waiting_seconds")[(("provider", provider),)] == pytest.approx(90, abs=30)
    actions = samples(page, "kopru_outbox_actions")
    assert (actions[("kind", kind), ("state", "pending")], actions[("kind", kind), ("state", "unknown")]) == (1, 1)
    assert samples(page, "kopru_outbox_oldest_due_seconds")[(("kind", kind),)] == pytest.approx(600, abs=30)
    assert samples(page, "kopru_outbox_actions_last_day")[("kind", kind), ("state", "unknown")] == 1


def test_scrapes_within_a_few_seconds_ask_the_database_once(database: Database, tenant: str) -> None:
    now = [0.0]
    collector = DatabaseMetrics(database, worst=1, clock=lambda: now[0])

    def named() -> set[str]:
        found = next(family for family in collector.collect() if family.name == "kopru_integrations")
        return {sample.labels["provider"] for sample in found.samples}

    provider = provider_of(database, tenant)
    assert provider in named()
    with database.tenant(tenant, "app") as connection:
        connection.execute("DELETE FROM hub.integrations WHERE tenant_id = %s", (tenant,))
    now[0] += KEPT_SECONDS - 1
    assert provider in named()
    now[0] += 1
    assert provider not in named()


def test_a_database_that_is_down_is_said_on_the_page(tmp_path: Path, settings: Settings) -> None:
    gone = Database(Settings.apart(settings.home, database_url=f"postgresql://localhost/none?host={tmp_path}"))

    page = Metrics(gone).exposition()

    assert samples(page, "kopru_database_up") == {(): 0}


def test_calls_are_counted_by_template_and_never_by_what_a_caller_made_up(database: Database) -> None:
    counters.api_request("/api/v1/tenants/{tenant}", "GET", 204, 0.02)
    counters.api_request("/api/v1/tenants/{tenant}", "BREW\n", 404, 0.02)
    counters.webhook("iyzico", "stored", known=1, new=2)
    counters.webhook("../../etc/passwd", "nowhere")
    counters.limit_refused("calls")
    counters.limit_store_down()

    page = Metrics(database).exposition()

    calls = samples(page, "kopru_api_requests_total")
    assert calls[("method", "GET"), ("route", "/api/v1/tenants/{tenant}"), ("status", "2xx")] >= 1
    assert calls[("method", "other"), ("route", "/api/v1/tenants/{tenant}"), ("status", "4xx")] >= 1
    assert samples(page, "kopru_webhook_calls_total")[("outcome", "nowhere"), ("provider", "unknown")] >= 1
    assert samples(page, "kopru_webhook_events_total")[("known", "yes"), ("provider", "iyzico")] >= 1
    assert samples(page, "kopru_limit_refusals_total")[(("limit", "calls"),)] >= 1
    assert b"passwd" not in page


def test_the_pools_of_the_process_are_on_the_page(database: Database) -> None:
    with database.without_tenant():
        page = Metrics(database).exposition()

    used = samples(page, "kopru_pool_connections")
    assert used[("role", "app"), ("state", "used")] >= 1
    assert samples(page, "kopru_pool_waiting")[(("role", "app"),)] == 0


_WORKER = """
from hub.observe import counters
counters.api_request("/x", "GET", 200, 0.01)
"""
_PAGE = """
import sys
from pathlib import Path
from hub.db.database import Database
from hub.observe.metrics import Metrics
from hub.settings import Settings
database = Database(Settings.apart(Path(sys.argv[1])))
sys.stdout.buffer.write(Metrics(database, shared=True).exposition())
database.close()
"""


def test_workers_of_one_api_count_together(installation: Settings) -> None:
    environment = {**os.environ, **multiprocess_environment(installation)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", _WORKER], env=environment, check=True)
    page = subprocess.run(
        [sys.executable, "-c", _PAGE, installation.home], env=environment, check=True, capture_output=True
    ).stdout

    assert samples(page, "kopru_api_requests_total")[("method", "GET"), ("route", "/x"), ("status", "2xx")] == 2
    assert samples(page, "kopru_database_up") == {(): 1}


class TestWhoMayRead:
    def test_without_a_token_only_this_machine(self, settings: Settings) -> None:
        assert may_read(settings, authorization=None, from_this_machine=True)
        assert not may_read(settings, authorization="Bearer x", from_this_machine=False)

    def test_with_a_token_whoever_shows_it(self, tmp_path: Path) -> None:
        file = tmp_path / "token"
        file.write_text("k" * 32 + "\n")
        file.chmod(0o600)
        settings = Settings.apart(tmp_path, metrics_token_file=file)

        def may(header: str | None) -> bool:
            return may_read(settings, authorization=header, from_this_machine=True)

        assert may("Bearer " + "k" * 32)
        for wrong in (None, "", "Bearer", "Bearer ", "Bearer " + "k" * 31, "Basic " + "k" * 32, "k" * 32):
            assert not may(wrong)

    @pytest.mark.parametrize(("text", "mode"), [("short", 0o600), ("k" * 32, 0o644), (None, 0o600)])
    def test_a_token_that_is_no_secret_lets_nobody_in(self, tmp_path: Path, text: str | None, mode: int) -> None:
        file = tmp_path / "token"
        if text is not None:
            file.write_text(text)
            file.chmod(mode)
        settings = Settings.apart(tmp_path, metrics_token_file=file)

        with pytest.raises(HubError, match="metrics_token_unfit"):
            may_read(settings, authorization=f"Bearer {text}", from_this_machine=True)


def test_ages_fall_into_bands() -> None:
    assert [band_of(age) for age in (None, 0, 3_600, 3_601, 86_400, 604_801)] == [
        "never",
        "1h",
        "1h",
        "6h",
        "1d",
        "older",
    ]
