from __future__ import annotations

import pytest

from connectors.actions import Absent, Act, Found, Refused, Taken
from connectors.nilvera.session import NilveraSession
from connectors.sandbox.server import Sandbox
from tests.connectors.invoicing import COMPANY, about, act, buyer, invoice, look_up, mailbox, perform
from tests.connectors.nilvera.calls import work

EARCHIVE = "EARSIVFATURA"


def einvoice(sandbox: Sandbox, **more: str) -> Act:
    customer = buyer(sandbox)
    request = act("einvoice", invoice(sandbox, customer, **more), alias=mailbox(sandbox, customer))
    assert isinstance(perform(sandbox, "nilvera.einvoice", request)[0], Taken)
    return request


def earchive(sandbox: Sandbox) -> Act:
    request = act("earchive", invoice(sandbox, buyer(sandbox, "none"), profile=EARCHIVE))
    assert isinstance(perform(sandbox, "nilvera.earchive", request)[0], Taken)
    return request


def found(sandbox: Sandbox, request: Act, kind: str = "einvoice") -> tuple[str, str | None, dict[str, str | int]]:
    (finding,) = look_up(sandbox, f"nilvera.{kind}", request)
    assert isinstance(finding, Found)
    assert finding.provider_reference == request.payload["ettn"]
    return finding.state, finding.code, dict(finding.facts)


def test_a_basic_invoice_is_followed_to_gibs_last_word(moving_sandbox: Sandbox) -> None:
    request = einvoice(moving_sandbox)
    assert found(moving_sandbox, request) == ("accepted", None, {"answer": "none"})
    seen: list[tuple[str, str | int | None]] = []
    for minutes in (1, 1, 2, 6):
        moving_sandbox.advance(minutes=minutes)
        state, _code, facts = found(moving_sandbox, request)
        seen.append((state, facts.get("gib_code")))
    assert seen == [("accepted", 1000), ("accepted", 1100), ("accepted", 1200), ("delivered", 1300)]


@pytest.mark.parametrize(
    ("code", "state", "resend"),
    [
        (1150, "failed", "after_repair"),
        (1210, "accepted", "no"),
        (1215, "failed", "same_number"),
        (1230, "failed", "same_number"),
        (1220, "accepted", "no"),
        (1163, "accepted", "no"),
        (1195, "failed", "again"),
    ],
)
def test_gibs_code_decides_what_may_be_done_next(moving_sandbox: Sandbox, code: int, state: str, resend: str) -> None:
    request = einvoice(moving_sandbox, note=f"SANDBOX GIB={code}")
    moving_sandbox.advance(minutes=30)
    facts = {"answer": "none", "gib_code": code, "resend": resend}
    assert found(moving_sandbox, request) == (state, str(code) if state == "failed" else None, facts)


def test_gib_itself_can_be_asked(moving_sandbox: Sandbox) -> None:
    ettn = einvoice(moving_sandbox).payload["ettn"]

    async def codes(session: NilveraSession) -> tuple[int | None, int | None]:
        before = await session.integrator.check_at_gib(ettn)
        moving_sandbox.advance(minutes=30)
        return before, await session.integrator.check_at_gib(ettn)

    assert work(moving_sandbox, codes) == (None, 1300)


@pytest.mark.parametrize(("answer", "word"), [("KABUL", "accepted"), ("RED", "rejected")])
def test_a_commercial_invoice_is_asked_after_until_it_is_answered(
    moving_sandbox: Sandbox, answer: str, word: str
) -> None:
    request = einvoice(moving_sandbox, profile="TICARIFATURA", note=f"SANDBOX ANSWER={answer}")
    moving_sandbox.advance(minutes=30)
    assert found(moving_sandbox, request)[0] == "accepted"
    assert found(moving_sandbox, request)[2]["answer"] == "waiting"
    moving_sandbox.advance(days=2)
    state, _code, facts = found(moving_sandbox, request)
    assert (state, facts["answer"]) == ("delivered", word)


