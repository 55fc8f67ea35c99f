"""The metrics page shows what the dispatcher does, although that works in a process which shows no page of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.observe.metrics import Metrics
from tests.hub.subscriptions.conftest import Site
from tests.hub.subscriptions.receiver import Answer


def seen(site: Site) -> dict[str, float]:
    """The series of webhooks out: `name` or `name state`."""
    return {
        " ".join((sample.name.removeprefix("kopru_webhook_"), *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(Metrics(site.database).exposition().decode())
        for sample in family.samples
        if sample.name.startswith(("kopru_webhook_deliveries", "kopru_webhook_subscriptions"))
    }


def test_what_is_told_what_waits_and_who_does_not_answer_is_on_the_metrics_page(site: Site) -> None:
    before = seen(site)
    site.subscribe("integration.paused")
    site.happen(2)
    site.receiver.answers = [Answer(200), Answer(500)]
    waiting = seen(site)
    site.drain()
    after = seen(site)
    site.pass_time(timedelta(minutes=30))
    late = seen(site)

    def grew(found: dict[str, float], name: str) -> float:
        return found.get(name, 0) - before.get(name, 0)

    assert [grew(page, "deliveries_waiting") for page in (waiting, after)] == [2, 1]
    assert grew(after, "deliveries_last_hour delivered") == grew(after, "deliveries_last_hour pending") == 1
    assert (grew(waiting, "subscriptions active"), grew(after, "subscriptions failing")) == (1, 1)
    assert after["deliveries_oldest_due_seconds"] == pytest.approx(before["deliveries_oldest_due_seconds"], abs=30)
    assert late["deliveries_oldest_due_seconds"] >= 600
