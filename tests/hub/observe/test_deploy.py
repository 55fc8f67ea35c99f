"""Alert rules and dashboard ask only for what the hub shows, and promtool finds nothing wrong with them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from hub.db.database import Database
from hub.observe.metrics import Metrics
from hub.settings import Settings

DEPLOY = Path(__file__).parents[3] / "deploy"
RULES = DEPLOY / "prometheus" / "kopru.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "kopru.json"
_METRIC = re.compile(r"\bkopru_[a-z_]+")


def promtool(*arguments: object) -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run(
        [program, *map(str, arguments)], check=False, capture_output=True, text=True, cwd=DEPLOY / "prometheus"
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of all series on the page, also those of which there are none yet."""
    nowhere = tmp_path_factory.mktemp("nowhere")
    database = Database(Settings.apart(nowhere, database_url=f"postgresql://localhost/none?host={nowhere}"))
    names: set[str] = set()
    for family in text_string_to_metric_families(Metrics(database).exposition().decode()):
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        names |= {family.name + ending for ending in endings}
    return names


def panels() -> list[dict[str, Any]]:
    return json.loads(DASHBOARD.read_text())["panels"]


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def test_promtool_finds_rules_and_configuration_right() -> None:
    promtool("check", "rules", RULES.name)
    promtool("check", "config", "--syntax-only", "prometheus.yml")  # the token lies on the scraping machine


def test_alerts_fire_when_they_should_and_not_before() -> None:
    promtool("test", "rules", "kopru.rules.test.yml")


def test_every_series_that_is_asked_for_is_on_the_page(shown: set[str]) -> None:
    asked = {
        name
        for text in [rule["expr"] for rule in rules()]
        + [target["expr"] for panel in panels() for target in panel["targets"]]
        for name in _METRIC.findall(text)
    }

    assert len(asked) > 20
    assert asked <= shown


def test_every_series_of_the_page_is_on_the_dashboard(shown: set[str]) -> None:
    asked = {name for panel in panels() for target in panel["targets"] for name in _METRIC.findall(target["expr"])}

    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown} <= {
        re.sub(r"_(bucket|sum|count)$", "", name) for name in asked
    }


def test_panels_have_their_own_place_and_every_alert_says_what_it_means() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]

    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in panels()}) == len(places)
    for rule in rules():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert {"summary", "description"} <= set(rule["annotations"])
