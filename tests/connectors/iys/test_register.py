from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.failure import ProviderFailure
from connectors.iys.register import Address, Changes, Result, Standing
from connectors.iys.session import IysRegister, IysSession, open_session
from connectors.iys.settings import DEFAULT_HTTP
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.iys.book import book_of
from connectors.sandbox.server import Sandbox
from tests.connectors.iys.permissions import COMPANY, MARCH, ONE, OTHER, asked, permission, spec
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import StandStill, opened, spec_at, work_in


@pytest.fixture
def sandbox(moving_sandbox: Sandbox) -> Sandbox:
    """A book of its own for every test."""
    return moving_sandbox


def test_what_was_brought_in_is_what_is_told(sandbox: Sandbox) -> None:
    async def work(register: IysRegister) -> tuple[Standing, Standing]:
        before = await register.standing(ONE)
        await register.add(permission())
        return before, await register.standing(ONE)

    assert asked(sandbox, work) == (Standing(None), Standing("ONAY", "HS_WEB", MARCH))
    (deed,) = sandbox.world.ledger.deeds(provider="iys")
    assert deed.reference == "+905320000001 MESAJ ONAY 2026-03-02 10:15:00", "the date travels in Turkey's time"


def test_an_older_word_does_not_undo_a_newer_one(sandbox: Sandbox) -> None:
    async def work(register: IysRegister) -> None:
        await register.add(permission())
        await register.add(permission(status="RET", at=MARCH - timedelta(days=1)))

    with pytest.raises(ProviderFailure) as caught:
        asked(sandbox, work)
    assert (caught.value.kind, caught.value.code, caught.value.provider_code) == (
        "permanent",
        "request_refused",
        "H178",
    )
    assert asked(sandbox, lambda register: register.standing(ONE)).status == "ONAY"


def test_many_are_worked_off_later_and_each_has_its_result(sandbox: Sandbox) -> None:
    book = book_of(sandbox.world)
    book.slow = True

    async def submit(register: IysRegister) -> str:
        return await register.submit([permission(), permission(OTHER, "RET"), permission(replace(ONE, recipient="x"))])

    submission = asked(sandbox, submit)
    waiting = asked(sandbox, lambda register: register.results(submission))
    assert waiting == [Result(index, "waiting") for index in range(3)]
    book.work_off()
    assert asked(sandbox, lambda register: register.results(submission)) == [
        Result(0, "accepted"),
        Result(1, "refused", "H175"),
        Result(2, "refused", "H156"),
    ]


def test_changes_by_citizens_come_once_in_order_and_apart_from_our_own(sandbox: Sandbox) -> None:
    async def read(register: IysRegister) -> tuple[Changes, Changes]:
        first = await register.changes("IYS", None)
        return first, await register.changes("IYS", first.after)

    asked(sandbox, lambda register: register.add(permission()))
    book_of(sandbox.world).citizen(COMPANY, recipient=ONE.recipient, status="RET")
    first, second = asked(sandbox, read)
    assert [(each.address, each.status, each.source) for each in first.changes] == [(ONE, "RET", "IYS_WEB")]
    assert (second.changes, second.after, second.more) == ([], first.after, False)
    (own,) = asked(sandbox, lambda register: register.changes("HS", None)).changes
    assert own.status == "ONAY"


def test_one_brand_knows_nothing_of_another(sandbox: Sandbox) -> None:
    asked(sandbox, lambda register: register.add(permission()))

    async def standing(session: IysSession) -> Standing:
        return await session.register.standing(ONE)

    assert work_in(open_session, spec(sandbox, "brand-2"), standing).status is None
    foreign = replace(spec(sandbox, "brand-2"), settings=spec(sandbox).settings)
    with pytest.raises(ProviderFailure, match="credentials_rejected"):
        work_in(open_session, foreign, standing)


