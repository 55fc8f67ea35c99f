from __future__ import annotations

from datetime import timedelta

from connectors.actions import Refused, Taken
from connectors.nilvera.session import NilveraSession
from connectors.sandbox.server import Sandbox
from tests.connectors.invoicing import act, buyer, invoice, perform
from tests.connectors.nilvera.calls import work
from tests.connectors.stand_still import START


def test_a_series_is_opened_once_and_switched_off(sandbox: Sandbox) -> None:
    async def run(session: NilveraSession) -> None:
        books = session.books
        assert [each.name for each in await books.series("einvoice")] == ["NLV"]
        assert isinstance(await books.create_series("einvoice", "KPR"), Taken)
        assert isinstance(await books.create_series("einvoice", "KPR"), Refused)
        added = (await books.series("einvoice"))[1]
        assert (added.name, added.active, added.default, added.last) == ("KPR", True, False, {})
        assert isinstance(await books.set_series("einvoice", added.id, active=False, default=False), Taken)
        assert not (await books.series("einvoice"))[1].active
        assert (await books.series("earchive"))[0].last == {START.year: 0}

    work(sandbox, run, company="shop-series")


def test_an_unreported_invoice_is_listed_until_its_report_is_sent(moving_sandbox: Sandbox) -> None:
    document = invoice(moving_sandbox, buyer(moving_sandbox, "none"), profile="EARSIVFATURA")
    perform(moving_sandbox, "nilvera.earchive", act("earchive", document))
    month = START.date()

    async def run(session: NilveraSession) -> None:
        assert await session.books.unreported(month) == [document[0]]
        assert await session.books.reports(month) == []
        assert isinstance(await session.books.send_report(month), Taken)
        moving_sandbox.advance(days=1)
        assert await session.books.unreported(month) == []
        (report,) = await session.books.reports(month)
        assert (report.year, report.month, report.invoices, report.cancelled) == (month.year, month.month, 1, 0)
        assert await session.books.reports(month - timedelta(days=40)) == []

    work(moving_sandbox, run)
