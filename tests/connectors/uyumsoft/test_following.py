from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.actions import Absent, Act, Found, Refused, Taken
from connectors.einvoice.contract import Incoming
from connectors.failure import ProviderFailure
from connectors.sandbox.faults import Fault
from connectors.sandbox.gib import taxpayers
from connectors.sandbox.gib.office import office_of
from connectors.sandbox.server import Sandbox
from connectors.uyumsoft import taxpayers as uyumsoft_taxpayers
from connectors.uyumsoft.session import UyumsoftSession
from tests.connectors.invoicing import COMPANY, about, act, buyer, invoice, look_up, mailbox, perform
from tests.connectors.stand_still import START
from tests.connectors.uyumsoft.calls import work


def einvoice(sandbox: Sandbox, **more: str) -> Act:
    customer = buyer(sandbox)
    request = act("einvoice", invoice(sandbox, customer, **more), alias=mailbox(sandbox, customer))
    assert isinstance(perform(sandbox, "uyumsoft.einvoice", request)[0], Taken)
    return request


def earchive(sandbox: Sandbox) -> Act:
    request = act("earchive", invoice(sandbox, buyer(sandbox, "none"), profile="EARSIVFATURA"))
    assert isinstance(perform(sandbox, "uyumsoft.earchive", request)[0], Taken)
    return request


def found(sandbox: Sandbox, request: Act, kind: str = "einvoice") -> tuple[str, str | None, dict[str, str | int]]:
    (finding,) = look_up(sandbox, f"uyumsoft.{kind}", request)
    assert isinstance(finding, Found)
    return finding.state, finding.code, dict(finding.facts)


async def received(session: UyumsoftSession) -> list[Incoming]:
    invoices: list[Incoming] = []
    page: int | None = 1
    while page is not None:
        listed = await session.integrator.incoming(START - timedelta(days=90), START, page=page)
        invoices += listed.invoices
        page = listed.next_page
    return invoices


def some(sandbox: Sandbox, answer: str, company: str) -> Incoming:
    return next(each for each in work(sandbox, received, company=company) if each.answer == answer)


class TestLookup:
    @pytest.mark.parametrize(("standing", "boxes"), [("one", 1), ("several", 3)])
    def test_only_living_mailboxes_can_be_sent_to(
        self, sandbox: Sandbox, standing: taxpayers.Standing, boxes: int
    ) -> None:
        number = buyer(sandbox, standing)
        found = work(sandbox, lambda session: session.integrator.lookup(number))
        assert found is not None
        assert len(found.mailboxes(START)) == boxes
        assert number not in repr(found)

    @pytest.mark.parametrize("standing", ["none", "dead"])
    def test_somebody_without_a_living_mailbox_is_nobody(self, sandbox: Sandbox, standing: taxpayers.Standing) -> None:
        number = buyer(sandbox, standing)
        assert work(sandbox, lambda session: session.integrator.lookup(number)) is None

    def test_the_whole_list_is_read_user_by_user(self, sandbox: Sandbox) -> None:
        async def numbers(session: UyumsoftSession) -> set[str]:
            return {user.number for user in await uyumsoft_taxpayers.user_list(session._client)}

        assert work(sandbox, numbers) == {user.number for user in taxpayers.sample(sandbox.world.seed, 40)}


class TestTheTest:
    def test_the_right_user_passes_with_one_request(self, sandbox: Sandbox) -> None:
        work(sandbox, lambda session: session.test())
        assert sum(sandbox.world.requests.values()) == 1

    def test_a_wrong_password_is_rejected_for_good(self, sandbox: Sandbox) -> None:
        wrong = sandbox.credentials(COMPANY, "uyumsoft") | {"password": "wrong"}
        with pytest.raises(ProviderFailure) as caught:
            work(sandbox, lambda session: session.test(), credentials=wrong)
        assert (caught.value.kind, caught.value.code) == ("permanent", "credentials_rejected")

    def test_a_user_without_the_right_is_rejected_for_good(self, sandbox: Sandbox) -> None:
        sandbox.world.withheld.add(("uyumsoft", COMPANY, "TestConnection"))
        try:
            with pytest.raises(ProviderFailure) as caught:
                work(sandbox, lambda session: session.test())
        finally:
            sandbox.world.withheld.clear()
        assert (caught.value.kind, caught.value.code) == ("permanent", "credentials_rejected")


