"""`hub keys` on an installation of its own: rotating the session's master key would be felt by every other test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from hub.db import postgres
from hub.db.database import Database
from hub.identity.scope import PLATFORM_SCOPE
from hub.keys.tenant_rotation import TenantRotation
from hub.settings import Settings
from tests.hub.cli.conftest import Run
from tests.support.homes import HOMES
from tests.support.rooms import new_directory


@pytest.fixture(scope="module")
def own() -> Iterator[Settings]:
    home = new_directory("kopru-keycli-")
    settings = Settings.apart(home)
    try:
        HOMES.lay_whole(home)
        with postgres.running(settings):
            yield settings
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def in_own_home(own: Settings, hub: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HOME", str(own.home))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody else seals in this installation, so nobody is waited for."""
    waited: list[float] = []
    init = TenantRotation.__init__

    def impatient(self: TenantRotation, *args: Any, **given: Any) -> None:
        init(self, *args, **given, sleep=waited.append)

    monkeypatch.setattr(TenantRotation, "__init__", impatient)
    return waited


def test_the_master_key_is_rotated_and_the_status_says_since_when(hub: Run, tenant: dict[str, Any]) -> None:
    shown = hub("keys", "status", "--json")
    assert shown.status == 0, shown.err
    before = shown.json()
    assert (before["rotating"], before["under_other_masters"], before["tenants_rotating"]) == (False, 0, [])

    done = hub("keys", "rotate", "master", "--by", "Deniz", "--json")

    assert done.status == 0, done.err
    after = hub("keys", "status", "--json").json()
    assert done.json()["fingerprint"] == after["master"] != before["master"]
    assert hub("tenants", "list", "--json").status == 0
    assert f"Master key {after['master']}, in force since" in hub("keys", "status").out


def test_a_tenants_key_is_rotated(hub: Run, tenant: dict[str, Any], at_once: list[float]) -> None:
    done = hub("keys", "rotate", "tenant", "--tenant", tenant["subdomain"], "--json")

    assert done.status == 0, done.err
    (each,) = done.json()
    assert (each["generation"], each["destroyed"], each["unreadable"]) == (2, 1, {})
    assert each["resealed"] == {"hub.tenants.tax_number_cipher": 1}
    assert len(at_once) == 1


def test_every_tenant_can_be_rotated_at_once(hub: Run, tenant: dict[str, Any], at_once: list[float]) -> None:
    done = hub("keys", "rotate", "tenant", "--all", "--json")

    assert done.status == 0, done.err
    tenants = {each["tenant_id"] for each in hub("tenants", "list", "--json").json()}
    assert {each["tenant_id"] for each in done.json()} == tenants | {PLATFORM_SCOPE}


def test_tenants_must_be_named_one_way_or_the_other(hub: Run) -> None:
    neither, both = hub("keys", "rotate", "tenant"), hub("keys", "rotate", "tenant", "--all", "--tenant", "x")

    assert (neither.status, both.status) == (2, 2)
    assert "--all" in neither.err


def test_a_value_that_does_not_open_is_told_with_exit_status_1(
    hub: Run, own: Settings, tenant: dict[str, Any], at_once: list[float]
) -> None:
    database = Database(own)
    with database.tenant(tenant["tenant_id"], "app") as connection:
        connection.execute("UPDATE hub.tenants SET tax_number_cipher = tax_number_cipher || 'x'")
    database.close()

    done = hub("keys", "rotate", "tenant", "--tenant", tenant["tenant_id"])

    assert done.status == 1
    assert "1 values of hub.tenants.tax_number_cipher do not open" in done.err
    assert tenant["tenant_id"] in hub("keys", "status").out
