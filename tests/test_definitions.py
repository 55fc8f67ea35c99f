"""The code location as Dagster loads it: in a process of its own that may open no connection."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import PROVIDERS
from hub.models.dbt_process import ensure_manifest, load_manifest
from hub.settings import Settings

ROOT = Path(__file__).parents[1]

LOAD = """
import json, socket, sys

def refuse(*_arguments, **_more):
    raise AssertionError("loading the definitions opened a connection")

socket.socket.connect = socket.socket.connect_ex = refuse
import psycopg
psycopg.connect = psycopg.Connection.connect = refuse
import psycopg2
psycopg2.connect = refuse

from hub.definitions import defs

heavy = {name.partition(".")[0] for name in sys.modules}
repository = defs.get_repository_def()
graph = repository.asset_graph

def asset(key):
    node = graph.get(key)
    schema = node.metadata.get("dagster/column_schema")
    return {
        "group": node.group_name,
        "owners": list(node.owners),
        "kinds": sorted(node.kinds),
        "description": node.description or "",
        "columns": [[c.name, c.type, c.description or ""] for c in schema.columns] if schema else [],
        "table": node.metadata.get("dagster/table_name"),
        "parents": sorted(parent.to_user_string() for parent in node.parent_keys),
    }

print(json.dumps({
    "modules": sorted(heavy),
    "jobs": {
        job.name: job.description or "" for job in repository.get_all_jobs() if not job.name.startswith("__")
    },
    "schedules": {each.name: [each.job_name, each.default_status.value] for each in repository.schedule_defs},
    "sensors": {each.name: each.default_status.value for each in repository.sensor_defs},
    "assets": {key.to_user_string(): asset(key) for key in graph.get_all_asset_keys()},
    "checks": {
        f"{key.asset_key.to_user_string()}:{key.name}": [
            graph.get_check_spec(key).description or "", graph.get_check_spec(key).blocking
        ]
        for key in graph.asset_check_keys
    },
}))
"""


def load(home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Load the definitions with a home that does not exist."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment |= {"HUB_HOME": str(home / "none")} | variables
    return subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("home")
    ensure_manifest(Settings.apart(home))
    done = load(home)
    assert done.returncode == 0, done.stderr[-2000:]
    assert not (home / "none").exists()
    return {"said": done.stderr, **json.loads(done.stdout)}


def test_loading_says_nothing_that_a_person_would_have_to_read(loaded: dict[str, Any]) -> None:
    assert loaded["said"] == ""


def test_loading_brings_in_no_library_that_a_run_may_not_need(loaded: dict[str, Any]) -> None:
    heavy = {"presidio_analyzer", "spacy", "dlt", "great_expectations", "pandas", "dbt"}
    assert set(loaded["modules"]) & heavy == set()
    assert "psycopg" in loaded["modules"]


def test_every_job_schedule_and_sensor_has_its_name(loaded: dict[str, Any]) -> None:
    assert set(loaded["jobs"]) == {
        *(f"sync_{name}" for name in PROVIDERS),
        "audit_heads",
        "breach_escalations",
        "consent_expiry",
        "expire_exports",
        "expire_inbox",
        "expire_webhooks",
        "freshness",
        "inbox",
        "iys",
        "mails",
        "outbox",
        "webhooks",
        "models",
        "periodic_destruction",
        "request_warnings",
        "subject_requests",
        "trim_event_log",
    }
    assert all(loaded["jobs"].values())
    assert loaded["schedules"] == {
        **{f"{name}_due": [f"sync_{name}", "RUNNING"] for name in PROVIDERS},
        "audit_heads_hourly": ["audit_heads", "RUNNING"],
        "breach_escalations_by_quarter_hour": ["breach_escalations", "RUNNING"],
        "consent_expiry_hourly": ["consent_expiry", "RUNNING"],
        "expire_exports_hourly": ["expire_exports", "RUNNING"],
        "expire_inbox_nightly": ["expire_inbox", "RUNNING"],
        "expire_webhooks_nightly": ["expire_webhooks", "RUNNING"],
        "freshness_hourly": ["freshness", "RUNNING"],
        "iys_hourly": ["iys", "RUNNING"],
        "periodic_destruction_weekly": ["periodic_destruction", "RUNNING"],
        "request_warnings_hourly": ["request_warnings", "RUNNING"],
        "trim_event_log_nightly": ["trim_event_log", "RUNNING"],
    }
    assert loaded["sensors"] == {
        "models_due": "RUNNING",
        "failures": "RUNNING",
        "inbox_waiting": "RUNNING",
        "subject_requests_waiting": "RUNNING",
        "actions_waiting": "RUNNING",
        "webhooks_waiting": "RUNNING",
        "mails_waiting": "RUNNING",
    }


def test_every_stream_is_an_asset_that_explains_itself(loaded: dict[str, Any]) -> None:
    landing = {name: asset for name, asset in loaded["assets"].items() if name.startswith("landing/")}
    streams = {f"landing/{each.name}/{stream.name}" for each in PROVIDERS.values() for stream in each.streams}
    assert set(landing) == streams
    for name, asset in landing.items():
        _, provider, stream = name.split("/")
        assert asset["group"] == provider
        assert asset["owners"] == ["team:integrations"]
        assert asset["kinds"] == ["dlt", "postgres"]
        assert len(asset["description"]) > 20, name
        assert asset["table"] == f"landing.{provider}_{stream}"
        assert asset["columns"]
        assert all(type_ and description for _, type_, description in asset["columns"]), name


def test_every_mart_is_an_asset_with_columns_and_a_way_back_to_landing(loaded: dict[str, Any]) -> None:
    models = load_manifest(Settings.apart(ROOT))["nodes"]
    marts = {
        f"marts/{node['name']}"
        for node in models.values()
        if node["resource_type"] == "model"
        and node["schema"] == "marts"
        and node["config"]["materialized"] != "ephemeral"
    }
    assert {name for name in loaded["assets"] if name.startswith("marts/")} == marts != set()
    for name in marts:
        asset = loaded["assets"][name]
        assert (asset["group"], asset["owners"], asset["kinds"]) == ("marts", ["team:data"], ["dbt", "postgres"])
        assert asset["table"] == name.replace("/", ".")
        assert asset["description"]
        assert "select" not in asset["description"].lower()
        assert all(type_ != "?" and description for _, type_, description in asset["columns"]), name
        assert landing_above(loaded["assets"], name), name


def landing_above(assets: dict[str, Any], name: str) -> set[str]:
    parents = assets[name]["parents"]
    return {each for each in parents if each.startswith("landing/")}.union(
        *(landing_above(assets, each) for each in parents if each.startswith("marts/"))
    )


def test_every_table_has_its_checks_each_with_a_description_and_none_withholds_anything(loaded: dict[str, Any]) -> None:
    for provider in PROVIDERS.values():
        for stream in provider.streams:
            table = f"landing/{provider.name}/{stream.name}"
            checks = {name.partition(":")[2] for name in loaded["checks"] if name.startswith(f"{table}:")}
            own = {"synced", "declared_columns", "fresh"} if stream.parent is None else set[str]()
            own |= {"admitted"} if stream.admission is not None else set[str]()
            assert checks == {"quality", "quality_batch"} | own
    assert "marts/payments:payments_unique" in loaded["checks"]
    for name, (description, blocking) in loaded["checks"].items():
        assert description, name
        assert not blocking, name


def test_a_missing_manifest_is_an_error_with_a_name(tmp_path: Path) -> None:
    done = load(tmp_path, HUB_DBT_MANIFEST=str(tmp_path / "manifest.json"))
    assert done.returncode != 0
    assert "HubError: dbt_manifest_missing" in done.stderr
