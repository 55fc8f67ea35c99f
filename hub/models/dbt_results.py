"""What may leave a dbt run: names, states, counts and seconds. Never its messages, which quote the database."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ModelState = Literal["built", "failed", "skipped"]
TestState = Literal["passed", "failed", "broken", "skipped"]
FailureReason = Literal["database_error", "contract_broken", "compilation_error", "other"]

_HEADINGS: tuple[tuple[str, FailureReason], ...] = (
    ("This model has an enforced contract", "contract_broken"),
    ("Database Error", "database_error"),
    ("Compilation Error", "compilation_error"),
)


@dataclass(frozen=True)
class ModelResult:
    """One mart of a run. `rows` is the number of rows written for the batch's tenants."""

    unique_id: str
    name: str
    state: ModelState
    rows: int
    seconds: float
    reason: FailureReason | None = None


@dataclass(frozen=True)
class TestResult:
    """One dbt test of a run: `broken` means that it could not be carried out. `failing` counts rows by tenant."""

    __test__ = False

    unique_id: str
    name: str
    model_id: str | None
    state: TestState
    failing: Mapping[str, int] = field(default_factory=dict[str, int])
    warns: bool = False
    """A finding about what providers told, which a person should see, and no fault of the model."""


@dataclass(frozen=True)
class ModelRun:
    """A batch's outcome. `tenants` were dirty and are modelled now, unless a model failed (`ok` is False then).

    A failing test does not withhold a mart and does not make `ok` False: it is a finding about tenants.
    """

    tenants: tuple[str, ...]
    models: tuple[ModelResult, ...] = ()
    tests: tuple[TestResult, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every mart was built and every test could be carried out."""
        return all(model.state == "built" for model in self.models) and all(
            test.state in {"passed", "failed"} for test in self.tests
        )

    @property
    def failing_tenants(self) -> dict[str, int]:
        """Rows that fail any test, by tenant."""
        counts: dict[str, int] = {}
        for test in self.tests:
            for tenant_id, rows in test.failing.items():
                counts[tenant_id] = counts.get(tenant_id, 0) + rows
        return counts


@dataclass(frozen=True)
class Parsed:
    """dbt's results file, reduced. `failing_queries` has the compiled SQL of each test that failed, by its id."""

    models: tuple[ModelResult, ...]
    tests: tuple[TestResult, ...]
    failing_queries: Mapping[str, str]


def read_results(target: Path, manifest: Mapping[str, Any]) -> Parsed:
    """Read `run_results.json`. Raises HubError 'dbt_results_missing' when dbt left none."""
    try:
        content = json.loads((target / "run_results.json").read_bytes())
    except (OSError, ValueError):
        raise HubError("dbt_results_missing") from None
    nodes = cast("dict[str, dict[str, Any]]", manifest["nodes"])
    models: list[ModelResult] = []
    tests: list[TestResult] = []
    queries: dict[str, str] = {}
    for result in cast("list[dict[str, Any]]", content["results"]):
        unique_id = str(result["unique_id"])
        node = nodes.get(unique_id, {})
        if unique_id.startswith("model."):
            models.append(_model(unique_id, node, result))
        elif unique_id.startswith("test."):
            test = _test(unique_id, node, result)
            tests.append(test)
            if test.state == "failed":
                queries[unique_id] = str(result["compiled_code"])
    return Parsed(tuple(models), tuple(tests), queries)


def _model(unique_id: str, node: Mapping[str, Any], result: Mapping[str, Any]) -> ModelResult:
    states: dict[str, ModelState] = {"success": "built", "skipped": "skipped"}
    state = states.get(str(result["status"]), "failed")
    response = cast("dict[str, Any]", result.get("adapter_response") or {})
    return ModelResult(
        unique_id=unique_id,
        name=str(node.get("name", unique_id)),
        state=state,
        rows=max(int(response.get("rows_affected") or 0), 0),
        seconds=round(float(result.get("execution_time") or 0), 3),
        reason=_reason(result) if state == "failed" else None,
    )


def _test(unique_id: str, node: Mapping[str, Any], result: Mapping[str, Any]) -> TestResult:
    states: dict[str, TestState] = {"pass": "passed", "warn": "failed", "fail": "failed", "skipped": "skipped"}
    return TestResult(
        unique_id=unique_id,
        name=str(node.get("name", unique_id)),
        model_id=cast("str | None", node.get("attached_node")),
        state=states.get(str(result["status"]), "broken"),
        warns=str(result["status"]) == "warn",
    )


def _reason(result: Mapping[str, Any]) -> FailureReason:
    """Which of dbt's own headings the message bears; the message itself stays here."""
    message = str(result.get("message") or "")
    for heading, reason in _HEADINGS:
        if heading in message:
            return reason
    return "other"
