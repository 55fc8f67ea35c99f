"""What happened is written with what changed, for whoever subscribed to it, and for nobody else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from connectors.action_registry import kinds
from hub.outbox.vocabulary import LEASE_LOST, NEEDS_DECISION, NOT_TOLD
from hub.subscriptions import managing
from hub.subscriptions.vocabulary import SUBSCRIBABLE, TYPES
from tests.conftest import MakeTenant
from tests.hub.subscriptions.conftest import ACTOR, Site, id_of


def action(site: Site, kind: str = "netgsm.sms") -> str:
    """A leased action's id."""
    action_id = uuid4()
    site.execute(
        "INSERT INTO hub.actions (tenant_id, action_id, kind, provider, idempotency_key, request_mark, payload_cipher,"
        " state, lease, leased_until, created_by, attempts)"
        " VALUES (%s, %s, %s, 'netgsm', %s, 'm', %s, 'leased', %s, now(), 'test', 1)",
        site.tenant, action_id, kind, action_id.hex, site.keyring.tenant(site.tenant).seal("a", "b", b"c"), uuid4(),
    )  # fmt: skip
    return str(action_id)


def becomes(site: Site, action_id: str, state: str, reason: str | None = None) -> None:
    site.execute(
        "UPDATE hub.actions SET state = %s, reason = %s, lease = NULL, leased_until = NULL,"
        " settled_at = CASE WHEN %s = 'unknown' THEN NULL ELSE now() END WHERE tenant_id = %s AND action_id = %s",
        state, reason, state, site.tenant, action_id,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def no_actions_are_left(site: Site) -> object:
    yield
    with site.database.tenant(site.tenant, "forgetter") as connection:  # nobody else may take documents away
        for table in ("actions", "documents", "sync_state"):
            connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s".encode(), (site.tenant,))  # noqa: S608


def stream(site: Site, state: str) -> None:
    site.execute(
        "INSERT INTO hub.sync_state (tenant_id, provider, stream) VALUES (%s, 'iyzico', 'payments')"
        " ON CONFLICT DO NOTHING",
        site.tenant,
    )
    site.execute(
        "UPDATE hub.sync_state SET state = %s, failure_code = 'timeout', failure_kind = 'transient'"
        " WHERE tenant_id = %s",
        state, site.tenant,
    )  # fmt: skip


def document(site: Site, state: str | None = None) -> None:
    site.execute(
        "INSERT INTO hub.documents (tenant_id, document_id, ettn, idempotency_key, request_mark, number, series, year,"
        " counter, kind, profile, type, issue_date, currency, payable, sealed_here, sha256, bytes, key_cipher, content,"
        " issued_by, kept_until) VALUES (%s, gen_random_uuid(), gen_random_uuid(), 'k', 'm', 'ABC2026000000001', 'ABC',"
        " 2026, 1, 'einvoice', 'TICARIFATURA', 'SATIS', '2026-01-01', 'TRY', 1, true, 's', 1, %s, 'c', 'test',"
        " '2036-01-01')",
        site.tenant, site.keyring.tenant(site.tenant).seal("a", "b", b"c"),
    )  # fmt: skip
    if state is not None:
        site.execute("UPDATE hub.documents SET state = %s WHERE tenant_id = %s", state, site.tenant)


def answered(site: Site, answer: str) -> None:
    """The delivered document's news, as hub.einvoice.issue.following writes them."""
    site.execute(
        "UPDATE hub.documents SET state = 'delivered', facts = facts || jsonb_build_object('answer', %s::text)"
        " WHERE tenant_id = %s",
        answer, site.tenant,
    )  # fmt: skip


def request(site: Site) -> None:
    site.execute(
        "INSERT INTO hub.requests (tenant_id, type, channel, received_at, due_at, created_by)"
        " VALUES (%s, 'access', 'post', now(), now() + interval '10 days 1 hour', 'test')",
        site.tenant,
    )
    site.execute("UPDATE hub.requests SET warned_days = '{20}' WHERE tenant_id = %s", site.tenant)


def test_every_type_is_told_with_the_fields_that_are_documented_and_no_others(site: Site) -> None:
    site.subscribe(*SUBSCRIBABLE)
    stream(site, "failed")
    stream(site, "ok")
    site.happen()
    document(site, "delivered")
    for state in ("delivered", "failed", "unknown"):
        becomes(site, action(site), state)
    request(site)

    told = {kind: data for _, kind, data in site.events()}
    assert told.keys() == set(SUBSCRIBABLE)
    assert {kind: set(data) for kind, data in told.items()} == {kind: set(TYPES[kind].data) for kind in SUBSCRIBABLE}
    assert told["sync.failed"] == {"provider": "iyzico", "stream": "payments", "code": "timeout", "permanent": False}
    assert told["invoice.final"]["outcome"] == "accepted"
    assert (told["request.due"]["days_left"], told["request.due"]["overdue"]) == (10, False)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("none", "accepted"),
        ("implied", "accepted"),
        ("accepted", "accepted"),
        ("rejected", "rejected_by_buyer"),
        ("returned", "rejected_by_buyer"),
    ],
)
def test_an_invoice_that_its_buyer_rejected_is_not_told_as_accepted(site: Site, answer: str, outcome: str) -> None:
    site.subscribe("invoice.final")
    document(site)
    answered(site, answer)

    assert [data["outcome"] for _, _, data in site.events()] == [outcome]


