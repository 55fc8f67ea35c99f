"""A suite run over a batch by Great Expectations itself, on the real landing table."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assets.quality.run import QualityResult, run_suite
from assets.quality.suites import suite_for
from connectors.registry import PROVIDERS
from hub.db.endpoints import endpoint
from hub.errors import HubError
from kvkk_policies.policy import load_policies
from tests.dbt.payment_rows import paid
from tests.dbt.warehouse import land

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database
    from hub.settings import Settings

MARKER = "SIZINTI-Ayşe-Yılmaz"


class Judge:
    """Runs the suite of iyzico's transactions."""

    def __init__(self, settings: Settings) -> None:
        stream = PROVIDERS["iyzico"].stream("transactions")
        self.suite = suite_for("iyzico", stream, load_policies()["iyzico"].streams["transactions"])
        self.url = endpoint(settings, "transform").sqlalchemy_url("postgresql+psycopg2")
        self.role = settings.role("transformer")

    def __call__(self, *tenants: str, **more: Any) -> QualityResult:
        return run_suite(self.url, self.suite, tenants=tenants, role=self.role, **more)


@pytest.fixture(scope="module")
def judge(installation: Settings) -> Judge:
    return Judge(installation)


def failing(result: QualityResult) -> dict[str, dict[str, int]]:
    return {check.code: dict(check.failing) for check in result.checks if not check.success}


def test_rows_that_hold_give_a_success_for_every_check(
    judge: Judge, database: Database, make_tenant: Callable[..., str]
) -> None:
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid("p"), paid("q")])
    result = judge(tenant_id)
    assert (result.rows, failing(result), result.success) == (2, {}, True)
    assert len(result.checks) == len(judge.suite.checks)


def test_rows_that_break_a_rule_are_counted_by_tenant(
    judge: Judge, database: Database, make_tenant: Callable[..., str]
) -> None:
    well, ill, worse = make_tenant(), make_tenant(), make_tenant()
    land(database, well, "transactions", [paid("p")])
    land(database, ill, "transactions", [paid("p", transaction_currency=MARKER), paid("q")])
    land(database, worse, "transactions", [paid(name, transaction_currency=MARKER, price=-1) for name in "pqr"])

    result = judge(well, ill, worse)

    assert failing(result) == {"allowed:transaction_currency": {ill: 1, worse: 3}, "in_range:price": {worse: 3}}
    assert result.failing_tenants == {ill: 1, worse: 6}
    assert not any(check.broken for check in result.checks)


def test_a_tenant_outside_the_batch_is_not_judged(
    judge: Judge, database: Database, make_tenant: Callable[..., str]
) -> None:
    inside, outside = make_tenant(), make_tenant()
    land(database, inside, "transactions", [paid("p")])
    land(database, outside, "transactions", [paid("p", price=-1)])
    assert judge(inside).rows == 1
    assert judge(inside).success


def test_only_the_rows_of_one_load_are_judged_when_it_is_named(
    judge: Judge, database: Database, make_tenant: Callable[..., str]
) -> None:
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid("p", price=-1)])
    assert not judge(tenant_id, load_id="test").success
    assert judge(tenant_id, load_id="another").rows == 0


def test_only_rows_loaded_since_the_marts_were_built_are_judged_when_that_is_asked(
    judge: Judge, database: Database, make_tenant: Callable[..., str]
) -> None:
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid("old"), paid("new")])
    with database.tenant(tenant_id, "loader") as connection:
        connection.execute(
            "UPDATE landing.iyzico_transactions SET _loaded_at = now() - interval '1 day' WHERE payment_id = 'old'"
        )
    assert judge(tenant_id, only_new=True).rows == 2
    with database.crossing("transformer") as connection:
        connection.execute("UPDATE hub.sync_state SET modelled_at = changed_at WHERE tenant_id = %s", (tenant_id,))
    assert judge(tenant_id, only_new=True).rows == 1
    assert judge(tenant_id).rows == 2


def test_a_tenant_with_its_own_rule_for_a_column_is_exempt_there_and_nowhere_else(
    judge: Judge, database: Database, make_tenant: Callable[..., str]
) -> None:
    tenant_id, neighbour = make_tenant(), make_tenant()
    for each in (tenant_id, neighbour):
        land(database, each, "transactions", [paid("p", transaction_currency=MARKER, price=-1)])
    result = judge(tenant_id, neighbour, exempt={"transaction_currency": [tenant_id]})
    assert failing(result) == {
        "allowed:transaction_currency": {neighbour: 1},
        "in_range:price": {tenant_id: 1, neighbour: 1},
    }


def test_a_version_from_the_future_is_found(judge: Judge, database: Database, make_tenant: Callable[..., str]) -> None:
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid("p")])
    with database.tenant(tenant_id, "loader") as connection:
        connection.execute("UPDATE landing.iyzico_transactions SET _version = now() + interval '3 hours'")
    assert failing(judge(tenant_id)) == {"not_in_the_future:_version": {tenant_id: 1}}


def test_no_value_and_no_file_leaves_a_run(
    judge: Judge,
    database: Database,
    make_tenant: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid(MARKER, transaction_currency=MARKER)])
    with caplog.at_level(logging.DEBUG):
        result = judge(tenant_id)
    assert not result.success
    assert MARKER not in repr(result) + caplog.text + "".join(capfd.readouterr())
    assert not list(tmp_path.iterdir())
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_the_rows_of_a_batch_are_never_fetched(
    judge: Judge, database: Database, make_tenant: Callable[..., str]
) -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid(f"p{number}") for number in range(50)])
    fetched: list[int] = []

    def note(_connection: Any, cursor: Any, *_: Any) -> None:
        fetched.append(cursor.rowcount)

    event.listen(Engine, "after_cursor_execute", note)
    try:
        assert judge(tenant_id).rows == 50
    finally:
        event.remove(Engine, "after_cursor_execute", note)
    assert max(fetched) <= 1


def test_a_check_that_cannot_be_carried_out_is_broken_and_says_nothing(
    judge: Judge,
    database: Database,
    make_tenant: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid("p")])
    check = next(check for check in judge.suite.checks if check.rule == "in_range")
    unfit = replace(check, column="payment_phase", arguments=check.arguments | {"column": "payment_phase"})
    monkeypatch.setattr(judge, "suite", replace(judge.suite, checks=(*judge.suite.checks, unfit)))
    with caplog.at_level(logging.DEBUG):
        broken = [each.code for each in judge(tenant_id).checks if each.broken]
    assert broken == [unfit.code]
    assert not [record for record in caplog.records if record.name.startswith(("great_expectations", "sqlalchemy"))]


def test_a_database_that_is_away_is_a_named_error_without_the_password(judge: Judge) -> None:
    password = judge.url.partition("@")[0].rpartition(":")[2]
    with pytest.raises(HubError, match="quality_failed kind=OperationalError") as raised:
        run_suite(judge.url.replace("port=", "port=1"), judge.suite, tenants=["taaaaaaaaaaa"], role=judge.role)
    assert password not in repr(raised.value)
    assert raised.value.__suppress_context__
