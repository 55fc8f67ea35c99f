"""Of two batches the newer wins: the older one's claim is lost, and no older version replaces a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.iyzico import PROVIDER
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from hub.control import integrations, status
from hub.db.database import Database
from hub.settings import Settings
from hub.sync.batch import BatchResult, Engine, landing_tables
from hub.sync.claim import claim
from hub.sync.landing import LandingTable
from tests.support.merchant_engine import open_merchant_engine, sync
from tests.support.merchants import add_merchant, cursors, landed

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
STREAM = "subscription_customers"


@pytest.fixture(scope="module")
def engine(installation: Settings, database: Database) -> Engine:
    return open_merchant_engine(installation, database)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=3, start=NOW, pace=Pace(rows_per_day=2, history_days=3)) as running:
        yield running


@pytest.fixture
def merchant(engine: Engine, sandbox: Sandbox) -> str:
    return add_merchant(engine.database, engine.keyring, sandbox, "shop")


def overtaken(engine: Engine, tenant_id: str, stage: str, *, newer: datetime) -> BatchResult:
    """A sync whose stream a newer batch claims when it reaches the stage."""

    def hook(reached: str, _tenant_id: str) -> None:
        if reached == stage and not claims:
            claims.append(
                claim(
                    engine.database,
                    PROVIDER,
                    tenant_id,
                    [PROVIDER.stream(STREAM)],
                    run_id="newer",
                    now=newer,
                    only_due=False,
                )
            )

    claims: list[Any] = []
    result = sync(engine, [tenant_id], [STREAM], now=NOW, hook=hook)
    assert claims[0] is not None
    return result


def test_a_batch_that_was_overtaken_writes_nothing_more(engine: Engine, merchant: str) -> None:
    result = overtaken(engine, merchant, "staged", newer=NOW + timedelta(minutes=1))
    outcome = result.tenants[merchant].outcomes[0]
    assert outcome.failed is not None
    assert outcome.failed.code == "claim_lost"
    assert landed(engine.database, merchant, [STREAM]) == {STREAM: {}}
    assert cursors(engine.database, merchant)[STREAM] is None


@pytest.mark.parametrize("stage", ["staged", "committed"])
def test_being_overtaken_is_nobodys_failure(engine: Engine, merchant: str, stage: str) -> None:
    later = NOW + timedelta(minutes=1)
    for _ in range(3):
        result = overtaken(engine, merchant, stage, newer=later)
        assert result.failed == 0
        assert result.tenants[merchant].outcomes[0].superseded
    (shown,) = status.read(engine.database, tenant_id=merchant)
    assert (shown.state, shown.failure) == ("active", None)
    assert integrations.get(engine.database, merchant, "iyzico").last_attempt_at == later


def test_only_a_batch_that_holds_its_claims_tells_of_them(engine: Engine, merchant: str) -> None:
    told: list[bool] = []
    sync(engine, [merchant], [STREAM], now=NOW, announce=lambda tenant: told.append(tenant.outcomes[0].superseded))
    assert told == [False]


def payouts(engine: Engine) -> LandingTable:
    return landing_tables(engine, PROVIDER)["iyzico_payouts"]


def load(engine: Engine, tenant_id: str, amount: int, version: datetime) -> int:
    table = payouts(engine)
    row: dict[str, Any] = {
        "payout_date": date(2026, 11, 2),
        "payment_transaction_id": "7",
        "payout_type": "PAYOUT",
        "payout_amount": Decimal(amount),
        "_version": version,
        "_policy_version": 1,
        "_load_id": "test",
        "_ordinal": 0,
    }
    types = {column.name: column.arrow_type for column in table.columns}
    rows = pa.table({name: pa.array([row.get(name)], types.get(name)) for name in table.copied})
    with engine.database.tenant(tenant_id, "loader") as connection:
        return table.load(connection, tenant_id, rows).changed


def amount_of(engine: Engine, tenant_id: str) -> int:
    with engine.database.tenant(tenant_id, "loader") as connection:
        (row,) = connection.execute("SELECT payout_amount FROM landing.iyzico_payouts").fetchall()
    return int(row[0])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_the_newest_version_stays_whatever_comes_after_it(
    engine: Engine, sandbox: Sandbox, versions: list[int]
) -> None:
    tenant_id = add_merchant(engine.database, engine.keyring, sandbox, "shop")
    newest, expected = -1, None
    for amount, version in enumerate(versions):
        changed = load(engine, tenant_id, amount, NOW + timedelta(microseconds=version))
        assert changed == int(version >= newest)
        if version >= newest:
            newest, expected = version, amount
        assert amount_of(engine, tenant_id) == expected
