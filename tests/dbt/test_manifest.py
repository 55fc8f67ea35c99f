"""The prebuilt manifest: what definitions and `hub migrate` may rely on, and that it is never an old one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hub.errors import HubError
from hub.models.dbt_process import ensure_manifest, load_manifest, main, manifest_path, project_directory, run_dbt

if TYPE_CHECKING:
    from hub.settings import Settings


@pytest.fixture(scope="module")
def nodes(installation: Settings) -> dict[str, dict[str, Any]]:
    return load_manifest(installation)["nodes"]


@pytest.fixture(scope="module")
def marts(nodes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        node["name"]: node for node in nodes.values() if node["resource_type"] == "model" and "marts" in node["path"]
    }


def test_every_mart_has_an_enforced_contract_with_types_and_descriptions(marts: dict[str, dict[str, Any]]) -> None:
    assert marts
    for name, mart in marts.items():
        assert mart["config"]["contract"]["enforced"] is True, name
        assert mart["description"], name
        for column in mart["columns"].values():
            assert column["data_type"], (name, column["name"])
            assert column["description"], (name, column["name"])


def test_every_mart_has_a_tenants_key_an_owner_and_a_group(marts: dict[str, dict[str, Any]]) -> None:
    for name, mart in marts.items():
        meta = mart["config"]["meta"]
        assert meta["primary_key"][0] == "tenant_id", name
        assert set(meta["primary_key"]) <= set(mart["columns"]), name
        assert meta["owner"], name
        assert mart["config"]["group"], name


def test_every_mart_replaces_tenants_in_a_table_that_exists(marts: dict[str, dict[str, Any]]) -> None:
    for name, mart in marts.items():
        config = mart["config"]
        assert config["materialized"] == "incremental", name
        assert config["incremental_strategy"] == "tenant_replace", name
        assert config["full_refresh"] is False, name
        assert config["on_schema_change"] == "fail", name
        assert [hook["sql"] for hook in config["pre-hook"]] == ["{{ lock_mart() }}", "{{ pin_batch() }}"], name


def test_whatever_is_no_mart_makes_no_relation(nodes: dict[str, dict[str, Any]], marts: dict[str, Any]) -> None:
    others = [node for node in nodes.values() if node["resource_type"] != "test" and node["name"] not in marts]
    assert others
    assert {node["config"]["materialized"] for node in others} == {"ephemeral"}


def test_every_test_warns_keeps_no_failures_and_names_the_tenant(nodes: dict[str, dict[str, Any]]) -> None:
    tests = [node for node in nodes.values() if node["resource_type"] == "test"]
    assert tests
    for test in tests:
        assert test["config"]["store_failures"] is not True, test["name"]
        assert test["config"]["severity"].lower() == "warn", test["name"]
        assert test["attached_node"], test["name"]


def test_every_landing_table_is_read_through_the_batch() -> None:
    reading = [path for path in (project_directory() / "models").rglob("*.sql") if "source(" in path.read_text()]
    assert reading == []


def test_the_manifest_names_no_place_on_this_machine(installation: Settings) -> None:
    content = json.dumps(load_manifest(installation))
    assert str(Path(__file__).parents[2]) not in content
    assert str(installation.home) not in content


def test_a_missing_manifest_is_a_named_error(own_settings: Settings) -> None:
    with pytest.raises(HubError, match="dbt_manifest_missing"):
        load_manifest(own_settings)


def test_a_manifest_older_than_the_project_is_refused_and_built_anew(own_settings: Settings, project: Path) -> None:
    ensure_manifest(own_settings)
    before = manifest_path(own_settings).read_bytes()
    ensure_manifest(own_settings)
    assert manifest_path(own_settings).read_bytes() == before

    refunds = project / "models" / "marts" / "payments" / "_payments.yml"
    refunds.write_text(refunds.read_text().replace("description: What was given back", "description: Money back"))
    with pytest.raises(HubError, match="dbt_manifest_stale"):
        load_manifest(own_settings)
    ensure_manifest(own_settings)
    assert "Money back" in json.dumps(load_manifest(own_settings))


@pytest.mark.usefixtures("own_dbt")
def test_dbt_gets_none_of_our_variables(
    own_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, str] = {}

    def note(*_: Any, env: dict[str, str], **__: Any) -> subprocess.CompletedProcess[bytes]:
        given.update(env)
        return subprocess.CompletedProcess([], 0)

    monkeypatch.setenv("HUB_ADMIN_DATABASE_URL", "postgresql://admin:secret@db")
    monkeypatch.setattr(subprocess, "run", note)
    run_dbt(own_settings, ("parse",), work=tmp_path, environment={"PGHOST": "db"})
    assert given["PGHOST"] == "db"
    assert not [name for name in given if name.startswith("HUB_")]
    assert "secret" not in repr(given)


@pytest.mark.usefixtures("own_dbt")
def test_a_checkouts_manifest_leaves_nothing_in_the_home_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, target = tmp_path / "home", tmp_path / "target" / "manifest.json"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("HUB_HOME", raising=False)
    monkeypatch.setenv("HUB_DBT_MANIFEST", str(target))

    def parse(arguments: list[str], **_more: Any) -> subprocess.CompletedProcess[bytes]:
        written = Path(arguments[arguments.index("--target-path") + 1])
        written.mkdir()
        for name in ("manifest.json", "partial_parse.msgpack"):
            (written / name).write_text("{}")
        return subprocess.CompletedProcess(arguments, 0)

    monkeypatch.setattr(subprocess, "run", parse)
    main()

    assert target.exists()
    assert list(home.iterdir()) == []
