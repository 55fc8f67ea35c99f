from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from dagster import build_sensor_context
from hypothesis import given
from hypothesis import strategies as st

from resources.engine import HubResource
from sensors import failures
from sensors.failures import TOLD_AT_ONCE, Trouble, failures_sensor, news, read_troubles

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings


def trouble(number: int, *, state: str = "failed", kinds: str = "transient", codes: str = "http_status") -> Trouble:
    return Trouble(f"t{number:011d}", "iyzico", state, codes, kinds, 2)


def connect(
    database: Database, tenant_id: str, *, state: str = "active", reason: str | None = None, failed: str | None = None
) -> None:
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state, paused_reason)"
            " VALUES (%s, 'iyzico', 'sandbox', '', %s, %s)",
            (tenant_id, state, reason),
        )
        for stream in ("transactions", "payouts") if failed else ():
            connection.execute(
                "INSERT INTO hub.sync_state (tenant_id, provider, stream, state, failure_kind, failure_code)"
                " VALUES (%s, 'iyzico', %s, 'failed', 'permanent', %s)",
                (tenant_id, stream, failed),
            )


def test_an_integration_that_fails_is_told_once() -> None:
    first = news([trouble(1)], None)
    assert first.told == (trouble(1),)
    assert news([trouble(1)], first.cursor).told == ()


def test_another_kind_of_failure_or_a_pause_is_news_and_another_code_is_none() -> None:
    cursor = news([trouble(1)], None).cursor
    assert news([trouble(1, codes="timeout")], cursor).told == ()
    assert news([trouble(1, kinds="permanent")], cursor).told
    assert news([trouble(1, state="paused")], cursor).told


def test_one_that_healed_and_fails_again_is_news() -> None:
    cursor = news([trouble(1)], None).cursor
    assert news([trouble(1)], news([], cursor).cursor).told


def test_many_at_once_are_told_batch_by_batch_each_once() -> None:
    present = [trouble(number) for number in range(2 * TOLD_AT_ONCE + 5)]
    told: list[Trouble] = []
    cursor: str | None = None
    left: list[int] = []
    while not left or left[-1]:
        found = news(present, cursor)
        assert len(found.told) <= TOLD_AT_ONCE
        told += found.told
        cursor = found.cursor
        left.append(found.untold)
    assert told == present
    assert left == [TOLD_AT_ONCE + 5, 5, 0]


@given(garbage=st.text())
def test_a_cursor_of_garbage_costs_at_most_telling_again(garbage: str) -> None:
    found = news([trouble(1)], garbage)
    assert found.told == (trouble(1),)
    assert news([trouble(1)], found.cursor).told == ()
    assert found.cursor == news([trouble(1)], None).cursor


def test_a_trouble_speaks_of_ids_codes_and_counts() -> None:
    assert str(trouble(1)) == "t00000000001 iyzico failed: http_status (2 streams)"


def test_the_table_tells_who_fails_and_who_is_paused_and_leaves_the_others_out(
    database: Database, make_tenant: Callable[..., str]
) -> None:
    failed, paused, well, suspended = make_tenant(), make_tenant(), make_tenant(), make_tenant(active=False)
    connect(database, failed, failed="http_status")
    connect(database, paused, state="paused", reason="credentials_expired", failed="credentials_expired")
    connect(database, well)
    connect(database, suspended, failed="http_status")

    troubles, in_all = read_troubles(database)
    found = {each.tenant_id: each for each in troubles}

    assert found[failed] == Trouble(failed, "iyzico", "failed", "http_status", "permanent", 2)
    assert found[paused] == Trouble(paused, "iyzico", "paused", "credentials_expired", "permanent", 2)
    assert not {well, suspended} & set(found)
    assert in_all == len(troubles)


def test_no_more_are_read_than_the_cursor_can_remember(
    database: Database, make_tenant: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        connect(database, make_tenant(), failed="http_status")
    monkeypatch.setattr(failures, "MOST_KNOWN", 2)
    troubles, in_all = read_troubles(database)
    assert len(troubles) == 2
    assert in_all >= 3


def test_the_sensor_tells_in_its_tick_and_starts_no_run(
    settings: Settings, database: Database, make_tenant: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    tenant_id = make_tenant()
    connect(database, tenant_id, failed="wrong_type")

    with build_sensor_context(resources={"hub": HubResource()}) as context:
        ticked = failures_sensor().evaluate_tick(context)
    assert not ticked.run_requests
    assert f"{tenant_id} iyzico failed: wrong_type (2 streams)" in (ticked.skip_message or "")

    with build_sensor_context(resources={"hub": HubResource()}, cursor=ticked.cursor) as context:
        again = failures_sensor().evaluate_tick(context)
    assert tenant_id not in (again.skip_message or "")
    assert "0 of them are news" in (again.skip_message or "")
