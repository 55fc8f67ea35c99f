from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from connectors.failure import ProviderFailure
from connectors.istanbul import day_of
from connectors.sandbox.faults import Fault
from hub.einvoice.issue import received
from hub.einvoice.issue.received import Desk, Received
from hub.errors import HubError
from hub.kvkk.audit import SYSTEM
from hub.sync.fetch import http_client
from hub.validation import InvalidInput
from tests.hub.einvoice.issue.conftest import Shop

_ENOUGH = 8


def run(shop: Shop, question: Callable[[Desk, Any], Any]) -> Any:
    desk = Desk(shop.database, shop.keyring, shop.tenant, now=shop.sandbox.world.clock.now)

    async def asked() -> Any:
        async with http_client() as client:
            return await question(desk, client)

    return asyncio.run(asked())


def listed(shop: Shop, days: int = 60) -> list[Received]:
    return run(shop, lambda desk, client: received.received(desk, client, days=days))


def say(shop: Shop, ettn: str, verdict: Any, reason: str = "") -> UUID:
    return run(
        shop, lambda desk, client: received.answer(desk, client, UUID(ettn), verdict, reason=reason, actor=SYSTEM)
    )


@pytest.fixture
def inbox(shop: Shop) -> Shop:
    """The office's clock goes forward for everybody, so it does once."""
    if len(listed(shop)) < _ENOUGH:
        shop.sandbox.advance(days=30)
    return shop


def of(shop: Shop, *, open_still: bool) -> Received:
    return next(each for each in listed(shop) if each.profile == "TICARIFATURA" and each.may_answer is open_still)


def test_what_came_in_is_listed_with_the_last_day_for_an_answer(inbox: Shop) -> None:
    found = listed(inbox)
    today = day_of(inbox.sandbox.world.clock.now())
    for each in found:
        assert each.received is not None
        commercial = each.profile == "TICARIFATURA"
        assert each.last_day == (day_of(each.received) + timedelta(days=8) if commercial else None)
        assert each.may_answer == (each.last_day is not None and today <= each.last_day and each.answer == "waiting")
    assert not any(each.sender.isdigit() for each in found)


def test_an_answer_goes_out_once_and_another_one_is_refused(inbox: Shop) -> None:
    about = of(inbox, open_still=True)
    first = say(inbox, about.ettn, "accepted")
    assert say(inbox, about.ettn, "accepted") == first
    with pytest.raises(HubError, match="einvoice_incoming_answered"):
        say(inbox, about.ettn, "rejected", "Mal gelmedi")
    inbox.drain()
    ledger = inbox.sandbox.world.ledger.counts(provider="nilvera", company=inbox.company)
    assert ledger[about.ettn] == 1
    assert next(each.answer for each in listed(inbox) if each.ettn == about.ettn) == "accepted"
    assert say(inbox, about.ettn, "accepted") == first


def test_an_answer_that_would_not_count_is_not_queued(inbox: Shop) -> None:
    late = next(each for each in listed(inbox) if each.profile == "TICARIFATURA" and each.answer == "implied")
    with pytest.raises(HubError, match=r"response_too_late|einvoice_incoming_unknown"):
        say(inbox, late.ettn, "accepted")
    basic = next(each for each in reversed(listed(inbox, days=9)) if each.profile == "TEMELFATURA")
    with pytest.raises(HubError, match="response_too_late"):
        say(inbox, basic.ettn, "accepted")
    with pytest.raises(HubError, match="einvoice_incoming_unknown"):
        say(inbox, str(uuid4()), "accepted")
    with pytest.raises(InvalidInput, match="note"):
        say(inbox, of(inbox, open_still=True).ettn, "rejected")


def test_an_answer_that_waited_too_long_is_not_sent(inbox: Shop) -> None:
    about = of(inbox, open_still=True)
    say(inbox, about.ettn, "accepted")
    with inbox.database.tenant(inbox.tenant, "app") as connection:
        row = connection.execute(
            "SELECT expires_at FROM hub.actions WHERE tenant_id = %s AND about = %s",
            (inbox.tenant, f"incoming:{about.ettn}"),
        ).fetchone()
    assert row is not None
    assert about.last_day is not None
    assert day_of(row[0]) == about.last_day + timedelta(days=1)


def test_a_document_that_came_in_is_fetched_and_the_reading_is_audited(inbox: Shop) -> None:
    about = listed(inbox)[0]
    content = run(inbox, lambda desk, client: received.fetched(desk, client, UUID(about.ettn), "xml", actor=SYSTEM))
    assert about.number.encode() in content
    with inbox.database.tenant(inbox.tenant, "app") as connection:
        entries = connection.execute(
            "SELECT action, object FROM hub.audit_log WHERE tenant_id = %s AND action LIKE 'einvoice.incoming%%'",
            (inbox.tenant,),
        ).fetchall()
    assert entries == [("einvoice.incoming_read", f"incoming:{about.ettn}")]


def test_a_document_that_never_came_in_is_unknown_and_one_that_is_withheld_is_not(inbox: Shop) -> None:
    def fetch(ettn: UUID) -> None:
        run(inbox, lambda desk, client: received.fetched(desk, client, ettn, "pdf", actor=SYSTEM))

    with pytest.raises(HubError, match="einvoice_incoming_unknown"):
        fetch(uuid4())
    path = f"/einvoice/Purchase/{listed(inbox)[0].ettn}/pdf"
    inbox.sandbox.world.faults.add(Fault("error_with_personal_data", provider="nilvera", path=path))
    with pytest.raises(ProviderFailure, match="request_refused"):
        fetch(UUID(listed(inbox)[0].ettn))


def test_the_list_tells_a_registered_buyer_from_another(inbox: Shop) -> None:
    number = inbox.buyer("several")
    found = run(inbox, lambda desk, client: received.taxpayer(desk, client, number))
    assert len(found.aliases) >= 3
    nobody = inbox.buyer()
    assert run(inbox, lambda desk, client: received.taxpayer(desk, client, nobody)) is None
