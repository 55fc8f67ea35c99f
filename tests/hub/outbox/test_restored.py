"""Actions of a restored database: what was done after the backup stands in no row, and must not be done again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.actions import Found, Unclear
from hub.kvkk.audit import SYSTEM
from hub.outbox import decide
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import LOST, CannotTell, kind

DAY = 24 * 3600
IDEMPOTENT = {"asking": "idempotent"}
SHORT_LIVED = {"expires_after": timedelta(minutes=3)}


def restored(bench: Bench, *, unknown: bool = False, **declared: Any) -> Any:
    """One that waited, or was unclear, a day before its backup came back."""
    bench.kinds["deneme.sms"] = kind(bench.far, **declared)
    asked = bench.ask()
    if unknown:
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
    bench.age(DAY)
    assert decide.doubt(bench.database, bench.tenant) == 1
    return asked.action_id


@pytest.mark.parametrize("unknown", [False, True], ids=["waiting", "unknown"])
@pytest.mark.parametrize("declared", [{}, IDEMPOTENT, SHORT_LIVED], ids=["by_reference", "idempotent", "expiring"])
def test_what_its_provider_forgot_is_a_persons_however_often_it_is_asked_after(
    bench: Bench, unknown: bool, declared: dict[str, Any]
) -> None:
    action_id = restored(bench, unknown=unknown, **declared)
    calls = bench.far.calls
    for _ in range(4):
        decide.look_now(bench.database, bench.tenant, action_id, SYSTEM)
        bench.drain()
        bench.age(3600)
    assert bench.state(action_id) == ("unknown", "restored_absent")
    assert (bench.far.calls, len(bench.far.asked)) == (calls, 4)


@pytest.mark.parametrize("unknown", [False, True], ids=["waiting", "unknown"])
def test_it_is_sought_from_when_it_was_asked_for_until_now(bench: Bench, unknown: bool) -> None:
    """The attempt that the backup does not know was made at any time in between."""
    action_id = restored(bench, unknown=unknown)
    bench.far.findings = [Found("delivered")]
    decide.look_now(bench.database, bench.tenant, action_id, SYSTEM)
    bench.drain()
    [act] = bench.far.asked
    [(created, now)] = bench.execute("SELECT created_at, now() FROM hub.actions WHERE tenant_id = %s", bench.tenant)
    assert act.first_attempt_at is not None
    assert act.last_attempt_at is not None
    assert act.first_attempt_at <= created
    assert timedelta(0) <= now - act.last_attempt_at < timedelta(hours=1)
    assert bench.state(action_id) == ("delivered", None)


def test_one_that_was_unknown_already_is_asked_after_without_anybodys_help(bench: Bench) -> None:
    action_id = restored(bench, unknown=True)
    bench.far.findings = [CannotTell()]
    bench.drain()
    assert bench.state(action_id) == ("unknown", "restored_from_backup")
    bench.age(3600)
    bench.drain()
    assert bench.state(action_id) == ("unknown", "restored_absent")
    assert bench.far.calls == 1


def test_a_person_may_have_it_done_all_the_same_and_then_it_is_as_any_other(bench: Bench) -> None:
    action_id = restored(bench)
    decide.retry(bench.database, bench.tenant, action_id, SYSTEM)
    bench.far.answers = [Unclear(LOST)]
    bench.drain()
    for _ in range(3):
        bench.age(3600)
        bench.drain()
    assert bench.state(action_id) == ("accepted", None)
    assert bench.far.ledger.total() == 1


@pytest.mark.parametrize("looked_before", [False, True], ids=["never asked after", "absent when asked after"])
def test_a_retry_finds_what_was_done_after_the_backup_and_does_not_do_it_again(
    bench: Bench, looked_before: bool
) -> None:
    action_id = restored(bench)
    if looked_before:
        decide.look_now(bench.database, bench.tenant, action_id, SYSTEM)
        bench.drain()
    bench.far.ledger[action_id.hex] = 1
    ordered = decide.retry(bench.database, bench.tenant, action_id, SYSTEM)
    assert (ordered.state, ordered.reason) == ("unknown", "asked_before_retry")
    bench.drain()
    assert bench.state(action_id) == ("accepted", None)
    assert bench.far.calls == 0


def test_a_retry_waits_for_an_answer_unless_it_is_ordered_once_more(bench: Bench) -> None:
    action_id = restored(bench)
    decide.retry(bench.database, bench.tenant, action_id, SYSTEM)
    bench.far.findings = [CannotTell(), CannotTell()]
    for _ in range(2):
        bench.drain()
        bench.age(3600)
        assert (*bench.state(action_id), bench.far.calls) == ("unknown", "asked_before_retry", 0)
    decide.retry(bench.database, bench.tenant, action_id, SYSTEM)
    bench.drain()
    assert (bench.state(action_id), bench.far.calls) == (("accepted", None), 1)


@pytest.mark.parametrize("asking", ["idempotent", "by_webhook", "never"])
def test_a_retry_is_tried_at_once_where_nobody_can_be_asked_or_twice_is_once(bench: Bench, asking: str) -> None:
    action_id = restored(bench, asking=asking)
    assert decide.retry(bench.database, bench.tenant, action_id, SYSTEM).state == "pending"
    bench.drain()
    assert (bench.far.calls, bench.far.asked) == (1, [])
