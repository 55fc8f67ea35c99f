"""`hub webhooks ...` as a person types it, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.db.database import Database
from tests.conftest import MakeTenant
from tests.hub.cli.conftest import Run
from tests.hub.subscriptions.receiver import Answer, Receiver, receiving


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as found:
        monkeypatch.setenv("HUB_WEBHOOKS_ALLOW_PRIVATE", "127.0.0.0/8")
        monkeypatch.setenv("HUB_WEBHOOKS_PORTS", f"443,{found.port}")
        yield found


@pytest.fixture
def tenant(database: Database, make_tenant: MakeTenant) -> Iterator[str]:
    tenant_id = make_tenant()
    yield tenant_id
    with database.tenant(tenant_id, "app") as connection:
        connection.execute("DELETE FROM hub.deliveries WHERE tenant_id = %s", (tenant_id,))
        connection.execute("DELETE FROM hub.subscriptions WHERE tenant_id = %s", (tenant_id,))


def test_the_life_of_a_webhook(hub: Run, tenant: str, receiver: Receiver) -> None:
    made = hub("webhooks", "add", receiver.address, "--tenant", tenant, "--type", "sync.failed", "--json").json()
    webhook, of = made["webhook"]["subscription_id"], ("--tenant", tenant)
    assert made["secret"].startswith("whsec_")
    assert hub("webhooks", "show", webhook, *of, "--json").json()["address"] == receiver.address

    tested = hub("webhooks", "test", webhook, *of)
    assert (tested.status, "HTTP 200" in tested.out) == (0, True)
    receiver.answers = [Answer(302)]
    tested = hub("--lang", "tr", "webhooks", "test", webhook, *of)
    assert (tested.status, "HTTP 302" in tested.out, "yönlendirme" in tested.err) == (1, True, True)
    sent = hub("webhooks", "deliveries", webhook, *of, "--json").json()
    assert {each["type"] for each in sent} == {"subscription.test"}
    assert [each["tries"][0]["status"] for each in sent] == [302, 200]
    assert "302" in hub("webhooks", "deliveries", webhook, *of, "--open").out

    event = sent[0]["event_id"]
    assert hub("webhooks", "resend", webhook, event, *of, "--json").json() == {"events": 1}
    assert hub("webhooks", "resend", webhook, "--from", "2026-01-01T00:00+03:00", *of, "--json").json() == {"events": 0}
    assert "--from" in hub("webhooks", "resend", webhook, *of).err
    rotated = hub("webhooks", "rotate-secret", webhook, *of)
    assert made["secret"] not in rotated.out
    assert "whsec_" in rotated.out

    other = receiver.address + "&another=1"
    changed = hub("webhooks", "change", webhook, *of, "--address", other, "--type", "sync.recovered", "--json").json()
    assert (changed["address"], changed["subscription"]["types"]) == (other, ["sync.recovered"])
    assert hub("webhooks", "change", webhook, *of, "--notify", "it@ornek.com.tr", "--notify-nobody").status == 1
    assert "değiştirildi" in hub("--lang", "tr", "webhooks", "change", webhook, *of, "--notify", "it@ornek.com.tr").out
    assert hub("webhooks", "change", webhook, *of, "--notify-nobody", "--json").json()["contact"] is None

    assert hub("webhooks", "pause", webhook, *of, "--json").json()["state"] == "paused"
    assert "Bir kişi duraklattı." in hub("--lang", "tr", "webhooks", "list", *of).out
    assert hub("webhooks", "resume", webhook, *of, "--json").json()["state"] == "active"
    assert hub("webhooks", "remove", webhook, *of).status == 0
    assert hub("webhooks", "list", *of, "--json").json() == []


def test_an_address_inside_is_refused_in_the_persons_language(hub: Run, tenant: str) -> None:
    refused = hub("--lang", "tr", "webhooks", "add", "https://127.0.0.1/", "--tenant", tenant)

    assert refused.status == 1
    assert "bir internet adresi değil" in refused.err
