from __future__ import annotations

import pytest

from connectors.failure import ProviderFailure
from connectors.nilvera import taxpayers as nilvera_taxpayers
from connectors.nilvera.session import NilveraSession
from connectors.sandbox.gib import taxpayers
from connectors.sandbox.server import Sandbox
from tests.connectors.invoicing import buyer
from tests.connectors.nilvera import openapi
from tests.connectors.nilvera.calls import work
from tests.connectors.stand_still import START


@pytest.mark.parametrize(("standing", "boxes"), [("one", 1), ("several", 3), ("dead", 0)])
def test_only_living_mailboxes_can_be_sent_to(sandbox: Sandbox, standing: taxpayers.Standing, boxes: int) -> None:
    number = buyer(sandbox, standing)
    found = work(sandbox, lambda session: session.integrator.lookup(number))
    assert found is not None
    assert found.number == number
    assert found.title
    assert len(found.mailboxes(START)) == boxes
    assert all(name.startswith("urn:mail:") for name in found.mailboxes(START))
    assert found.aliases, "a dead mailbox is told apart from no mailbox"


def test_somebody_who_is_not_registered_is_nobody(sandbox: Sandbox) -> None:
    number = buyer(sandbox, "none")
    assert work(sandbox, lambda session: session.integrator.lookup(number)) is None


def test_a_taxpayer_prints_neither_number_nor_name(sandbox: Sandbox) -> None:
    number = buyer(sandbox)
    found = work(sandbox, lambda session: session.integrator.lookup(number))
    assert found is not None
    assert number not in repr(found)
    assert found.title not in repr(found)
    assert found.aliases[0].name not in repr(found)


def test_the_whole_list_is_read_user_by_user(sandbox: Sandbox) -> None:
    async def names(session: NilveraSession) -> dict[str, int]:
        users = await nilvera_taxpayers.user_list(session._client)
        return {user.number: len(user.mailboxes(START)) for user in users}

    listed = work(sandbox, names)
    expected = {user.number: len(user.living) for user in taxpayers.sample(sandbox.world.seed, 40)}
    assert listed == expected
    assert 0 in listed.values(), "dead ones are on it too"


class TestTheTest:
    def test_the_right_key_passes_with_one_request(self, sandbox: Sandbox) -> None:
        work(sandbox, lambda session: session.test())
        assert sum(sandbox.world.requests.values()) == 1

    def test_a_key_without_the_scope_is_told_apart_from_a_wrong_one(self, sandbox: Sandbox) -> None:
        sandbox.world.withheld.add(("nilvera", "shop-9", "/general/Company"))
        try:
            with pytest.raises(ProviderFailure) as caught:
                work(sandbox, lambda session: session.test())
        finally:
            sandbox.world.withheld.clear()
        assert (caught.value.kind, caught.value.code) == ("permanent", "not_licensed")

    def test_an_unknown_key_is_rejected_for_good(self, sandbox: Sandbox) -> None:
        with pytest.raises(ProviderFailure) as caught:
            work(sandbox, lambda session: session.test(), credentials={"api_key": "nlv-nobody-AAAA"})
        assert (caught.value.kind, caught.value.code) == ("permanent", "credentials_rejected")


def test_the_description_of_the_api_is_at_hand() -> None:
    if not openapi.here:
        pytest.skip("the reference material is not here: requests and answers are not held against it")
    assert openapi.problems("GET", "http://x/einvoice/Sale/a/Nothing", "", b"", 200, b"{}")
    wrong = b'{"PeriodYear":2026,"Other":1}'
    assert len(openapi.problems("POST", "http://x/earchive/Send/Report", "application/json", wrong, 200, b"true")) == 2
