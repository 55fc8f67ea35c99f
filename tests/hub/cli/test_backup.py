"""`hub backup` and `hub tenants forget` as a person types them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