def test_an_answer_behind_the_delivery_is_told_once_and_only_where_it_changes_the_outcome(site: Site) -> None:
    site.subscribe("invoice.final")
    document(site)
    for answer in ("waiting", "accepted", "rejected", "rejected"):
        answered(site, answer)

    assert [data["outcome"] for _, _, data in site.events()] == ["accepted", "rejected_by_buyer"]


def test_who_did_not_subscribe_is_told_nothing(site: Site, make_tenant: MakeTenant) -> None:
    other = make_tenant()
    site.subscribe("sync.failed")
    site.subscribe("integration.paused", tenant=other)

    assert site.happen() == []
    assert site.events(other) == []


def test_what_is_rolled_back_did_not_happen(site: Site) -> None:
    site.subscribe("request.opened")

    def open_and_fail() -> None:
        with site.database.tenant(site.tenant, "app") as connection:
            fail_in(connection)

    def fail_in(connection: Any) -> None:
        connection.execute(
            "INSERT INTO hub.requests (tenant_id, type, channel, received_at, due_at, created_by)"
            " VALUES (%s, 'access', 'post', now(), now(), 'test')",
            (site.tenant,),
        )
        assert connection.execute(
            "SELECT type FROM hub.tenant_events WHERE tenant_id = %s", (site.tenant,)
        ).fetchall() == [("request.opened",)]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        open_and_fail()
    assert site.events() == []


def test_every_kind_of_message_is_known_as_one_and_nothing_else_is(site: Site) -> None:
    site.subscribe("message.delivered")
    for name in kinds():
        becomes(site, action(site, name), "delivered")

    assert {data["kind"] for _, _, data in site.events()} == {name for name, kind in kinds().items() if kind.is_message}


def test_an_action_whose_process_died_is_told_of_once_asking_did_not_help(site: Site) -> None:
    site.subscribe("action.unknown")
    lost = action(site)
    becomes(site, lost, "unknown", LEASE_LOST)
    assert site.events() == []

    for reason in (NOT_TOLD, "timeout", NEEDS_DECISION, NEEDS_DECISION):
        becomes(site, lost, "unknown", reason)

    assert [data["code"] for _, _, data in site.events()] == [NOT_TOLD, NEEDS_DECISION]


def test_the_same_state_again_is_no_news(site: Site) -> None:
    site.subscribe("sync.failed", "sync.recovered")
    for state in ("failed", "failed", "ok", "ok", "failed"):
        stream(site, state)

    assert [kind for _, kind, _ in site.events()] == ["sync.failed", "sync.recovered", "sync.failed"]


def test_one_event_is_delivered_to_every_subscription_to_its_type(site: Site) -> None:
    two = [site.subscribe("integration.paused") for _ in range(2)]
    third = site.subscribe("sync.failed")
    (event,) = site.happen()

    assert [[each.event_id for each in site.deliveries(shown)] for shown in (*two, third)] == [[event], [event], []]


def test_a_paused_subscription_has_its_events_held_and_a_disabled_one_has_none(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    managing.pause(site.database, site.keyring, site.tenant, id_of(shown), actor=ACTOR)
    site.happen()
    assert site.states(shown) == ["held"]

    site.execute("UPDATE hub.subscriptions SET state = 'disabled' WHERE tenant_id = %s", site.tenant)
    assert site.happen() == []
