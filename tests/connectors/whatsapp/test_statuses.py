from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.server import Sandbox
from connectors.whatsapp.bodies import told
from connectors.whatsapp.events import MessageStatus
from connectors.whatsapp.settings import Prices
from tests.connectors.whatsapp.sending import REFERENCE, TEMPLATE, act, all_done, phone_of, spec_of, told_of
from tests.connectors.whatsapp.telling import CONTACT, STATUS, STATUS_BODY, envelope, status_told


class TestStatuses:
    def test_the_new_shape_is_read(self) -> None:
        event = status_told()
        assert (event.phone_number_id, event.wamid, event.fate) == ("106540352242922", "wamid.HBgM", "delivered")
        assert event.at == datetime(2025, 6, 25, 13, 16, 24, tzinfo=UTC)
        assert event.reference == REFERENCE
        assert (event.person.phone, event.person.user_id) == ("+905551112233", "TR.1348912086553027")
        assert event.charge is not None
        assert (event.charge.billable, event.charge.category, event.charge.model) == (True, "utility", "PMP")

    def test_the_old_shape_is_read(self) -> None:
        (event,) = told(STATUS_BODY).events
        assert isinstance(event, MessageStatus)
        assert (event.person.phone, event.person.user_id, event.reference) == ("+905551112233", None, None)

    def test_what_the_record_does_not_say_of_the_person_its_contact_does(self) -> None:
        assert status_told(recipient_user_id=None).person.user_id == "TR.1348912086553027"
        assert status_told(recipient_id=None).person.phone == "+905551112233"

    def test_a_person_who_hides_the_number_is_known_by_user_id(self) -> None:
        event = status_told(recipient_id=None, contacts=[{"user_id": "TR.1348912086553027", "profile": {"name": "A"}}])
        assert (event.person.phone, event.person.user_id) == (None, "TR.1348912086553027")

    @pytest.mark.parametrize(
        ("fate", "state"),
        [("sent", "accepted"), ("delivered", "delivered"), ("read", "delivered"), ("failed", "failed")],
    )
    def test_a_step_says_what_became_of_the_action(self, fate: str, state: str) -> None:
        found = status_told(status=fate).found()
        assert (found.state, found.provider_reference) == (state, "wamid.HBgM")
        assert found.facts == {"status": fate, "category": "utility", "billable": 1}

    def test_a_later_step_outweighs_an_earlier_one_and_delivery_outweighs_failure(self) -> None:
        steps = ["sent", "failed", "delivered", "read", "played"]
        ranks = [status_told(status=step).rank for step in steps]
        assert ranks == sorted(ranks)
        assert len(set(ranks)) == len(ranks)

    def test_a_failure_names_its_code_and_no_words(self) -> None:
        error = {"code": 131047, "title": "Ayşe", "message": "Ayşe", "error_data": {"details": "905551112233"}}
        event = status_told(status="failed", errors=[error], pricing=None)
        assert event.errors == (131047,)
        assert event.found().code == "131047"
        assert not event.opted_out
        assert "Ayşe" not in repr(event)

    def test_a_failure_for_marketing_nobody_wants_is_an_opt_out(self) -> None:
        assert status_told(status="failed", errors=[{"code": 131050}]).opted_out

    def test_what_it_cost_follows_from_what_meta_bills(self) -> None:
        prices = Prices({"utility": Decimal("0.25"), "service": Decimal(0)})
        free = {"billable": False, "pricing_model": "PMP", "category": "utility", "type": "free_customer_service"}
        assert status_told().found(prices).cost == Decimal("0.25")
        assert status_told(pricing=free).found(prices).cost == 0
        assert status_told(pricing=None).found(prices).cost is None

    def test_the_type_says_what_is_billed_where_nothing_else_does(self) -> None:
        charge = status_told(pricing={"pricing_model": "CBP", "category": "utility", "type": "regular"}).charge
        assert charge is not None
        assert charge.billable is True

    @pytest.mark.parametrize(
        "change", [{"id": None}, {"status": "flown"}, {"timestamp": "gestern"}, {"timestamp": None}]
    )
    def test_what_cannot_be_made_out_is_counted_and_its_neighbours_are_read(self, change: dict[str, Any]) -> None:
        broken = {name: value for name, value in {**STATUS, **change}.items() if value is not None}
        found = told(envelope({"contacts": [CONTACT], "statuses": [broken, STATUS]}))
        assert (len(found.events), found.unread) == (1, 1)


def test_what_became_of_a_message_is_told_under_our_reference_in_any_order(sandbox: Sandbox) -> None:
    company = "fates"
    acts = [act({"to": phone_of(sandbox, company, at), **TEMPLATE}, reference=f"ref{at}") for at in range(20)]
    all_done(spec_of(sandbox, company), "whatsapp.template", acts)
    statuses = [event for each in told_of(sandbox, company) for event in each.events]
    assert all(isinstance(event, MessageStatus) for event in statuses)
    fates: dict[str | None, list[str]] = {}
    for event in statuses:
        assert isinstance(event, MessageStatus)
        fates.setdefault(event.reference, []).append(event.fate)
    assert set(fates) == {f"ref{index}" for index in range(20)}
    assert {tuple(each) for each in fates.values()} == {
        ("sent", "delivered", "read"), ("sent", "delivered"), ("sent", "read"),
    }  # fmt: skip
    assert len({event.event_id for event in statuses}) == len(statuses)
