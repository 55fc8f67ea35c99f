"""Where a document stands: what is refused, void, cancelled, and what its series does at new year."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from threading import Barrier
from typing import Any

import httpx
import pytest

from connectors.action_registry import kinds
from connectors.einvoice.contract import Alias, Taxpayer
from hub.einvoice.issue import acts, issuing, series
from hub.einvoice.issue.following import Documents
from hub.einvoice.issue.issuing import Asked, Issued, Ready, finish, ready
from hub.einvoice.ubl.document import build
from hub.errors import HubError
from hub.kvkk.audit import SYSTEM
from hub.migrations.connections import outside_transaction
from hub.outbox import decide
from hub.outbox.gate import News
from tests.conftest import MakeTenant
from tests.hub.einvoice import samples
from tests.hub.einvoice.issue.conftest import Shop
from tests.proofs.numbering_child import Unasked

YEAR = samples.issue_day().year


@pytest.fixture
def desk(shop: Shop) -> Shop:
    """Without the tax office's rules, which have tests of their own."""
    shop.issuing = replace(shop.issuing, checker=Unasked())
    return shop


def news(shop: Shop, issued: Issued, state: Any, *, reason: str | None = None, what: str = "", **facts: int) -> None:
    """As the outbox tells it, with the action brought to stand there."""
    kind = kinds()[f"nilvera.{what or issued.document.kind}"]
    with shop.database.tenant(shop.tenant, "app") as connection:
        row = connection.execute(
            "UPDATE hub.actions SET state = %s, settled_at = CASE WHEN %s IN ('delivered', 'failed', 'dead')"
            " THEN now() END WHERE tenant_id = %s AND about = %s AND kind = %s RETURNING action_id",
            (state, state, shop.tenant, f"document:{issued.document.document_id}", kind.name),
        ).fetchone()
        assert row is not None
        Documents().follow(connection, shop.tenant, kind, [News(row[0], state, reason, facts)])


def void(shop: Shop, issued: Issued) -> str:
    return acts.void(shop.database, shop.tenant, issued.document.number, actor=SYSTEM).state


class TestVoid:
    def test_what_is_being_sent_again_is_not_void(self, desk: Shop) -> None:
        issued = desk.ask()
        news(desk, issued, "failed", reason="request_refused")
        assert (desk.find(issued).state, desk.find(issued).reason) == ("refused", "request_refused")
        with desk.database.tenant(desk.tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.actions SET state = 'pending', settled_at = NULL WHERE tenant_id = %s", (desk.tenant,)
            )
        with pytest.raises(HubError, match="einvoice_document_tried"):
            void(desk, issued)

    def test_a_void_document_is_never_sent_again(self, desk: Shop) -> None:
        issued = desk.ask()
        news(desk, issued, "dead")
        assert void(desk, issued) == "void"
        assert issued.document.action_id is not None
        with pytest.raises(HubError, match="action_payload_gone"):
            decide.retry(desk.database, desk.tenant, issued.document.action_id, SYSTEM)
        with pytest.raises(HubError, match="einvoice_document_cannot"):
            void(desk, issued)

    def test_a_void_document_that_has_arrived_after_all_is_there(self, desk: Shop) -> None:
        issued = desk.ask()
        news(desk, issued, "failed")
        void(desk, issued)
        news(desk, issued, "failed", reason="request_refused", gib_code=1150)
        assert (desk.find(issued).state, desk.find(issued).facts["gib_code"]) == ("void", 1150)
        news(desk, issued, "delivered", gib_code=1300)
        assert desk.find(issued).state == "delivered"


class TestStates:
    def test_what_is_tried_again_is_no_longer_refused(self, desk: Shop) -> None:
        issued = desk.ask()
        for state, stands in (("failed", "refused"), ("pending", "issued"), ("accepted", "sent"), ("dead", "refused")):
            news(desk, issued, state)
            assert desk.find(issued).state == stands
        news(desk, issued, "unknown", reason="connection_lost")
        assert desk.find(issued).state == "refused"

    def test_a_cancelled_document_learns_of_its_report_and_stays_cancelled(self, desk: Shop) -> None:
        issued = desk.ask()
        news(desk, issued, "accepted", reported=0)
        acts.cancel(desk.database, desk.keyring, desk.tenant, issued.document.number, "Mükerrer", actor=SYSTEM)
        news(desk, issued, "delivered", what="cancel")
        news(desk, issued, "delivered", reported=1)
        found = desk.find(issued)
        assert (found.state, found.reason, found.facts["reported"]) == ("cancelled", None, 1)

    def test_a_cancellation_taken_back_leaves_the_document_where_its_delivery_stands(self, desk: Shop) -> None:
        issued = desk.ask()
        news(desk, issued, "delivered")
        acts.cancel(desk.database, desk.keyring, desk.tenant, issued.document.number, "Mükerrer", actor=SYSTEM)
        news(desk, issued, "delivered", what="cancel")
        with desk.database.tenant(desk.tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.actions SET kind = 'nilvera.revert_cancel' WHERE tenant_id = %s AND kind = %s",
                (desk.tenant, "nilvera.cancel"),
            )
        news(desk, issued, "delivered", what="revert_cancel")
        assert desk.find(issued).state == "delivered"

    def test_bytes_that_are_not_those_that_were_signed_are_not_given_out(self, desk: Shop) -> None:
        issued = desk.ask()
        news(desk, issued, "accepted")
        with outside_transaction(desk.database.settings, "data") as admin, admin.transaction():
            admin.execute("SET LOCAL session_replication_role = replica")  # past the trigger, as an intruder would
            admin.execute(
                "UPDATE hub.documents SET sha256 = sha256(sha256) WHERE document_id = %s",
                (issued.document.document_id,),
            )
        with pytest.raises(HubError, match="einvoice_document_altered"):
            acts.content(desk.database, desk.keyring, desk.tenant, issued.document.number, actor=SYSTEM)