def test_a_token_that_ended_is_renewed_once(sandbox: Sandbox) -> None:
    async def run() -> int:
        async with opened(open_session, spec(sandbox)) as session:
            await session.test()
            sandbox.advance(hours=3)
            await session.test()
        return sandbox.world.requests["iys", COMPANY, "/oauth2/token"]

    assert asyncio.run(run()) == 2


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"username": "nobody@example.com"}])
def test_wrong_credentials_are_rejected_for_good(sandbox: Sandbox, change: dict[str, str]) -> None:
    connection = spec_at(sandbox.url, sandbox.credentials(COMPANY, "iys") | change, **spec(sandbox).settings)
    with pytest.raises(ProviderFailure) as caught:
        work_in(open_session, connection, lambda session: session.test())
    assert (caught.value.kind, caught.value.code) == ("permanent", "credentials_rejected")


@pytest.mark.parametrize("settings", [{"iys_code": ""}, {"brand_code": "34/ABC"}, {"brand_code": True}])
def test_a_wrong_code_is_named(sandbox: Sandbox, settings: dict[str, object]) -> None:
    with pytest.raises(ProviderFailure) as caught:
        asked(sandbox, lambda register: register.standing(ONE), **settings)
    assert (caught.value.code, caught.value.field) == ("settings_invalid", next(iter(settings)))


ATTEMPTS = DEFAULT_HTTP.attempts
FAULTS: dict[FaultKind, tuple[str, str, int]] = {
    "rate_limited": ("transient", "rate_limited", ATTEMPTS),
    "server_error": ("transient", "provider_error", ATTEMPTS),
    "truncated": ("transient", "answer_truncated", ATTEMPTS),
    "not_json": ("transient", "answer_malformed", ATTEMPTS),
    "redirect": ("permanent", "address_refused", 1),
    "wrong_type": ("transient", "wrong_type", 1),
    "credentials_expired": ("permanent", "credentials_rejected", 2),
    "error_with_personal_data": ("permanent", "request_refused", 1),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_named_and_quotes_nobody(sandbox: Sandbox, kind: FaultKind) -> None:
    asked(sandbox, lambda register: register.add(permission()))
    path = "/sps/"
    sandbox.world.faults.add(Fault(kind, provider="iys", path=path, seconds=1))
    sandbox.world.requests.clear()
    with pytest.raises(ProviderFailure) as caught:
        asked(sandbox, lambda register: register.standing(ONE), StandStill())
    expected_kind, code, requests = FAULTS[kind]
    assert (caught.value.kind, caught.value.code) == (expected_kind, code)
    assert sum(count for (_, _, asked_path), count in sandbox.world.requests.items() if path in asked_path) == requests
    person = sandbox.world.company(COMPANY).customer(0)
    assert not {person.surname, person.phone} & set(str(caught.value).split())


def test_a_404_that_is_not_in_the_registers_words_is_no_answer() -> None:
    async def run() -> Standing:
        token = http(200, b'{"access_token":"t","expires_in":7200}')
        page = http(404, b"<html>yok</html>")
        async with raw_server(token, page) as server:
            codes = {"iys_code": "1", "brand_code": "1"}
            connection = spec_at(server.url, {"username": "u", "password": "p"}, **codes)
            async with opened(open_session, connection) as session:
                return await session.register.standing(ONE)

    with pytest.raises(ProviderFailure):
        asyncio.run(run())


def test_an_address_hides_itself() -> None:
    assert "5320000001" not in repr(permission())
    assert "5320000001" not in repr(Address("+905320000001", "ARAMA"))


def test_a_citizen_may_change_their_mind_over_http(sandbox: Sandbox) -> None:
    import httpx

    asked(sandbox, lambda register: register.add(permission()))
    with httpx.Client(trust_env=False) as client:
        given = {"recipient": ONE.recipient, "status": "RET"}
        client.post(f"{sandbox.url}/_iys/citizens/{COMPANY}", json=given).raise_for_status()
    assert asked(sandbox, lambda register: register.standing(ONE)).status == "RET"
