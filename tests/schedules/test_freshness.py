"""Freshness is looked at without anybody asking, and shows what a failed sync does not: that none was made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dagster import DagsterEventType

from connectors.iyzico import PROVIDER
from hub.control import tenants
from hub.db.database import Database
from hub.settings import Settings
from tests.support.dagster_home import dagster_instance

STREAM = next(stream for stream in PROVIDER.streams if stream.parent is None)
LONG_AGO = datetime.now(UTC) - STREAM.fresh_within - timedelta(hours=1)


def add_account(database: Database, tenant_id: str, *, tested_at: datetime) -> str:
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state, tested_at)"
            " VALUES (%s, %s, 'sandbox', '', 'active', %s)",
            (tenant_id, PROVIDER.name, tested_at),
        )
    return tenant_id


def test_a_tenant_that_nobody_syncs_is_stale_and_one_that_is_new_or_suspended_is_not(
    settings: Settings, database: Database, make_tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    # The check names twenty at most, by id; other modules' tenants may be stale too.
    forgotten = add_account(database, make_tenant(prefix="22222"), tested_at=LONG_AGO)
    new = add_account(database, make_tenant(prefix="22222"), tested_at=datetime.now(UTC))
    suspended = add_account(database, make_tenant(prefix="22222"), tested_at=LONG_AGO)
    tenants.suspend(database, suspended)

    from hub.definitions import defs

    with dagster_instance(settings) as instance:
        run = defs.resolve_job_def("freshness").execute_in_process(instance=instance)
        evaluations = [
            event.asset_check_evaluation_data
            for event in run.all_events
            if event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION
        ]

    assert {each.check_name for each in evaluations} == {"fresh"}
    (found,) = [each for each in evaluations if each.asset_key.path[-1] == STREAM.name]
    stale = found.metadata["first_stale"].value
    assert forgotten in stale
    assert not {new, suspended} & set(stale)
    assert not found.passed
