from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.sandbox.meta import keys
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
