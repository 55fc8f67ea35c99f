"""Requests as careless, unlucky and hostile callers make them, and what may never be read of them anywhere."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.actions import Outcome
from hub.errors import HubError
from hub.outbox import ask as asking
from hub.outbox import enqueue as enqueueing
from hub.outbox.enqueue import CHANNEL, NewAction, enqueue_all
from hub.validation import InvalidInput
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import kind

MARKER = "Gizli Metin 05321112233"
TO = "+905321112233"


def payload(**values: Any) -> dict[str, Any]:
    return {"to": TO, "text": MARKER, **values}


@pytest.mark.parametrize(
    "wrong",
    [{"x": Decimal(1)}, {"x": float("nan")}, {"x": float("inf")}, {"x": "\ud800"}, {"x": b"x"}, {"x": {"\udfff": 1}}],
    ids=["decimal", "nan", "infinity", "surrogate", "bytes", "surrogate in a name"],
)
def test_what_json_cannot_say_is_refused_and_not_repeated(bench: Bench, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        bench.ask(payload=payload(**wrong))
    assert [(each.field, each.code) for each in caught.value.problems] == [("payload", "field_wrong")]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert MARKER not in repr(caught.value)


@pytest.mark.parametrize(
    ("key", "right"),
    [("ş" * 200, True), ("🙂" * 200, True), ("x" * 201, False), ("a\nb", False), ("a\x00b", False),
     ("\ud800", False)],
)  # fmt: skip
def test_a_key_is_up_to_two_hundred_characters_that_can_be_printed(bench: Bench, key: str, right: bool) -> None:
    if right:
        assert bench.ask(key).action_id == bench.ask(key).action_id
        return
    with pytest.raises(InvalidInput):
        bench.ask(key)


def problems(caught: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(each.field, each.code) for each in caught.value.problems]


@pytest.mark.parametrize("name", ["about", "template", "purpose"])
@pytest.mark.parametrize(
    ("value", "code"),
    [("a\x00b", "field_wrong"), ("a\nb", "field_wrong"), ("\ud800", "field_wrong"), ("x" * 201, "field_length")],
    ids=["nul", "line break", "surrogate", "long"],
)
def test_names_of_things_are_printable_and_short(bench: Bench, name: str, value: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        bench.ask(**{name: value})
    assert problems(caught) == [(name, code)]


def test_what_a_listing_would_show_can_be_printed(bench: Bench) -> None:
    bench.kinds["deneme.sms"] = kind(bench.far, summary=lambda payload: {"template": payload["template"]})
    with pytest.raises(InvalidInput) as caught:
        bench.ask(payload=payload(template="a\x00b"))
    assert problems(caught) == [("payload.template", "field_wrong")]


def test_what_must_be_done_by_a_time_that_is_over_is_refused_and_one_that_stands_is_not(bench: Bench) -> None:
    now = datetime.now(UTC)
    with pytest.raises(InvalidInput) as caught:
        bench.ask("k", not_after=now - timedelta(seconds=5))
    assert problems(caught) == [("not_after", "field_in_the_past")]
    with pytest.raises(InvalidInput) as caught:
        bench.ask("k", not_before=now + timedelta(hours=2), not_after=now + timedelta(hours=1))
    assert problems(caught) == [("not_after", "action_ends_before_it_begins")]
    with pytest.raises(InvalidInput) as caught:
        bench.ask("k", not_before=now + timedelta(hours=2), not_after=now.replace(tzinfo=None))
    assert problems(caught) == [("not_after", "field_without_time_zone")]
    assert bench.execute("SELECT count(*) FROM hub.actions WHERE tenant_id = %s", bench.tenant) == [(0,)]

    soon = now + timedelta(minutes=5)
    bench.ask("k", not_after=soon)
    bench.age(600)
    assert bench.ask("k", not_after=soon).repeated


def test_problems_of_many_are_named_by_their_place_among_all(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_AT_ONCE", 2)
    news = [NewAction("deneme.sms", f"k{at}", payload(), priority=11 if at == 4 else 5) for at in range(5)]
    with pytest.raises(InvalidInput) as caught:
        asking.ask(bench.database, bench.keyring, bench.tenant, news, created_by="test")
    assert problems(caught) == [("actions[4].priority", "field_between")]
    with pytest.raises(InvalidInput) as caught:
        asking.ask(bench.database, bench.keyring, bench.tenant, news[4:], created_by="test")
    assert problems(caught) == [("priority", "field_between")]


def test_the_order_of_keys_does_not_matter_and_how_a_number_is_written_does(bench: Bench) -> None:
    bench.ask("k", payload={"to": TO, "n": 1, "of": {"a": 1, "b": 2}})
    assert bench.ask("k", payload={"of": {"b": 2, "a": 1}, "n": 1, "to": TO}).repeated
    with pytest.raises(HubError, match="idempotency_key_reused"):
        bench.ask("k", payload={"to": TO, "n": 1.0, "of": {"a": 1, "b": 2}})


@pytest.mark.parametrize("name", ["kind", "template", "purpose", "commercial", "not_before", "not_after"])
def test_another_request_is_one_that_differs_in_anything_that_is_done(bench: Bench, name: str) -> None:
    bench.kinds["deneme.mms"] = kind(bench.far, "deneme.mms")
    later = datetime.now(UTC) + timedelta(hours=1)
    base: dict[str, Any] = {"payload": payload(), "purpose": "PAZARLAMA"}
    others = {"kind": "deneme.mms", "template": "t", "purpose": "BASKA", "commercial": True,
              "not_before": later, "not_after": later}  # fmt: skip
    bench.ask("k", **base)
    with pytest.raises(HubError, match="idempotency_key_reused"):
        bench.ask("k", **{**base, name: others[name]})


def test_what_is_too_long_or_too_many_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enqueueing, "LONGEST_PAYLOAD", 100)
    with pytest.raises(InvalidInput) as caught:
        bench.ask(payload=payload(more="x" * 100))
    assert problems(caught) == [("payload", "field_too_long")]
    monkeypatch.setattr(enqueueing, "MOST_AT_ONCE", 1)
    news = [NewAction("deneme.sms", f"k{at}", payload()) for at in range(2)]
    keys = bench.keyring.tenant(bench.tenant)
    with pytest.raises(HubError, match="actions_too_many"), bench.database.tenant(bench.tenant, "app") as connection:
        enqueue_all(connection, keys, news, created_by="test")


def test_a_key_twice_in_one_batch_is_one_action_or_refused_with_all_of_it(bench: Bench) -> None:
    keys = bench.keyring.tenant(bench.tenant)
    with bench.database.tenant(bench.tenant, "app") as connection:
        first, second = enqueue_all(connection, keys, [NewAction("deneme.sms", "k", payload())] * 2, created_by="test")
    assert (first.action_id, second.repeated) == (second.action_id, True)
    news = [NewAction("deneme.sms", "m", payload()), NewAction("deneme.sms", "m", payload(text="x"))]
    with (
        pytest.raises(HubError, match="idempotency_key_reused"),
        bench.database.tenant(bench.tenant, "app") as connection,
    ):
        enqueue_all(connection, keys, news, created_by="test")
    assert bench.execute("SELECT count(*) FROM hub.actions WHERE tenant_id = %s", bench.tenant) == [(1,)]


def test_two_who_ask_for_the_same_batch_in_another_order_do_not_lock_each_other_out(bench: Bench) -> None:
    keys = bench.keyring.tenant(bench.tenant)
    news = [NewAction("deneme.sms", f"k{at:03}", payload()) for at in range(300)]
    start, errors = threading.Barrier(2), list[Exception]()

    def ask(ordered: list[NewAction]) -> None:
        start.wait()
        try:
            with bench.database.tenant(bench.tenant, "app") as connection:
                enqueue_all(connection, keys, ordered, created_by="test")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(each,)) for each in (news, news[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert bench.execute("SELECT count(*) FROM hub.actions WHERE tenant_id = %s", bench.tenant) == [(300,)]


def test_what_is_rolled_back_was_never_asked_for_and_nobody_hears_of_it(bench: Bench) -> None:
    keys = bench.keyring.tenant(bench.tenant)
    with bench.database.listening(CHANNEL) as listener:
        with bench.database.tenant(bench.tenant, "app") as connection, connection.transaction(force_rollback=True):
            enqueue_all(connection, keys, [NewAction("deneme.sms", "k", payload())], created_by="test")
        assert not listener.heard()
    assert not bench.ask("k").repeated


def test_nothing_of_a_payload_stands_in_rows_or_logs_whatever_goes_wrong(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_act: object) -> Outcome:
        raise ValueError(MARKER)

    bench.kinds["deneme.sms"] = kind(bench.far, asking="never")
    bench.ask(payload=payload(**{MARKER: TO}))
    bench.far.answers = [broken]
    with caplog.at_level(logging.DEBUG):
        counts = bench.drain()
    rows = [
        bench.execute(f"SELECT x::text FROM hub.{table} x WHERE tenant_id = %s", bench.tenant)  # noqa: S608
        for table in ("actions", "action_attempts", "action_holds")
    ]
    told = f"{rows} {caplog.text} {counts}"
    assert "unknown" in told
    for secret in (MARKER, TO, TO.removeprefix("+90"), MARKER.encode().hex()):
        assert secret not in told


def test_the_dispatcher_cannot_read_what_is_to_be_done_or_for_whom(bench: Bench) -> None:
    import psycopg

    bench.ask()
    for column in ("payload_cipher", "recipient", "idempotency_key", "summary", "private_cipher", "facts", "amount"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), bench.database.crossing("dispatcher") as connection:
            connection.execute(f"SELECT {column} FROM hub.actions")  # type: ignore[arg-type]  # noqa: S608
    for column in ("payload_cipher", "not_before", "attempts", "expires_at"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), bench.database.crossing("dispatcher") as connection:
            connection.execute(f"UPDATE hub.actions SET {column} = NULL")  # type: ignore[arg-type]  # noqa: S608
