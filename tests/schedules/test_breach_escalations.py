"""Breaches press without anybody asking: the schedule sees one whose hour has come, and the job notes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dagster import RunRequest, SkipReason, build_schedule_context

from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.kvkk.breach import record
from hub.kvkk.breach.escalation import pending
from hub.kvkk.breach.register import register
from resources.engine import HubResource
from schedules.breach_escalations import breach_escalations_job, breach_escalations_schedule
from tests.support.dagster_home import dagster_instance

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings


def test_an_hour_that_has_come_starts_a_run_that_notes_it_once(
    settings: Settings, database: Database, make_tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setattr("kvkk_policies.detect.ColumnScanner", lambda: None)
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    tenant = make_tenant()
    learned = datetime.now(UTC) - timedelta(hours=25)
    breach = register(
        database, keyring, tenant, learned_at=learned, fields={"sources": ["loss"]}, actor=Actor("ayşe", "operator")
    )
    job = breach_escalations_job()
    schedule = breach_escalations_schedule(job)

    def tick() -> list[type]:
        with build_schedule_context(resources={"hub": HubResource()}) as context:
            ticked = schedule.evaluate_tick(context)
        return [RunRequest] if ticked.run_requests else [SkipReason]

    assert tick() == [RunRequest]
    with dagster_instance(settings) as instance:
        assert job.execute_in_process(instance=instance, resources={"hub": HubResource()}).success
    assert breach.breach_id not in {each.breach_id for each in pending(database)}
    with database.tenant(tenant, "app") as connection:
        events = record.timeline(connection, tenant, breach.breach_id)
    assert [(each.event, each.actor) for each in events] == [("registered", "ayşe"), ("escalated", "hub")]