def test_eight_days_without_an_answer_accept_a_commercial_invoice(moving_sandbox: Sandbox) -> None:
    request = einvoice(moving_sandbox, profile="TICARIFATURA")
    moving_sandbox.advance(days=7.9)
    assert found(moving_sandbox, request)[0] == "accepted"
    moving_sandbox.advance(days=0.2)
    state, _code, facts = found(moving_sandbox, request)
    assert (state, facts["answer"]) == ("delivered", "implied")


def test_an_earchive_invoice_is_asked_after_until_it_is_reported(moving_sandbox: Sandbox) -> None:
    request = earchive(moving_sandbox)
    moving_sandbox.advance(minutes=5)
    assert found(moving_sandbox, request, "earchive") == ("accepted", None, {"reported": 0})
    moving_sandbox.advance(days=1)
    assert found(moving_sandbox, request, "earchive") == ("delivered", None, {"reported": 1})


def test_a_document_that_nilvera_does_not_know_is_absent(sandbox: Sandbox) -> None:
    ettn, _number, _ubl = invoice(sandbox, buyer(sandbox))
    for kind in ("einvoice", "earchive", "cancel", "answer"):
        assert look_up(sandbox, f"nilvera.{kind}", about(ettn)) == [Absent()]


def test_statuses_and_documents_are_as_the_api_describes_them(moving_sandbox: Sandbox) -> None:
    basic, archived = einvoice(moving_sandbox).payload["ettn"], earchive(moving_sandbox).payload["ettn"]
    moving_sandbox.advance(minutes=30)

    async def read(session: NilveraSession) -> list[bytes]:
        assert (await session.integrator.status(basic, "einvoice")) is not None
        assert (await session.integrator.status(archived, "earchive")) is not None
        return [
            await session.integrator.fetch(ettn, form, box=box)
            for ettn, box in ((basic, "einvoice"), (archived, "earchive"))
            for form in ("xml", "pdf", "html")
        ]

    contents = work(moving_sandbox, read)
    assert [content[:5] for content in contents] == [b"<?xml", b"%PDF-", b"<!doc"] * 2


class TestCancelling:
    def test_an_earchive_invoice_is_cancelled_once_and_taken_back_once(self, sandbox: Sandbox) -> None:
        request = earchive(sandbox)
        ettn = request.payload["ettn"]
        assert look_up(sandbox, "nilvera.cancel", about(ettn)) == [Absent()]
        assert perform(sandbox, "nilvera.cancel", about(ettn)) == [Taken(ettn, delivered=True)]
        assert perform(sandbox, "nilvera.cancel", about(ettn)) == [
            Taken(ettn, delivered=True, facts={"already_there": 1})
        ]
        assert look_up(sandbox, "nilvera.cancel", about(ettn)) == [Found("delivered", ettn)]
        assert found(sandbox, request, "earchive")[2]["cancelled"] == 1
        assert look_up(sandbox, "nilvera.revert_cancel", about(ettn)) == [Absent()]
        assert perform(sandbox, "nilvera.revert_cancel", about(ettn)) == [Taken(ettn, delivered=True)]
        assert look_up(sandbox, "nilvera.revert_cancel", about(ettn)) == [Found("delivered", ettn)]
        deeds = [deed.what for deed in sandbox.world.ledger.deeds(company=COMPANY) if deed.reference == ettn]
        assert deeds == ["earchive", "cancel", "revert_cancel"]

    def test_both_are_as_the_api_describes_them(self, sandbox: Sandbox) -> None:
        from tests.connectors.stand_still import START

        ettn = earchive(sandbox).payload["ettn"]

        async def both(session: NilveraSession) -> None:
            await session.integrator.cancel(ettn, reason="", at=START)
            await session.integrator.revert_cancel(ettn)

        work(sandbox, both)

    def test_an_einvoice_cannot_be_cancelled_by_its_sender(self, sandbox: Sandbox) -> None:
        ettn = einvoice(sandbox).payload["ettn"]
        (outcome,) = perform(sandbox, "nilvera.cancel", about(ettn))
        assert isinstance(outcome, Refused)
        assert outcome.failure.provider_code == "3003"
