from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.meta import keys
from connectors.sandbox.meta.book import book_of
from connectors.sandbox.server import Sandbox
from tests.hub.cli.conftest import Run

COMPANY = "kargocu"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def connect(hub: Run, tenant: dict[str, Any], sandbox: Sandbox, *names: str) -> Any:
    ids = keys.ids(sandbox.world.seed, COMPANY)
    settings = [word for name in names for word in ("--setting", f"{name}={ids[name]}")]
    where = ("--tenant", tenant["subdomain"], "--environment", "sandbox", "--base-url", sandbox.url)
    credentials = json.dumps(sandbox.credentials(COMPANY, "whatsapp"))
    hub("integrations", "set", "whatsapp", *where, *settings, stdin=credentials)
    return hub("integrations", "test", "whatsapp", "--tenant", tenant["subdomain"])


def test_the_templates_of_a_tested_account_are_listed(hub: Run, tenant: dict[str, Any], sandbox: Sandbox) -> None:
    assert connect(hub, tenant, sandbox, "phone_number_id", "waba_id").status == 0
    shown = hub("--lang", "tr", "whatsapp", "templates", "--tenant", tenant["subdomain"])
    assert shown.status == 0
    for word in ("Şablon", "siparis_durumu", "APPROVED", "utility", "1, 2", "ad, tutar", "PAUSED"):
        assert word in shown.out
    listed = hub("whatsapp", "templates", "--tenant", tenant["tenant_id"], "--json").json()
    assert len(listed) == 8
    assert listed[0]["parameters"] == ["1", "2"]


def test_a_message_that_meta_would_refuse_by_its_catalogue_is_not_queued(
    hub: Run, tenant: dict[str, Any], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.whatsapp.foreseeing.REMEMBERED_SECONDS", 0.0)
    connect(hub, tenant, sandbox, "phone_number_id", "waba_id")

    def send(once: str, **changes: Any) -> Any:
        right = {"to": "905321234567", "template": "siparis_durumu", "language": "tr", "category": "utility",
                 "body": ["Ayşe", "A-42"]}  # fmt: skip
        where = ("--tenant", tenant["subdomain"], "--once", once, "--from-file", "-", "--json")
        return hub("actions", "send", "whatsapp.template", *where, stdin=json.dumps({**right, **changes}))

    paused = next(each["name"] for each in library(sandbox) if each["status"] == "PAUSED")
    for field, changes in (
        ("payload.template", {"template": "yok_boyle_bir_sey"}),
        ("payload.template", {"template": paused}),
        ("payload.body", {"body": ["Ayşe"]}),
    ):
        refused = send("a", **changes)
        assert (refused.status, field in refused.err) == (1, True), refused.err
    first = send("a").json()
    assert first["state"] == "pending"
    try:
        for each in library(sandbox):
            each["was"], each["status"] = each["status"], "DISABLED"
        assert "payload.template" in send("b").err
        assert send("a").json()["action_id"] == first["action_id"], "what was queued is answered as it was"
        sandbox.world.faults.add(Fault("credentials_expired", company=COMPANY))
        assert send("b").json()["state"] == "pending", "Meta cannot be asked, and judges it when it is sent"
    finally:
        sandbox.world.faults.clear()
        for each in library(sandbox):
            each["status"] = each.pop("was")


def library(sandbox: Sandbox) -> list[dict[str, Any]]:
    with book_of(sandbox.world).account(COMPANY) as account:
        return account.templates


def test_an_account_without_its_business_account_says_which_setting_is_missing(
    hub: Run, tenant: dict[str, Any], sandbox: Sandbox
) -> None:
    assert connect(hub, tenant, sandbox, "phone_number_id").status == 0
    refused = hub("whatsapp", "templates", "--tenant", tenant["subdomain"])
    assert refused.status == 1
    assert "waba_id" in refused.err


def test_an_account_that_names_no_number_fails_its_test(hub: Run, tenant: dict[str, Any], sandbox: Sandbox) -> None:
    refused = connect(hub, tenant, sandbox)
    assert refused.status == 1
    assert "phone_number_id" in refused.err
