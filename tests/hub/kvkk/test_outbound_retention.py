"""Actions lose their payload after three months and go after three years; invoices when no statute keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from connectors.registry import PROVIDERS
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.holds import Hold
from hub.kvkk.retention.outbound import Outbound
from hub.kvkk.stores import Hub
from hub.settings import Settings
from kvkk_policies.policy import load_policies
from tests.conftest import MakeTenant
from tests.hub.kvkk.outbound_rows import action, document

NOW = datetime(2030, 6, 15, 9, tzinfo=UTC)
MONTHS, YEARS = datetime(2030, 3, 14, 21, tzinfo=UTC), datetime(2027, 6, 14, 21, tzinfo=UTC)
"""The first instants, in Istanbul, of the oldest days whose payloads and rows are kept."""
MOMENT = timedelta(seconds=1)


@pytest.fixture(scope="module")
def hub(settings: Settings, database: Database) -> Hub:
    return Hub(database, Keyring(database, read_master_key(settings.master_key_file)), PROVIDERS, load_policies())


@pytest.fixture
def tenant(hub: Hub, make_tenant: MakeTenant) -> Iterator[str]:
    tenant_id = make_tenant()
    yield tenant_id
    with hub.database.tenant(tenant_id, "app") as connection:
        connection.execute("DELETE FROM hub.action_attempts WHERE tenant_id = %s", (tenant_id,))
        connection.execute("DELETE FROM hub.actions WHERE tenant_id = %s", (tenant_id,))


def held(scope: str, target: str) -> Hold:
    return Hold(uuid4(), scope, target, "litigation", "HMK", NOW, None, "test", NOW, None)  # type: ignore[arg-type]


def run(hub: Hub, tenant: str, *holds: Hold) -> set[tuple[str, str, int]]:
    """What a run did, which is what it had said it would do, and after which nothing is due."""
    outbound = Outbound(hub, tenant, NOW, holds)
    planned = outbound.due()
    done = outbound.destroy()
    assert {each.dataset for each in planned} == {each.dataset for each in done}
    assert outbound.due() == []
    return {(each.dataset, each.method, each.records) for each in done}


def sealed(hub: Hub, tenant: str) -> dict[UUID, tuple[bool, ...]]:
    """Of each action, whether payload, private part, recipient and mark still stand."""
    with hub.database.tenant(tenant, "app") as connection:
        rows = connection.execute(
            "SELECT action_id, octet_length(payload_cipher) > 0, private_cipher IS NOT NULL, recipient IS NOT NULL,"
            " provider_mark IS NOT NULL FROM hub.actions WHERE tenant_id = %s",
            (tenant,),
        ).fetchall()
    return {row[0]: tuple(row[1:]) for row in rows}


ALL, NONE = (True,) * 4, (False,) * 4


@pytest.mark.parametrize("state", ["delivered", "failed", "dead", "accepted"])
def test_what_is_over_loses_its_payload_after_three_months(hub: Hub, tenant: str, state: str) -> None:
    old = action(hub.database, tenant, state, MONTHS - MOMENT, recipient="phone_a")
    young = action(hub.database, tenant, state, MONTHS, recipient="phone_a")
    assert run(hub, tenant) == {("hub.actions", "overwrite", 1)}
    assert sealed(hub, tenant) == {old: NONE, young: ALL}


def test_what_is_not_over_keeps_what_it_takes_to_find_out(hub: Hub, tenant: str) -> None:
    asked = action(hub.database, tenant, "accepted", YEARS - MOMENT, recipient="phone_a", next_look_at=NOW)
    unknown = action(hub.database, tenant, "unknown", YEARS - MOMENT, recipient="phone_a")
    waiting = action(hub.database, tenant, "pending", YEARS - MOMENT, recipient="phone_a")
    assert run(hub, tenant) == set()
    assert sealed(hub, tenant) == {asked: ALL, unknown: ALL, waiting: ALL}


def test_rows_and_their_attempts_go_after_three_years(hub: Hub, tenant: str) -> None:
    for state in ("delivered", "accepted"):
        action(hub.database, tenant, state, YEARS - MOMENT, payload_cipher=b"", private_cipher=None)
    young = action(hub.database, tenant, "delivered", YEARS, payload_cipher=b"", private_cipher=None)
    assert run(hub, tenant) == {("hub.actions", "delete", 2)}
    with hub.database.tenant(tenant, "app") as connection:
        left = connection.execute(
            "SELECT a.action_id, t.action_id FROM hub.actions a FULL JOIN hub.action_attempts t USING (action_id)"
            " WHERE coalesce(a.tenant_id, t.tenant_id) = %s",
            (tenant,),
        ).fetchall()
    assert left == [(young, young)]


def test_an_invoice_goes_on_the_day_from_which_no_statute_keeps_it(hub: Hub, tenant: str) -> None:
    today = date(2030, 6, 15)
    over = document(hub.database, tenant, kept_until=today)
    kept = document(hub.database, tenant, kept_until=today + timedelta(days=1))
    with hub.database.tenant(tenant, "app") as connection:
        connection.execute("UPDATE hub.documents SET state = 'void' WHERE tenant_id = %s", (tenant,))
    assert run(hub, tenant) == {("hub.documents", "delete", 1)}
    with hub.database.tenant(tenant, "app") as connection:
        left = connection.execute("SELECT document_id FROM hub.documents WHERE tenant_id = %s", (tenant,)).fetchall()
    assert (left, over == kept) == ([(kept,)], False)


@pytest.mark.parametrize(
    ("hold", "goes"),
    [
        (("subject", "a" * 32), set[str]()),
        (("dataset", "hub.actions"), {"hub.documents"}),
        (("category", "ILETISIM"), {"hub.documents"}),
        (("dataset", "hub.documents"), {"hub.actions"}),
        (("category", "MUSTERI_ISLEM"), {"hub.actions"}),
        (("dataset", "landing.iyzico_transactions"), {"hub.actions", "hub.documents"}),
    ],
)
def test_a_hold_keeps_what_it_is_about(hub: Hub, tenant: str, hold: tuple[str, str], goes: set[str]) -> None:
    action(hub.database, tenant, "delivered", YEARS - MOMENT)
    action(hub.database, tenant, "failed", MONTHS - MOMENT)
    document(hub.database, tenant, kept_until=date(2030, 1, 1))
    assert {dataset for dataset, _method, _count in run(hub, tenant, held(*hold))} == goes
