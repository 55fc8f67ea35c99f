from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.einvoice.contract import Alias, Taxpayer
from connectors.einvoice.registry import INTEGRATORS, integrator_named
from connectors.einvoice.routing import CUSTOMS, Route, Undecided, route
from connectors.registry import CHANNELS
from connectors.sandbox.server import Sandbox
from tests.connectors.invoicing import COMPANY, buyer, mailbox
from tests.connectors.stand_still import START, spec_at

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIRST, SECOND = "urn:mail:defaultpk@a.com.tr", "urn:mail:muhasebepk@a.com.tr"
DEAD = Alias("urn:mail:eski@a.com.tr", until=NOW - timedelta(days=1))


def buyer_with(*aliases: Alias | str) -> Taxpayer:
    return Taxpayer("1234567808", "A", tuple(Alias(each) if isinstance(each, str) else each for each in aliases))


def test_somebody_who_is_not_registered_is_given_an_earchive_invoice() -> None:
    assert route(None, at=NOW) == Route("earchive")
    assert route(buyer_with(DEAD), at=NOW) == Route("earchive")


def test_the_one_living_mailbox_is_taken() -> None:
    assert route(buyer_with(DEAD, FIRST), at=NOW) == Route("einvoice", FIRST)


def test_among_several_somebody_chooses_and_no_name_is_a_default() -> None:
    both = buyer_with(FIRST, SECOND)
    assert route(both, at=NOW) == Undecided("unchosen", (FIRST, SECOND))
    assert route(both, at=NOW, chosen=SECOND) == Route("einvoice", SECOND)


def test_a_chosen_mailbox_that_has_died_is_told_and_not_replaced() -> None:
    assert route(buyer_with(DEAD, FIRST), at=NOW, chosen=DEAD.name) == Undecided("dead", (FIRST,))


@pytest.mark.parametrize(
    ("profile", "box"),
    [("IHRACAT", "ihracatpk"), ("OZELFATURA", "ihracatpk"), ("YOLCUBERABERFATURA", "yolcuberaberpk")],
)
def test_customs_has_a_mailbox_a_profile(profile: str, box: str) -> None:
    found = route(buyer_with(FIRST, SECOND), at=NOW, profile=profile, buyer=CUSTOMS)
    assert found == Route("einvoice", f"urn:mail:{box}@gtb.gov.tr")


def test_nobody_is_printed() -> None:
    assert FIRST not in repr(route(buyer_with(FIRST), at=NOW))
    assert FIRST not in repr(route(buyer_with(FIRST, SECOND), at=NOW))


class TestRegistry:
    def test_every_integrator_is_a_channel(self) -> None:
        assert set(INTEGRATORS) <= set(CHANNELS)

    def test_an_unknown_one_names_those_there_are(self) -> None:
        with pytest.raises(KeyError, match="nilvera"):
            integrator_named("nobody")

    @pytest.mark.parametrize("name", INTEGRATORS)
    def test_each_is_opened_by_its_name_and_finds_a_way(self, sandbox: Sandbox, name: str) -> None:
        number = buyer(sandbox)

        async def find() -> Route | Undecided:
            connection = spec_at(sandbox.url, sandbox.credentials(COMPANY, name))
            async with (
                httpx.AsyncClient(trust_env=False) as client,
                integrator_named(name)(connection, client) as integrator,
            ):
                return route(await integrator.lookup(number), at=START)

        assert asyncio.run(find()) == Route("einvoice", mailbox(sandbox, number))
