"""The inbox as Dagster handles it: a sensor that looks, a run that says counts alone, a nightly end of old keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dagster import DagsterInstance, DagsterRunStatus, build_sensor_context

from connectors.webhooks import WebhookEvent
from resources.engine import HubResource
from sensors.inbox import JOB, inbox_sensor
from tests.hub.inbox.conftest import Desk, desk, keyring
from tests.support import arrivals

__all__ = ["desk", "keyring"]
"""Fixtures of the inbox's own tests."""

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
SAID = "SIP-90210"


@pytest.fixture
def instance(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    """Dagster's, beside an installation without any other tenant's events."""
    monkeypatch.setenv("HUB_HOME", str(desk.database.settings.home))
    monkeypatch.setattr("kvkk_policies.detect.ColumnScanner", lambda: None)
    with DagsterInstance.ephemeral() as opened:
        yield opened


def arrive(desk: Desk) -> None:
    keys, day = desk.keyring.tenant(desk.tenant), desk.daily_keys.today(desk.tenant)
    body = f'{{"iyziEventType":"API_AUTH","paymentConversationId":"{SAID}"}}'.encode()
    with desk.database.tenant(desk.tenant, "app") as connection:
        arrivals.store(connection, keys, day, "iyzico", [WebhookEvent("1", "API_AUTH", body)])


def tick(instance: DagsterInstance) -> Any:
    from hub.definitions import defs

    with build_sensor_context(instance=instance, resources={"hub": HubResource()}) as context:
        return inbox_sensor(defs.resolve_job_def(JOB)).evaluate_tick(context)  # type: ignore[arg-type]


def test_an_event_that_waits_is_handled_by_a_run_that_says_counts_alone(desk: Desk, instance: DagsterInstance) -> None:
    from hub.definitions import defs

    arrive(desk)
    assert len(tick(instance).run_requests) == 1
    done = defs.resolve_job_def(JOB).execute_in_process(instance=instance, run_config=QUIET)

    assert done.success
    assert desk.events() == [("handled", "", 1)]
    assert desk.due()
    logged = "".join(str(entry) for entry in instance.all_logs(done.run_id))
    assert "handled" in logged
    assert SAID not in logged
    assert "no event is due" in tick(instance).skip_message


def test_a_run_under_way_is_not_doubled(desk: Desk, instance: DagsterInstance) -> None:
    from hub.definitions import defs

    arrive(desk)
    instance.create_run_for_job(defs.resolve_job_def(JOB), status=DagsterRunStatus.STARTED)
    assert tick(instance).run_requests == []


def test_old_keys_end_at_night_tenant_by_tenant(desk: Desk, instance: DagsterInstance) -> None:
    from hub.definitions import defs

    day = desk.daily_keys.today(desk.tenant).day
    with desk.database.tenant_keys(desk.tenant) as connection:
        connection.execute("UPDATE keys.daily_keys SET day = day - 40 WHERE tenant_id = %s", (desk.tenant,))
    done = defs.resolve_job_def("expire_inbox").execute_in_process(instance=instance, run_config=QUIET)

    assert done.success
    with desk.database.tenant_keys(desk.tenant) as connection:
        rows = connection.execute(
            "SELECT wrapped_key IS NULL, day < %s FROM keys.daily_keys WHERE tenant_id = %s", (day, desk.tenant)
        ).fetchall()
    assert rows == [(True, True)]
