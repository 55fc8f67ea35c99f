"""`hub backup` and `hub tenants forget` as a person types them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.migrations import restored
from hub.migrations.connections import outside_transaction
from hub.settings import Settings
from tests.hub.cli.conftest import Run


def test_a_backup_says_where_it_is_and_refuses_the_other_parts_directory(hub: Run, tmp_path: Path) -> None:
    made = hub("backup", "keys", "--to", str(tmp_path), "--by", "Ayşe", "--json")

    assert made.status == 0, made.err
    assert Path(made.json()["path"]).exists()
    assert made.json()["manifest"]["part"] == "keys"
    beside = hub("backup", "data", "--to", str(tmp_path))
    assert beside.status == 1
    assert "data never goes beside them" in beside.err


def test_a_tenant_is_forgotten_only_when_its_subdomain_is_typed(hub: Run, tenant: dict[str, Any]) -> None:
    wrong = hub("tenants", "forget", tenant["subdomain"], stdin="something else\n")
    assert wrong.status == 1
    assert hub("tenants", "suspend", tenant["tenant_id"]).status == 0  # it stands

    done = hub("tenants", "forget", tenant["subdomain"], "--by", "Ayşe", stdin=f"{tenant['subdomain']}\n")

    assert done.status == 0, done.err
    assert "hub.tenants" in done.out
    assert "receipt.json" in done.out
    assert hub("tenants", "suspend", tenant["tenant_id"]).status == 1


def test_a_machine_is_not_asked(hub: Run, tenant: dict[str, Any]) -> None:
    done = hub("tenants", "forget", tenant["tenant_id"], "--yes", "--json")

    assert done.status == 0, done.err
    assert done.json()["removed"]["hub"]["hub.tenants"] == 1
    assert done.json()["removed"]["keys"]["keys.tenant_keys"] == 1


def test_a_forgotten_tenants_log_is_not_missed(hub: Run, tenant: dict[str, Any]) -> None:
    for name in ("first", "second"):
        hold = ("--tenant", tenant["tenant_id"], "--scope", "tenant", "--reason", "audit", "--legal-ref", name)
        placed = hub("kvkk", "holds", "place", *hold, "--json")
        hub("kvkk", "holds", "release", "--tenant", tenant["tenant_id"], "--id", placed.json()[0]["hold_id"])
    assert hub("kvkk", "audit", "heads").status == 0

    assert hub("tenants", "forget", tenant["tenant_id"], "--yes").status == 0

    logs = hub("kvkk", "audit", "verify", "--all", "--json").json()["logs"]
    assert tenant["tenant_id"] not in {each["chain"] for each in logs}
    assert hub("kvkk", "audit", "heads").status == 0


@pytest.fixture
def marked(settings: Settings) -> Iterator[None]:
    """The installation as a restore leaves it that was cut short."""
    with outside_transaction(settings, "data") as admin:
        admin.execute("CREATE SCHEMA hub_restoring")
    yield
    restored.open_again(settings)


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("tenants", "list"),
        ("migrate",),
        ("up",),
        ("backup", "data", "--to", "never-made"),
        ("kvkk", "audit", "verify", "--all"),
        ("doctor",),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_no_command_opens_what_a_restore_has_not_finished(hub: Run, command: tuple[str, ...]) -> None:
    refused = hub(*command)

    assert refused.status == 1
    assert "A restore into this database has not ended" in refused.err + refused.out


def test_the_same_commands_work_once_the_mark_is_gone(hub: Run) -> None:
    assert hub("tenants", "list").status == 0
