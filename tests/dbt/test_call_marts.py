"""What the call marts say of every kind of call. All of it is one dbt run over two tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from hub.models.dbt import build_models
from tests.dbt.call_rows import CALLS, EXTENSIONS, RECORDINGS, RINGS, call, ring
from tests.dbt.warehouse import land, mart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hub.db.database import Database
    from hub.models.dbt_results import ModelRun
    from hub.settings import Settings

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


@dataclass(frozen=True)
class Office:
    database: Database
    tenant_id: str
    neighbour: str
    run: ModelRun

    def day(self, direction: str, day: date = FRIDAY, tenant_id: str | None = None) -> dict[str, Any]:
        rows = mart(self.database, "calls_by_day", tenant_id or self.tenant_id)
        (row,) = [row for row in rows if (row["day"], row["direction"]) == (day, direction)]
        return row

    def agents(self, tenant_id: str | None = None) -> dict[str, dict[str, Any]]:
        return {row["extension"]: row for row in mart(self.database, "agent_days", tenant_id or self.tenant_id)}


@pytest.fixture(scope="module")
def office(installation: Settings, database: Database, make_tenant: Callable[..., str]) -> Office:
    tenant_id, neighbour = make_tenant(), make_tenant()

    def landed(tenant: str, stream: str, rows: Sequence[dict[str, Any]]) -> None:
        land(database, tenant, stream, rows, provider="bulutfon")

    landed(tenant_id, "calls", CALLS)
    landed(tenant_id, "call_step_targets", RINGS)
    landed(tenant_id, "recordings", RECORDINGS)
    landed(tenant_id, "extensions", EXTENSIONS)
    landed(neighbour, "calls", [call("plain", wait_seconds=99), call("odd", direction=None)])
    landed(neighbour, "call_step_targets", [ring("plain", "1002", taken=7)])
    return Office(database, tenant_id, neighbour, build_models(database, installation))


def test_a_call_is_answered_unanswered_or_not_over(office: Office) -> None:
    row = office.day("IN")
    assert (row["calls"], row["answered"], row["unanswered"], row["in_progress"]) == (7, 3, 3, 1)


def test_calls_that_nobody_answered_are_missed_also_where_the_provider_does_not_say_so(office: Office) -> None:
    assert office.day("IN")["missed"] == 3
    assert office.day("OUT")["missed"] == 0


def test_a_withheld_number_is_counted_and_is_no_customer(office: Office) -> None:
    row = office.day("IN")
    assert (row["withheld"], row["customers"]) == (1, 1)


def test_waits_and_talks_of_answered_calls_are_summed_up(office: Office) -> None:
    row = office.day("IN")
    assert (row["talk_seconds"], row["median_talk_seconds"]) == (210, 60)
    assert (row["median_wait_seconds"], row["longest_wait_seconds"]) == (10, 30)


def test_only_recordings_that_can_be_heard_are_counted(office: Office) -> None:
    assert office.day("IN")["recorded"] == 1


def test_an_answered_call_without_a_known_agent_shows(office: Office) -> None:
    # The one to a mobile telephone; the one from a line whose extension is not told.
    assert (office.day("IN")["answered"], office.day("IN")["answered_by_known_agent"]) == (3, 2)
    assert (office.day("OUT")["answered"], office.day("OUT")["answered_by_known_agent"]) == (2, 1)


def test_a_call_late_at_night_counts_on_the_istanbul_day(office: Office) -> None:
    assert office.day("IN", SATURDAY)["calls"] == 1


def test_prices_are_summed(office: Office) -> None:
    assert office.day("OUT")["price"] == Decimal("0.70")
    assert office.day("LOCAL")["calls"] == 1


def test_a_call_that_was_handed_over_counts_for_both_who_took_it(office: Office) -> None:
    agents = office.agents()
    assert (agents["1001"]["rang"], agents["1001"]["taken"], agents["1001"]["taken_talk_seconds"]) == (3, 2, 100)
    assert (agents["1003"]["rang"], agents["1003"]["taken"], agents["1003"]["taken_talk_seconds"]) == (1, 1, 80)


def test_an_agent_who_lost_the_race_was_rung_and_took_nothing(office: Office) -> None:
    agent = office.agents()["1002"]
    assert (agent["rang"], agent["taken"], agent["median_wait_seconds"]) == (1, 0, None)


def test_calls_that_went_out_are_their_extensions(office: Office) -> None:
    agent = office.agents()["1002"]
    assert (agent["outgoing"], agent["outgoing_answered"], agent["outgoing_talk_seconds"]) == (2, 1, 60)
    assert office.agents()["1001"]["internal"] == 1


def test_an_agent_is_an_extension_and_never_a_telephone_outside(office: Office) -> None:
    assert set(office.agents()) == {"1001", "1002", "1003"}


def test_the_name_is_that_of_whoever_has_the_extension_now(office: Office) -> None:
    assert office.agents()["1001"]["agent_name"] == "name_" + "n" * 26


def test_two_tenants_with_the_same_call_and_extension_keep_their_own(office: Office) -> None:
    assert office.day("IN", tenant_id=office.neighbour)["median_wait_seconds"] == 99
    agent = office.agents(office.neighbour)["1002"]
    assert (agent["taken"], agent["taken_talk_seconds"], agent["agent_name"]) == (1, 7, None)


def test_a_call_whose_direction_nobody_told_is_a_finding_about_its_tenant_alone(office: Office) -> None:
    assert office.run.ok
    found = {test.name: dict(test.failing) for test in office.run.tests if test.state != "passed"}
    assert found == {"calls_by_day_direction_known": {office.neighbour: 1}}
