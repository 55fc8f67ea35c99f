from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.actions import Absent, Found, Refused, Taken
from connectors.einvoice.contract import Incoming
from connectors.failure import ProviderFailure
from connectors.nilvera.session import NilveraSession
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from tests.connectors.invoicing import COMPANY, about, look_up, perform
from tests.connectors.nilvera.calls import work
from tests.connectors.stand_still import START


async def received(session: NilveraSession) -> list[Incoming]:
    invoices: list[Incoming] = []
    page: int | None = 1
    while page is not None:
        found = await session.integrator.incoming(START - timedelta(days=90), START, page=page)
        invoices += found.invoices
        page = found.next_page
    return invoices


def some(sandbox: Sandbox, answer: str, company: str = COMPANY) -> Incoming:
    return next(each for each in work(sandbox, received, company=company) if each.answer == answer)


def test_every_invoice_received_is_listed_page_by_page(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.nilvera import integrator
    from connectors.sandbox.gib.office import office_of

    monkeypatch.setattr(integrator, "PAGE_SIZE", 4)
    listed = work(sandbox, received)
    assert [each.ettn for each in listed] == [each.ettn for each in office_of(sandbox.world).incoming(COMPANY)]
    assert len(listed) > 8
    assert {each.answer for each in listed} >= {"none", "waiting", "implied"}
    assert all(each.received is not None and each.received <= START for each in listed)
    assert listed[0].sender not in repr(listed[0])


def test_an_answer_is_given_once_and_the_first_one_counts(sandbox: Sandbox) -> None:
    company = "shop-answering"
    ettn = some(sandbox, "waiting", company).ettn
    rejection = about(ettn, answer="rejected", note="Mal gelmedi")
    assert look_up(sandbox, "nilvera.answer", rejection, company=company) == [Absent()]
    assert perform(sandbox, "nilvera.answer", rejection, company=company) == [Taken(ettn, delivered=True)]
    assert perform(sandbox, "nilvera.answer", rejection, company=company) == [
        Taken(ettn, delivered=True, facts={"already_there": 1})
    ]
    (other,) = perform(sandbox, "nilvera.answer", about(ettn, answer="accepted"), company=company)
    assert isinstance(other, Refused)
    (finding,) = look_up(sandbox, "nilvera.answer", rejection, company=company)
    assert finding == Found("delivered", ettn, code="REJECTED", facts={"answer": "rejected"})
    (finding,) = look_up(sandbox, "nilvera.answer", about(ettn, answer="accepted"), company=company)
    assert isinstance(finding, Found)
    assert finding.state == "failed"


def test_an_answer_is_as_the_api_describes_it(sandbox: Sandbox) -> None:
    company = "shop-answering-too"
    ettn = some(sandbox, "waiting", company).ettn

    async def answer(session: NilveraSession) -> object:
        await session.integrator.answer(ettn, "accepted", note="")
        return await session.integrator.answered(ettn)

    assert work(sandbox, answer, company=company) == "accepted"


@pytest.mark.parametrize("state", ["none", "implied"])
def test_what_cannot_be_answered_any_more_is_refused(sandbox: Sandbox, state: str) -> None:
    ettn = some(sandbox, state).ettn
    (outcome,) = perform(sandbox, "nilvera.answer", about(ettn, answer="rejected", note="geç"))
    assert isinstance(outcome, Refused)
    assert outcome.failure.kind == "permanent"


def test_an_incoming_document_is_fetched(sandbox: Sandbox) -> None:
    ettn = some(sandbox, "none").ettn
    content = work(sandbox, lambda session: session.integrator.fetch(ettn, "xml", box="incoming"))
    assert f"<cbc:UUID>{ettn}</cbc:UUID>".encode() in content


def test_a_date_that_is_none_names_its_field(sandbox: Sandbox) -> None:
    sandbox.world.faults.add(Fault("wrong_type", provider="nilvera"))
    with pytest.raises(ProviderFailure) as caught:
        work(sandbox, received, judged=False)
    assert (caught.value.code, caught.value.field) == ("wrong_type", "IssueDate")
