"""Builds the marts of every tenant whose landing changed, once a batch, however many tenants and providers it has.

What must be modelled is a query (`changed_at` after `modelled_at` in hub.sync_state), not an argument: whoever comes
next finishes what a killed run left, and several asking at once cost one dbt run, since dbt takes seconds to start.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, LiteralString, cast

from hub.db.endpoints import endpoint
from hub.models.dbt_process import load_manifest, run_dbt, work_directory
from hub.models.dbt_results import ModelRun, TestResult, read_results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from hub.db.database import Database
    from hub.settings import Settings

TRANSFORM_LOGIN = "transform"
TRANSFORMER = "transformer"

_RUN_LOCK = "hub.models"
_DIRTY = (
    "SELECT tenant_id, provider, stream, changed_at FROM hub.sync_state"
    " WHERE changed_at > coalesce(modelled_at, '-infinity')"
)

Stamps = dict[tuple[str, str, str], "datetime"]
"""`changed_at` by tenant, provider and stream, as it stood before the models read landing."""

Dirty = dict[tuple[str, str], set[str]]
"""Tenants by provider and stream."""


def build_models(
    database: Database,
    settings: Settings,
    *,
    force: Sequence[str] = (),
    before: Callable[[Dirty], None] = lambda dirty: None,
) -> ModelRun:
    """Build and test the marts of every dirty tenant; `force` makes these tenants dirty first.

    `before` is called with what is dirty, once that is settled and before dbt reads it: what lands meanwhile stays
    dirty, so it comes before the next call of `before` and cannot be modelled without one.

    Waits for a run in flight. With nothing dirty it returns at once with no tenants. A tenant stays dirty when a model
    failed, or when a load committed after its stamp was read; findings of tests about the latter are left out, since
    the next batch judges them.

    Raises HubError 'dbt_manifest_missing', 'dbt_manifest_stale', 'dbt_failed', 'dbt_results_missing' or 'dbt_timeout'.
    """
    manifest = load_manifest(settings)
    with database.crossing(TRANSFORMER) as guard:
        # Held by an open transaction, so that it cannot outlive this process.
        guard.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (_RUN_LOCK,))
        stamps = _claim(database, force)
        if not stamps:
            return ModelRun(tenants=())
        before(_by_stream(stamps))
        run, queries = _run(settings, manifest, tenants=sorted({tenant_id for tenant_id, _, _ in stamps}))
        failing = _failing_by_tenant(database, queries, stamps)
        if run.ok:
            _mark_modelled(database, stamps)
    tests = (_with_failing(test, failing) for test in run.tests)
    return replace(run, tests=tuple(tests))


def dirty_tenants(database: Database) -> list[str]:
    """Tenants whose marts are older than their landing; what a sensor asks before it starts a run."""
    with database.crossing(TRANSFORMER) as connection:
        return sorted({tenant_id for tenant_id, _, _ in _read_stamps(connection)})


def mart_rows(database: Database, names: Sequence[str]) -> dict[str, int]:
    """Rows of each mart, over all tenants."""
    from psycopg import sql

    counted: dict[str, int] = {}
    with database.crossing(TRANSFORMER) as connection:
        for name in names:
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("marts", name))
            counted[name] = int((connection.execute(query).fetchone() or (0,))[0])
    return counted


def _claim(database: Database, force: Sequence[str]) -> Stamps:
    with database.crossing(TRANSFORMER) as connection:
        if force:
            connection.execute("UPDATE hub.sync_state SET modelled_at = NULL WHERE tenant_id = ANY(%s)", (list(force),))
        return _read_stamps(connection)


def _read_stamps(connection: Any) -> Stamps:
    rows = connection.execute(_DIRTY).fetchall()
    return {(tenant_id, provider, stream): changed_at for tenant_id, provider, stream, changed_at in rows}


def _by_stream(stamps: Stamps) -> Dirty:
    dirty: Dirty = {}
    for tenant_id, provider, stream in stamps:
        dirty.setdefault((provider, stream), set()).add(tenant_id)
    return dirty


def _run(
    settings: Settings, manifest: Mapping[str, Any], *, tenants: Sequence[str]
) -> tuple[ModelRun, Mapping[str, str]]:
    environment = endpoint(settings, TRANSFORM_LOGIN).environment()
    environment["HUB_DBT_ROLE"] = settings.role(TRANSFORMER)
    environment["DBT_ENV_SECRET_PGPASSWORD"] = environment.pop("PGPASSWORD")
    with work_directory(settings) as work:
        target = run_dbt(settings, ("build",), work=work, environment=environment)
        parsed = read_results(target, manifest)
    return ModelRun(tuple(tenants), parsed.models, parsed.tests), parsed.failing_queries


def _failing_by_tenant(database: Database, queries: Mapping[str, str], stamps: Stamps) -> dict[str, dict[str, int]]:
    """Count by running each failed test's own query, which selects `tenant_id`: dbt itself knows only a total."""
    if not queries:
        return {}
    from psycopg import sql

    found: dict[str, dict[str, int]] = {}
    with database.crossing(TRANSFORMER) as connection:
        for unique_id, query in queries.items():
            counted = sql.SQL("SELECT tenant_id, count(*) FROM ({}) AS failing GROUP BY tenant_id").format(
                sql.SQL(cast("LiteralString", query))  # compiled by dbt from our own project
            )
            found[unique_id] = {str(row[0]): int(str(row[1])) for row in connection.execute(counted).fetchall()}
        moved = {key[0] for key, changed_at in _read_stamps(connection).items() if stamps.get(key) != changed_at}
    return {
        unique_id: {tenant_id: count for tenant_id, count in counts.items() if tenant_id not in moved}
        for unique_id, counts in found.items()
    }


def _with_failing(test: TestResult, failing: Mapping[str, Mapping[str, int]]) -> TestResult:
    if test.state != "failed":
        return test
    counts = failing.get(test.unique_id, {})
    return replace(test, failing=counts, state="failed" if counts else "passed")


def _mark_modelled(database: Database, stamps: Stamps) -> None:
    """`modelled_at` becomes the stamp that was read, never now(): what a load changed meanwhile stays dirty."""
    keys = list(stamps)
    with database.crossing(TRANSFORMER) as connection:
        connection.execute(
            "UPDATE hub.sync_state AS s SET modelled_at = read.changed_at"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[])"
            " AS read (tenant_id, provider, stream, changed_at)"
            " WHERE (s.tenant_id, s.provider, s.stream) = (read.tenant_id, read.provider, read.stream)"
            " AND s.changed_at >= read.changed_at",
            (
                [key[0] for key in keys],
                [key[1] for key in keys],
                [key[2] for key in keys],
                [stamps[key] for key in keys],
            ),
        )
