"""`hub einvoice` as a person types it, for what is issued and what came in."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from connectors.sandbox.gib import taxpayers
from hub.einvoice.issue import series
from tests.hub.cli.conftest import Run, hub
from tests.hub.einvoice import samples
from tests.hub.einvoice.issue.conftest import Shop
from tests.hub.einvoice.issue.test_payment import land
from tests.hub.einvoice.issue.test_sheet import row, sheet

__all__ = ("hub",)


def test_a_file_with_a_wrong_row_issues_nothing_and_its_right_ones_when_asked(
    shop: Shop, hub: Run, tmp_path: Path
) -> None:
    path = tmp_path / "faturalar.csv"
    path.write_bytes(sheet(row(shop, "A-1", vat="11"), row(shop, "A-2", quantity="çok")))
    command = ("einvoice", "send", str(path), "--tenant", shop.tenant, "--once", "ekim-", "--json")
    refused = hub(*command)
    assert (refused.status, refused.out) == (1, "")
    assert "3:line.quantity" in refused.err
    found = hub(*command, "--skip-wrong")
    assert found.status == 1
    assert [(each["invoice"], each["repeated"]) for each in found.json()] == [("A-1", False)]
    assert "3:line.quantity" in found.err
    assert "11 % is no rate of VAT that is in force" in found.err
    assert hub(*command, "--alias", "urn:mail:x").err.count("--alias") == 1


def test_a_payment_is_invoiced_once_from_the_command_line_and_shown_with_its_report(shop: Shop, hub: Run) -> None:
    land(shop, "27001")
    command = ("einvoice", "from-payment", "27001", "--tenant", shop.tenant, "--customer", "-", "--vat", "20")
    first = hub(*command, "--json", stdin=json.dumps(samples.person()))
    assert hub(*command, "--json", stdin=json.dumps(samples.person())).json() == first.json()
    shown = hub("einvoice", "show", first.json()["number"], "--tenant", shop.tenant)
    assert "Reported to the tax office: the integrator does not say" in shown.out
    assert "nilvera.earchive: pending" in shown.out
    shop.drain()
    hub("einvoice", "cancel", first.json()["number"], "--tenant", shop.tenant, "--reason", "Mükerrer")
    shop.drain()
    as_json = hub("einvoice", "show", first.json()["number"], "--tenant", shop.tenant, "--json").json()
    assert [(each["kind"], each["state"]) for each in as_json["actions"]][1:] == [("nilvera.cancel", "delivered")]
    assert as_json["state"] == "cancelled"
    assert hub(*command[:-1], "%20", stdin="{}").status == 1


def test_a_refused_invoice_is_shown_with_the_integrators_code_and_an_unknown_state_is_refused(
    shop: Shop, hub: Run
) -> None:
    shop.sandbox.world.faults.clear()
    number = shop.ask().document.number
    with shop.database.tenant(shop.tenant, "app") as connection:
        connection.execute(
            "UPDATE hub.actions SET state = 'failed', reason = 'request_refused', failure_provider_code = '3009',"
            " settled_at = now() WHERE tenant_id = %s",
            (shop.tenant,),
        )
        connection.execute(
            "UPDATE hub.documents SET state = 'refused', reason = 'request_refused' WHERE tenant_id = %s",
            (shop.tenant,),
        )
    where = ("--tenant", shop.tenant)
    assert "[3009]" in hub("einvoice", "list", "--state", "refused", *where).out
    assert hub("einvoice", "show", number, *where).out.count("[3009]") == 2
    assert hub("einvoice", "list", "--json", *where).json()[0]["provider_code"] == "3009"
    unknown = hub("einvoice", "list", "--state", "foo", *where)
    assert (unknown.status, "issued, sent, delivered, refused" in unknown.err) == (1, True)


def test_what_came_in_is_listed_and_an_unknown_one_not_answered(shop: Shop, hub: Run) -> None:
    assert hub("einvoice", "incoming", "list", "--tenant", shop.tenant, "--json").status == 0
    refused = hub("einvoice", "incoming", "answer", str(uuid4()), "accepted", "--tenant", shop.tenant)
    assert (refused.status, "came in" in refused.err) == (1, True)


@pytest.mark.parametrize(("standing", "registered"), [("one", True), ("none", False)])
def test_the_number_of_a_taxpayer_is_read_and_never_shown(
    shop: Shop, hub: Run, standing: taxpayers.Standing, registered: bool
) -> None:
    number = shop.buyer(standing)
    found = hub("einvoice", "taxpayer", "--tenant", shop.tenant, "--json", stdin=f"{number}\n")
    assert found.json()["registered"] is registered
    assert number not in found.err
    assert hub("einvoice", "taxpayer", "--tenant", shop.tenant, stdin="1234567891\n").status == 1


def test_a_series_goes_on_after_a_restore_where_somebody_says(shop: Shop, hub: Run) -> None:
    series.add(shop.database, shop.tenant, "ARS", 2026, "earchive", first=5)
    series.doubt(shop.database, shop.tenant, year=2026)
    command = ("einvoice", "series", "confirm", "ARS", "2026", "--tenant", shop.tenant, "--json", "--next")
    assert hub(*command, "4").status == 1
    assert [each["next_number"] for each in hub(*command, "9").json()] == [9]