class TestStatus:
    def test_a_basic_invoice_is_followed_to_gibs_last_word(self, moving_sandbox: Sandbox) -> None:
        request = einvoice(moving_sandbox)
        assert found(moving_sandbox, request) == ("accepted", None, {"answer": "none"})
        moving_sandbox.advance(minutes=5)
        assert found(moving_sandbox, request)[2]["gib_code"] == 1200
        moving_sandbox.advance(minutes=10)
        assert found(moving_sandbox, request) == (
            "delivered",
            None,
            {"answer": "none", "gib_code": 1300, "resend": "no"},
        )

    @pytest.mark.parametrize(
        ("code", "state", "resend"),
        [(1150, "failed", "after_repair"), (1215, "failed", "same_number"), (1163, "accepted", "no")],
    )
    def test_gibs_code_decides_what_may_be_done_next(
        self, moving_sandbox: Sandbox, code: int, state: str, resend: str
    ) -> None:
        request = einvoice(moving_sandbox, note=f"SANDBOX GIB={code}")
        moving_sandbox.advance(minutes=30)
        facts = {"answer": "none", "gib_code": code, "resend": resend}
        assert found(moving_sandbox, request) == (state, str(code) if state == "failed" else None, facts)

    def test_a_number_that_gib_knows_through_another_integrator_is_told_and_never_taken_for_failed(
        self, moving_sandbox: Sandbox
    ) -> None:
        customer = buyer(moving_sandbox)
        alias = mailbox(moving_sandbox, customer)
        first = invoice(moving_sandbox, customer)
        perform(moving_sandbox, "nilvera.einvoice", act("einvoice", first, alias=alias))
        request = einvoice(moving_sandbox, number=first[1])
        moving_sandbox.advance(minutes=30)
        state, _code, facts = found(moving_sandbox, request)
        assert (state, facts["gib_code"], facts["resend"]) == ("accepted", 1163, "no")

    @pytest.mark.parametrize(("answer", "word"), [("KABUL", "accepted"), ("RED", "rejected"), ("IADE", "returned")])
    def test_a_commercial_invoice_is_asked_after_until_it_is_answered(
        self, moving_sandbox: Sandbox, answer: str, word: str
    ) -> None:
        request = einvoice(moving_sandbox, profile="TICARIFATURA", note=f"SANDBOX ANSWER={answer}")
        moving_sandbox.advance(minutes=30)
        assert (found(moving_sandbox, request)[0], found(moving_sandbox, request)[2]["answer"]) == (
            "accepted",
            "waiting",
        )
        moving_sandbox.advance(days=2)
        state, _code, facts = found(moving_sandbox, request)
        assert (state, facts["answer"]) == ("delivered", word)

    def test_an_earchive_invoice_is_done_when_it_is_stored_for_nothing_is_said_of_reports(
        self, moving_sandbox: Sandbox
    ) -> None:
        request = earchive(moving_sandbox)
        assert found(moving_sandbox, request, "earchive") == ("accepted", None, {})
        moving_sandbox.advance(minutes=5)
        assert found(moving_sandbox, request, "earchive") == ("delivered", None, {})

    def test_a_document_that_uyumsoft_does_not_know_is_absent(self, sandbox: Sandbox) -> None:
        ettn, _number, _ubl = invoice(sandbox, buyer(sandbox))
        for kind in ("einvoice", "earchive", "cancel", "answer"):
            assert look_up(sandbox, f"uyumsoft.{kind}", about(ettn)) == [Absent()]

    def test_documents_come_in_every_format(self, sandbox: Sandbox) -> None:
        ettn = einvoice(sandbox).payload["ettn"]

        async def read(session: UyumsoftSession) -> list[bytes]:
            return [await session.integrator.fetch(ettn, form, box="einvoice") for form in ("xml", "pdf", "html")]

        assert [content[:5] for content in work(sandbox, read)] == [b"<?xml", b"%PDF-", b"<!doc"]


