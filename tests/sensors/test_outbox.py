"""The outbox as Dagster empties it: its real instance, settings from the environment, a stand-in for the provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from dagster import DagsterInstance, DagsterRunStatus, build_sensor_context

import connectors.registry
from resources.engine import HubResource
from sensors.outbox import outbox_job, outbox_sensor
from tests.hub.outbox.conftest import Bench, bench, keyring
from tests.hub.outbox.far_end import PROVIDER
from tests.support.dagster_home import dagster_instance

if TYPE_CHECKING:
    from hub.settings import Settings

__all__ = ["bench", "keyring"]
"""Fixtures of the outbox's own tests."""

pytestmark = pytest.mark.long(10)


@pytest.fixture(scope="module")
def instance(installation: Settings) -> Iterator[DagsterInstance]:
    with dagster_instance(installation) as opened:
        yield opened


@pytest.fixture(autouse=True)
def surroundings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setattr("kvkk_policies.detect.ColumnScanner", lambda: None)
    monkeypatch.setitem(connectors.registry.CHANNELS, "deneme", PROVIDER)
    monkeypatch.setenv("HUB_OUTBOX_LINGER_SECONDS", "0")


def ticked(instance: DagsterInstance) -> object:
    with build_sensor_context(instance, resources={"hub": HubResource()}) as context:
        return outbox_sensor(outbox_job()).evaluate_tick(context)  # type: ignore[arg-type]


def test_a_due_action_starts_a_run_that_does_it_and_tells_counts_alone(bench: Bench, instance: DagsterInstance) -> None:
    asked = bench.ask()
    assert len(ticked(instance).run_requests) == 1  # type: ignore[attr-defined]
    result = outbox_job().execute_in_process(instance=instance, resources={"hub": HubResource()})
    assert result.success
    assert bench.state(asked.action_id) == ("accepted", None)
    (output,) = [event for event in result.all_events if event.event_type_value == "STEP_OUTPUT"]
    assert output.step_output_data.metadata["accepted"].value >= 1
    assert not any("5320000001" in str(event) for event in instance.all_logs(result.run_id))


def test_a_run_under_way_is_not_doubled(bench: Bench, instance: DagsterInstance) -> None:
    bench.ask()
    run = instance.create_run_for_job(outbox_job(), status=DagsterRunStatus.STARTED)
    try:
        tick = ticked(instance)
        assert tick.run_requests == []  # type: ignore[attr-defined]
        assert "under way" in (tick.skip_message or "")  # type: ignore[attr-defined]
    finally:
        instance.delete_run(run.run_id)


def test_once_all_is_done_no_run_starts(bench: Bench, instance: DagsterInstance) -> None:
    bench.ask()
    bench.drain()
    assert ticked(instance).run_requests == []  # type: ignore[attr-defined]
