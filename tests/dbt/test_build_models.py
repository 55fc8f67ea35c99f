"""Which tenants a run of the models takes, what it leaves behind, and what happens when it fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from hub.migrations.connections import outside_transaction
from hub.models import dbt, dbt_process
from hub.models.dbt import build_models, dirty_tenants
from hub.models.dbt_process import build_manifest
from tests.dbt.payment_rows import paid
from tests.dbt.warehouse import land, mart

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub.db.database import Database
    from hub.models.dbt_results import ModelRun
    from hub.settings import Settings

pytestmark = pytest.mark.long(25)

MARKER = "Gizli-Ayşe-Yılmaz"


@pytest.fixture(autouse=True)
def _nothing_dirty(database: Database) -> None:
    """Tenants that other tests left dirty count as modelled."""
    with database.crossing("transformer") as connection:
        connection.execute("UPDATE hub.sync_state SET modelled_at = changed_at")


@pytest.fixture(scope="module")
def settled(installation: Settings, database: Database, make_tenant: Callable[..., str]) -> dict[str, str]:
    """Tenants whose payment "p" was built in one run, one for each test that begins so."""
    tenants = {name: make_tenant() for name in ("first", "late", "forced")}
    for tenant_id in tenants.values():
        land(database, tenant_id, "transactions", [paid("p")])
    assert set(build_models(database, installation).tenants) == set(tenants.values())
    return tenants


@dataclass(frozen=True)
class Meanwhile:
    """A run that dbt had done for two tenants when a load of one of them committed."""

    busy: str
    quiet: str
    run: ModelRun
    dirty: list[str]


@pytest.fixture(scope="module")
def meanwhile(installation: Settings, database: Database, make_tenant: Callable[..., str]) -> Meanwhile:
    busy, quiet = make_tenant(), make_tenant()
    for tenant_id in (busy, quiet):
        sound = paid("p", transaction_status=2, merchant_payout_amount=0)
        land(
            database, tenant_id, "transactions", [sound, paid("odd", transaction_status=-1, transaction_currency=None)]
        )
    run_dbt = dbt.run_dbt

    def with_a_load_meanwhile(*arguments: Any, **named: Any) -> Path:
        target = run_dbt(*arguments, **named)
        land(database, busy, "transactions", [paid("later")])
        return target

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dbt, "run_dbt", with_a_load_meanwhile)
        run = build_models(database, installation)
    return Meanwhile(busy, quiet, run, dirty_tenants(database))


def payments(database: Database, *tenants: str) -> list[tuple[str, str]]:
    return [(row["tenant_id"], row["payment_id"]) for row in mart(database, "payments", *tenants)]


def relations(database: Database) -> list[Any]:
    """Every relation that outlives a session."""
    with database.crossing("transformer") as connection:
        return connection.execute(
            "SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relpersistence <> 't' ORDER BY 1"
        ).fetchall()


def wait_for_lock(admin: Any, name: str) -> None:
    """Return when somebody waits for a lock on that mart. The server does the waiting in between."""
    for _ in range(1200):
        (waiting,) = admin.execute(
            "SELECT count(*) FROM pg_locks CROSS JOIN pg_sleep(0.05) WHERE NOT granted AND relation = %s::regclass",
            (f"marts.{name}",),
        ).fetchone()
        if waiting:
            return
    pytest.fail("nobody waits")


@pytest.mark.usefixtures("own_dbt")
def test_only_tenants_whose_landing_changed_are_built(
    installation: Settings, database: Database, make_tenant: Callable[..., str], settled: dict[str, str]
) -> None:
    first, second = settled["first"], make_tenant()
    land(database, second, "transactions", [paid("q")])
    before = relations(database)

    run = build_models(database, installation)

    assert run.ok
    assert run.tenants == (second,)
    assert payments(database, first, second) == sorted([(first, "p"), (second, "q")])
    assert {model.name: model.rows for model in run.models}["payments"] == 1
    assert relations(database) == before


def test_with_nothing_dirty_dbt_is_not_started(
    installation: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbt, "run_dbt", lambda *_, **__: pytest.fail("dbt was started"))
    assert build_models(database, installation).tenants == ()


def test_a_load_that_commits_while_dbt_runs_leaves_its_tenant_dirty(
    installation: Settings, database: Database, meanwhile: Meanwhile
) -> None:
    assert meanwhile.run.ok
    assert set(meanwhile.run.tenants) == {meanwhile.busy, meanwhile.quiet}
    assert meanwhile.dirty == [meanwhile.busy]

    with database.crossing("transformer") as connection:  # as the run left it, before the next test was begun
        connection.execute("UPDATE hub.sync_state SET modelled_at = NULL WHERE tenant_id = %s", (meanwhile.busy,))
    assert build_models(database, installation).tenants == (meanwhile.busy,)
    assert payments(database, meanwhile.busy) == [(meanwhile.busy, name) for name in ("later", "odd", "p")]


def test_findings_about_a_tenant_that_changed_meanwhile_are_left_to_its_next_batch(meanwhile: Meanwhile) -> None:
    assert set(meanwhile.run.failing_tenants) == {meanwhile.quiet}


def test_a_load_between_a_models_reading_and_deleting_costs_no_rows(
    installation: Settings, database: Database, make_tenant: Callable[..., str], settled: dict[str, str]
) -> None:
    built, late = make_tenant(), settled["late"]
    land(database, built, "transactions", [paid("q")])
    with ThreadPoolExecutor(1) as pool, outside_transaction(installation, "data") as admin:
        with admin.transaction():
            # Lets the model read and stops it before it deletes.
            admin.execute("LOCK TABLE marts.payments IN EXCLUSIVE MODE")
            run = pool.submit(build_models, database, installation)
            wait_for_lock(admin, "payments")
            land(database, late, "transactions", [paid("r")])
        assert run.result().tenants == (built,)
    assert payments(database, built, late) == sorted([(built, "q"), (late, "p")])
    assert dirty_tenants(database) == [late]


def test_a_forced_tenant_is_built_although_nothing_changed(
    installation: Settings, database: Database, settled: dict[str, str]
) -> None:
    tenant_id = settled["forced"]
    with database.crossing("transformer") as connection:
        connection.execute("DELETE FROM marts.payments WHERE tenant_id = %s", (tenant_id,))

    assert build_models(database, installation, force=[tenant_id]).tenants == (tenant_id,)
    assert payments(database, tenant_id) == [(tenant_id, "p")]


def test_runs_at_the_same_time_take_turns(
    installation: Settings, database: Database, make_tenant: Callable[..., str]
) -> None:
    tenants = [make_tenant() for _ in range(3)]
    for tenant_id in tenants:
        land(database, tenant_id, "transactions", [paid("p")])
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: build_models(database, installation), range(2)))
    assert min(runs, key=lambda run: len(run.tenants)).tenants == ()
    assert all(run.ok for run in runs)
    assert len(payments(database, *tenants)) == 3


def test_a_failing_model_leaves_its_tenants_dirty_and_quotes_nothing(
    own_settings: Settings,
    database: Database,
    make_tenant: Callable[..., str],
    project: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid(MARKER)])
    model = project / "models" / "marts" / "payments" / "payments.sql"
    model.write_text(model.read_text().replace("min(moved_at) as paid_at", "min(payment_id::timestamptz) as paid_at"))
    build_manifest(own_settings)

    run = build_models(database, own_settings)

    states = {model.name: model.state for model in run.models}
    assert not run.ok
    assert (states["payments"], states["daily_reconciliation"], states["customers"]) == ("failed", "skipped", "built")
    assert {model.name: model.reason for model in run.models}["payments"] == "database_error"
    assert dirty_tenants(database) == [tenant_id]
    # The database quoted the marker to dbt; it must have stayed there.
    assert MARKER not in repr(run) + caplog.text + "".join(capfd.readouterr())
    assert not [file for file in (own_settings.home / "work").rglob("*") if file.is_file()]
    assert MARKER.encode() not in (own_settings.home / "dbt" / "partial_parse.msgpack").read_bytes()


def test_a_mart_without_a_table_fails_and_none_is_made(
    own_settings: Settings, database: Database, make_tenant: Callable[..., str], project: Path
) -> None:
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid("p")])
    marts = project / "models" / "marts" / "payments"
    (marts / "smuggled.sql").write_text("select tenant_id from {{ ref('payments') }}")
    (marts / "_smuggled.yml").write_text("models:\n- name: smuggled\n  columns: [{name: tenant_id, data_type: text}]\n")
    build_manifest(own_settings)
    before = relations(database)

    run = build_models(database, own_settings)

    assert {model.name for model in run.models if model.state == "failed"} == {"smuggled"}
    assert relations(database) == before


def test_a_project_that_cannot_be_parsed_is_a_named_error(own_settings: Settings, project: Path) -> None:
    (project / "models" / "marts" / "payments" / "nonsense.sql").write_text("select {% no_such_tag %}")
    with pytest.raises(dbt_process.HubError, match=r"^dbt_failed status=2$"):
        build_manifest(own_settings)
    assert not list((own_settings.home / "work").glob("dbt-*"))


def test_what_a_killed_run_left_is_swept_by_the_next(installation: Settings) -> None:
    left = installation.home / "work" / "dbt-killed"
    left.mkdir(parents=True)
    (left / "owner.lock").touch()
    (left / "run_results.json").write_text(MARKER)
    with dbt_process.work_directory(installation) as one, dbt_process.work_directory(installation) as two:
        assert not left.exists()
        assert one.exists()
        assert two.exists()
    assert not one.exists()
