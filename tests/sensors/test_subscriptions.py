"""Webhooks as Dagster sends them: its real instance, settings from the environment, a receiver on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from dagster import DagsterInstance, build_sensor_context

from resources.engine import HubResource
from schedules.subscriptions import expire_webhooks_job
from sensors.subscriptions import webhooks_job, webhooks_sensor
from tests.hub.subscriptions.conftest import Site, keyring, receiver, site
from tests.support.dagster_home import dagster_instance

if TYPE_CHECKING:
    from hub.settings import Settings

__all__ = ["keyring", "receiver", "site"]
"""Fixtures of the webhooks' own tests."""

pytestmark = pytest.mark.long(10)


@pytest.fixture(scope="module")
def instance(installation: Settings) -> Iterator[DagsterInstance]:
    with dagster_instance(installation) as opened:
        yield opened


def ticked(instance: DagsterInstance) -> object:
    with build_sensor_context(instance, resources={"hub": HubResource()}) as context:
        return webhooks_sensor(webhooks_job()).evaluate_tick(context)  # type: ignore[arg-type]


def test_a_due_delivery_starts_a_run_that_sends_it_and_tells_counts_alone(
    site: Site, settings: Settings, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_OUTBOX_LINGER_SECONDS", "0")
    monkeypatch.setenv("HUB_WEBHOOKS_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("HUB_WEBHOOKS_PORTS", str(site.receiver.port))
    monkeypatch.setattr("kvkk_policies.detect.ColumnScanner", lambda: None)
    assert ticked(instance).run_requests == []  # type: ignore[attr-defined]
    site.subscribe("integration.paused")
    (event,) = site.happen()

    assert len(ticked(instance).run_requests) == 1  # type: ignore[attr-defined]
    result = webhooks_job().execute_in_process(instance=instance, resources={"hub": HubResource()})
    assert result.success
    assert site.receiver.ids == [event]
    (output,) = [each for each in result.all_events if each.event_type_value == "STEP_OUTPUT"]
    assert output.step_output_data.metadata["delivered"].value >= 1
    assert not any("127.0.0.1" in str(each) for each in instance.all_logs(result.run_id))
    assert ticked(instance).run_requests == []  # type: ignore[attr-defined]

    assert expire_webhooks_job().execute_in_process(instance=instance, resources={"hub": HubResource()}).success
    assert [each for each, _, _ in site.events()] == [event]