class TestNewYear:
    def test_every_year_has_its_own_numbers(self, desk: Shop) -> None:
        days = [date(YEAR - 1, 12, 30), date(YEAR - 1, 12, 31), date(YEAR, 1, 1)]
        found = [desk.ask(values=desk.values(issue_date=day.isoformat())).document.number for day in days]
        assert found == [f"ARS{YEAR - 1}000000001", f"ARS{YEAR - 1}000000002", f"ARS{YEAR}000000001"]
        late = desk.values(issue_date=days[1].isoformat())
        assert desk.ask(values=late).document.number == f"ARS{YEAR - 1}000000003"

    def test_a_series_of_the_integrators_does_not_become_ours_at_new_year(self, desk: Shop) -> None:
        series.add(desk.database, desk.tenant, "ARS", YEAR - 1, "earchive", owner="integrator")
        with pytest.raises(HubError, match="einvoice_series_of_integrator"):
            desk.ask()
        assert [each.year for each in series.listed(desk.database, desk.tenant)] == [YEAR - 1]


class TestAfterARestore:
    def test_nothing_is_issued_until_somebody_says_where_a_series_goes_on(self, desk: Shop) -> None:
        desk.ask()
        assert series.doubt(desk.database, desk.tenant, year=YEAR) == 1
        for buyer in ("none", "one"):  # a series that the backup does not know may have begun since, too
            with pytest.raises(HubError, match="einvoice_series_doubted"):
                desk.ask(values=desk.values(desk.buyer(buyer)))
        with pytest.raises(HubError, match="least=2"):
            series.confirm(desk.database, desk.tenant, "ARS", YEAR, 1, actor=SYSTEM)
        with pytest.raises(HubError, match="einvoice_series_unknown"):
            series.confirm(desk.database, desk.tenant, "FTR", YEAR, 1, actor=SYSTEM)
        series.confirm(desk.database, desk.tenant, "ARS", YEAR, 8, actor=SYSTEM)
        series.add(desk.database, desk.tenant, "FTR", YEAR, "einvoice", first=3)
        assert desk.ask().document.number == f"ARS{YEAR}000000008"
        assert desk.ask(values=desk.values(desk.buyer("one"))).document.number == f"FTR{YEAR}000000003"

    def test_series_of_later_years_are_not_in_doubt(self, desk: Shop) -> None:
        series.doubt(desk.database, desk.tenant, year=YEAR - 1)
        assert desk.ask().document.number == f"ARS{YEAR}000000001"

    def test_a_tenant_that_issues_nothing_has_nothing_to_confirm(self, desk: Shop, make_tenant: MakeTenant) -> None:
        assert series.doubt(desk.database, make_tenant(), year=YEAR) == 0


class _Changing:
    """A buyer who is registered from the second question on."""

    def __init__(self) -> None:
        self._asked = 0

    async def lookup(self, number: str) -> Taxpayer | None:
        self._asked += 1
        return Taxpayer(number, "Alıcı", (Alias("urn:mail:defaultpk@ornek.com.tr"),)) if self._asked > 1 else None


def test_a_key_asked_for_at_once_is_issued_once_though_the_buyer_registered_meanwhile(
    desk: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, asked = _Changing(), Asked("siparis-77", desk.values())

    @asynccontextmanager
    async def opened(_spec: Any, _client: Any) -> AsyncGenerator[Any]:
        yield listed

    def named(_name: str) -> Any:
        return opened

    desk.issuing = replace(desk.issuing, integrators=named)

    async def both() -> list[Issued]:
        async with httpx.AsyncClient(trust_env=False) as client:
            found = [await ready(desk.issuing, desk.tenant, asked, client) for _ in range(2)]
            together = Barrier(2)

            def built(*arguments: Any, **options: Any) -> bytes:
                together.wait(20)  # both hold a series by now, and neither saw the other's document
                return build(*arguments, **options)

            monkeypatch.setattr(issuing, "build", built)
            return await asyncio.gather(
                *(finish(desk.issuing, each, issued_by="test") for each in found if isinstance(each, Ready))
            )

    first, second = asyncio.run(both())
    assert {first.repeated, second.repeated} == {False, True}
    assert first.document == second.document
    assert [each.next_number for each in series.listed(desk.database, desk.tenant)] == [2]