def test_an_earchive_invoice_is_cancelled_once_and_taken_back_once(sandbox: Sandbox) -> None:
    ettn = earchive(sandbox).payload["ettn"]
    assert look_up(sandbox, "uyumsoft.cancel", about(ettn)) == [Absent()]
    assert perform(sandbox, "uyumsoft.cancel", about(ettn)) == [Taken(ettn, delivered=True)]
    assert perform(sandbox, "uyumsoft.cancel", about(ettn)) == [Taken(ettn, delivered=True, facts={"already_there": 1})]
    assert look_up(sandbox, "uyumsoft.cancel", about(ettn)) == [Found("delivered", ettn)]
    assert perform(sandbox, "uyumsoft.revert_cancel", about(ettn)) == [Taken(ettn, delivered=True)]
    assert look_up(sandbox, "uyumsoft.cancel", about(ettn)) == [Absent()]
    unknown = invoice(sandbox, buyer(sandbox))[0]
    assert isinstance(perform(sandbox, "uyumsoft.cancel", about(unknown))[0], Refused)
    deeds = [deed.what for deed in sandbox.world.ledger.deeds(provider="uyumsoft") if deed.reference == ettn]
    assert deeds == ["earchive", "cancel", "revert_cancel"]


class TestReceiving:
    def test_every_invoice_received_is_listed_page_by_page(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from connectors.uyumsoft import inbox

        monkeypatch.setattr(inbox, "PAGE_SIZE", 4)
        listed = work(sandbox, received)
        expected = office_of(sandbox.world).incoming(COMPANY)
        assert [(each.ettn, each.number, each.profile) for each in listed] == [
            (each.ettn, each.number, each.profile) for each in expected
        ]
        assert [each.received for each in listed] == [each.received.replace(microsecond=0) for each in expected]
        assert {each.answer for each in listed} >= {"none", "waiting"}

    def test_an_answer_is_given_once_and_the_first_one_counts(self, sandbox: Sandbox) -> None:
        company = "shop-answering-uyumsoft"
        ettn = some(sandbox, "waiting", company).ettn
        rejection = about(ettn, answer="rejected", note="Mal gelmedi")
        assert look_up(sandbox, "uyumsoft.answer", rejection, company=company) == [Absent()]
        assert perform(sandbox, "uyumsoft.answer", rejection, company=company) == [Taken(ettn, delivered=True)]
        assert perform(sandbox, "uyumsoft.answer", rejection, company=company) == [
            Taken(ettn, delivered=True, facts={"already_there": 1})
        ]
        (other,) = perform(sandbox, "uyumsoft.answer", about(ettn, answer="accepted"), company=company)
        assert isinstance(other, Refused)

    def test_a_date_that_is_none_names_its_field(self, sandbox: Sandbox) -> None:
        sandbox.world.faults.add(Fault("wrong_type", provider="uyumsoft"))
        with pytest.raises(ProviderFailure) as caught:
            work(sandbox, received)
        assert (caught.value.code, caught.value.field) == ("wrong_type", "ExecutionDate")

    def test_an_incoming_document_is_fetched(self, sandbox: Sandbox) -> None:
        ettn = office_of(sandbox.world).incoming(COMPANY)[0].ettn
        content = work(sandbox, lambda session: session.integrator.fetch(ettn, "xml", box="incoming"))
        assert f"<cbc:UUID>{ettn}</cbc:UUID>".encode() in content
