"""What came with a record that is past its retention, and tells no day of its own, stays out with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Belonging
from connectors.findeks import PROVIDER as FINDEKS
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Vault
from hub.kvkk import holds
from hub.kvkk.audit import Actor
from hub.kvkk.holds import NewHold
from hub.settings import Settings
from hub.sync.batch import Engine
from hub.sync.descent import Expired
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from tests.hub.kvkk.export.people import admit
from tests.support.shop import NoDetector, tckn
from tests.support.told_rows import tell

NUMBER = tckn(100_000_777)
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def engine(settings: Settings, database: Database) -> Engine:
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    policies = load_policies()
    return Engine(database, keyring, Vault(database, keyring), Gate(policies, NoDetector()), policies)


def reports() -> dict[str, list[dict[str, Any]]]:
    """A report of last month with an account, and one of two years ago with another."""
    of = {"F1": NOW - timedelta(days=30), "F2": NOW - timedelta(days=730)}
    return {
        "reports": [
            {"reference_no": name, "queried_at": at, "subject_type": "PERSON", "identity_number": NUMBER}
            for name, at in of.items()
        ],
        "accounts": [{"reference_no": name, "seq": 1, "balance": "1000.00"} for name in of],
    }


def landed(engine: Engine, tenant_id: str, table: str) -> list[str]:
    with engine.database.tenant(tenant_id, "loader") as connection:
        return [
            row[0]
            for row in connection.execute(f"SELECT reference_no FROM landing.findeks_{table} ORDER BY 1".encode())  # noqa: S608 - our own names
        ]


@pytest.mark.parametrize(
    ("hold", "accounts"), [(None, ["F1"]), (NewHold("dataset", "landing.findeks_accounts", "audit", "1"), ["F1", "F2"])]
)
def test_accounts_of_a_report_that_is_over_stay_out_unless_they_are_held(
    engine: Engine, make_tenant: Callable[..., str], hold: NewHold | None, accounts: list[str]
) -> None:
    tenant_id = make_tenant()
    admit(engine, tenant_id, NUMBER)
    if hold is not None:
        holds.place(engine.database, tenant_id, hold, actor=Actor("x", "operator"))
    tell(engine, tenant_id, FINDEKS, reports())

    assert landed(engine, tenant_id, "reports") == ["F1"]
    assert landed(engine, tenant_id, "accounts") == accounts


def test_a_record_of_which_another_copy_came_in_keeps_what_belongs_to_it() -> None:
    over = Expired()
    rows = [{"reference_no": "F1", "day": date(2010, 1, 1)}, {"reference_no": "F1"}, {"reference_no": "F2"}]
    over.note("reports", rows, (0, 2))
    children = [{"reference_no": name} for name in ("F1", "F2", "F3")]

    assert over.survivors(FINDEKS.stream("accounts"), children) == [{"reference_no": "F1"}, {"reference_no": "F3"}]
    assert over.survivors(FINDEKS.stream("reports"), children) == children
    grandchild = replace(
        FINDEKS.stream("enquiries"), belongs_to=(Belonging("accounts", ("reference_no",), ("reference_no",)),)
    )
    assert over.survivors(grandchild, children) == [{"reference_no": "F1"}, {"reference_no": "F3"}]
