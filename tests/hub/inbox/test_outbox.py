"""What the inbox does to actions: the real outbox, with a stand-in of a provider behind it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from connectors.actions import Found
from connectors.webhooks import AskAbout, StateHeard
from hub.inbox.outbox import Actions
from tests.hub.outbox.conftest import Bench, bench
from tests.hub.outbox.far_end import kind

__all__ = ["bench"]
"""The outbox's own fixture."""

PROVIDER = "deneme"


@pytest.fixture
def accepted(bench: Bench) -> UUID:
    """An action that the provider has taken and will be asked about in a while."""
    bench.kinds["deneme.sms"] = kind(bench.far, polls_after=timedelta(minutes=5))
    action = bench.ask().action_id
    bench.drain()
    assert bench.state(action)[0] == "accepted"
    return action


def soon(bench: Bench, action: UUID) -> bool:
    ((due,),) = bench.execute(
        "SELECT next_look_at <= now() FROM hub.actions WHERE tenant_id = %s AND action_id = %s", bench.tenant, action
    )
    return bool(due)


def test_a_state_that_was_heard_settles_the_action_once(bench: Bench, accepted: UUID) -> None:
    actions = Actions(bench.outbox)
    delivered = StateHeard(Found("delivered"), accepted.hex)

    assert not actions.heard(bench.tenant, "another", delivered)
    assert not actions.heard(bench.make_tenant(), PROVIDER, delivered)
    assert not actions.heard(bench.tenant, PROVIDER, StateHeard(Found("delivered"), "0" * 32))
    assert actions.heard(bench.tenant, PROVIDER, delivered)
    assert not actions.heard(bench.tenant, PROVIDER, delivered)
    assert bench.state(accepted)[0] == "delivered"


def test_an_action_that_somebody_mentioned_is_asked_about_now_and_believed_nothing_of(
    bench: Bench, accepted: UUID
) -> None:
    actions = Actions(bench.outbox)
    assert not soon(bench, accepted)
    assert not actions.ask(bench.tenant, "another", AskAbout(accepted.hex))
    assert not actions.ask(bench.tenant, PROVIDER, AskAbout("nonsense"))
    assert not actions.ask(bench.tenant, PROVIDER, AskAbout())
    assert not soon(bench, accepted)

    assert actions.ask(bench.tenant, PROVIDER, AskAbout(accepted.hex))
    assert soon(bench, accepted)
    assert bench.state(accepted)[0] == "accepted"


def test_an_action_is_known_by_what_the_provider_calls_it(bench: Bench, accepted: UUID) -> None:
    actions = Actions(bench.outbox)
    assert not actions.ask(bench.tenant, PROVIDER, AskAbout(provider_reference="job-another"))
    assert actions.ask(bench.tenant, PROVIDER, AskAbout(provider_reference=f"job-{accepted.hex}"))
    assert soon(bench, accepted)
