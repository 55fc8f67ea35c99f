"""Each call of a provider is counted by what became of it, and each event once."""

from __future__ import annotations

import httpx
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from connectors.iyzico.webhooks import HEADER
from hub.inbox.endpoints import PATH
from hub.observe.counters import counters
from tests.hub.inbox.conftest import Desk, payment


def counted() -> dict[tuple[str, str], float]:
    """Samples of both families, by provider and outcome or novelty."""
    page = generate_latest(counters().registry).decode()
    return {
        (sample.labels["provider"], sample.labels.get("outcome") or f"known: {sample.labels['known']}"): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name in {"kopru_webhook_calls_total", "kopru_webhook_events_total"}
    }


def test_calls_and_events_are_counted_by_what_became_of_them(desk: Desk, client: httpx.Client) -> None:
    before = counted()
    body, headers = payment(1)

    client.post(desk.address.path, content=body, headers=headers)
    client.post(desk.address.path, content=body, headers=headers)
    client.post(desk.address.path, content=body, headers={HEADER: "0" * 64})
    client.post(f"{PATH}iyzico/nobodys-secret", content=body)
    client.post(f"{PATH}made-up/nobodys-secret", content=body)

    after = counted()
    assert {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)} == {
        ("iyzico", "stored"): 1,
        ("iyzico", "duplicate"): 1,
        ("iyzico", "refused"): 1,
        ("iyzico", "nowhere"): 1,
        ("unknown", "nowhere"): 1,
        ("iyzico", "known: no"): 1,
        ("iyzico", "known: yes"): 1,
    }
