"""What a lease takes and leaves, one statement at a time: a drain would hide most of it by trying again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

from hub.outbox import lease
from tests.hub.outbox.conftest import Bench

_MANY = 10_000
_HOLD = (
    "INSERT INTO hub.action_holds (tenant_id, provider, held_until, code)"
    " VALUES (%s, 'deneme', now() + interval '1 minute', 'rate_limited')"
)


def taken(bench: Bench, **how: object) -> list[UUID]:
    found = lease.lease(bench.database, **{"most": _MANY, "share": _MANY, **how})  # type: ignore[arg-type]
    return [each.action_id for each in found.actions if each.tenant_id == bench.tenant]


def looks(bench: Bench, **how: object) -> list[UUID]:
    found = lease.lease_looks(bench.database, **{"most": _MANY, "share": _MANY, **how})  # type: ignore[arg-type]
    return [each.action_id for each in found.actions if each.tenant_id == bench.tenant]


def rows(bench: Bench, columns: str) -> list[tuple[object, ...]]:
    return bench.execute(f"SELECT {columns} FROM hub.actions WHERE tenant_id = %s ORDER BY created_at", bench.tenant)  # noqa: S608


def put(bench: Bench, assignments: str, action_id: UUID | None = None) -> None:
    bench.execute(
        f"UPDATE hub.actions SET {assignments} WHERE tenant_id = %s AND action_id = coalesce(%s, action_id)",  # noqa: S608
        bench.tenant, action_id,
    )  # fmt: skip


def unknown(bench: Bench, *, in_seconds: int = 0) -> UUID:
    asked = bench.ask()
    put(bench, f"state = 'unknown', next_look_at = now() + {in_seconds} * interval '1 second'", asked.action_id)
    return asked.action_id


def test_of_those_that_press_alike_the_oldest_goes_first_and_all_come_in_that_order(bench: Bench) -> None:
    asked = [bench.ask().action_id for _ in range(12)]
    for at, each in enumerate(asked):
        put(bench, f"not_before = now() - {at + 1} * interval '1 minute', reason = 'not_told'", each)
    assert taken(bench, share=1) == [asked[-1]]
    assert taken(bench) == asked[-2::-1]
    assert set(rows(bench, "state, reason")) == {("leased", None)}


def test_a_look_is_leased_when_it_is_due_and_by_nobody_else(bench: Bench) -> None:
    later, due = unknown(bench, in_seconds=600), unknown(bench)
    put(bench, "state = 'accepted'", due)
    assert looks(bench, busy=[bench.tenant]) == []
    assert looks(bench, resting=[(bench.tenant, "deneme")]) == []
    bench.execute(_HOLD, bench.tenant)
    assert looks(bench) == []
    bench.execute("DELETE FROM hub.action_holds WHERE tenant_id = %s", bench.tenant)
    assert looks(bench) == [due]
    assert looks(bench) == []
    assert rows(bench, "action_id, state, lease IS NULL") == [(later, "unknown", True), (due, "accepted", False)]


def test_of_looks_too_a_tenant_gets_its_share(bench: Bench) -> None:
    for _ in range(5):
        unknown(bench)
    assert len(looks(bench, share=2)) == 2
    assert len(lease.lease_looks(bench.database, most=2, share=_MANY).actions) == 2


def test_a_lease_that_ends_leaves_looks_where_they_stood_and_makes_of_attempts_what_is_asked_after(
    bench: Bench,
) -> None:
    tried, waiting, looked = bench.ask().action_id, bench.ask().action_id, unknown(bench)
    put(bench, "reason = 'not_told'", looked)
    assert (len(taken(bench)), len(looks(bench))) == (2, 1)
    put(bench, "attempting = true, attempts = 1", tried)
    lease.take_back(bench.database)
    assert {row[0] for row in rows(bench, "lease IS NULL")} == {False}, "none is over yet"
    put(bench, "leased_until = now()")
    lease.take_back(bench.database)
    assert rows(bench, "action_id, state, reason, next_look_at <= now(), attempting, lease") == [
        (tried, "unknown", "lease_lost", True, False, None),
        (waiting, "pending", None, None, False, None),
        (looked, "unknown", "not_told", True, False, None),
    ]


def test_only_the_lease_that_was_taken_is_given_back_and_nothing_that_was_tried(bench: Bench) -> None:
    first, tried, looked = bench.ask().action_id, bench.ask().action_id, unknown(bench)
    held, asking = (
        lease.lease(bench.database, most=_MANY, share=_MANY),
        lease.lease_looks(bench.database, most=_MANY, share=_MANY),
    )
    put(bench, "attempting = true, attempts = 1", tried)
    everything = [first, tried, looked]
    assert lease.give_back(bench.database, uuid4(), bench.tenant, everything) == 0
    assert lease.give_back(bench.database, held.token, bench.tenant, everything) == 1
    assert lease.give_back(bench.database, asking.token, bench.tenant, everything) == 1
    assert rows(bench, "state, lease IS NULL") == [("pending", True), ("leased", False), ("unknown", True)]


def test_a_lease_is_renewed_from_now_and_no_other_is(bench: Bench) -> None:
    bench.ask()
    mine = lease.lease(bench.database, most=_MANY, share=_MANY)
    bench.ask()
    lease.lease(bench.database, most=_MANY, share=_MANY)
    put(bench, "leased_until = now() + interval '1 second'")
    assert lease.renew(bench.database, [mine.token]) >= 1
    assert rows(bench, "leased_until > now() + interval '4 minutes'") == [(True,), (False,)]
    assert lease.renew(bench.database, []) == 0


def test_nobody_waits_for_what_another_has_in_hand(bench: Bench) -> None:
    """Of a tenant whose row somebody is writing, everything else is leased, looked at and taken back."""
    locked = [bench.ask().action_id, unknown(bench), bench.ask().action_id]
    free = [bench.ask().action_id, unknown(bench), bench.ask().action_id]
    over = "state = 'leased', lease = gen_random_uuid(), leased_until = now()"
    for each in (locked[2], free[2]):
        put(bench, over, each)
    with ThreadPoolExecutor(1) as threads, bench.database.tenant(bench.tenant, "app") as connection:
        connection.execute(
            "SELECT FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s) FOR UPDATE", (bench.tenant, locked)
        )
        # Whoever waits here waits for the end of this block, and so for longer than this.
        assert threads.submit(taken, bench).result(20) == free[:1]
        assert threads.submit(looks, bench).result(20) == free[1:2]
        threads.submit(lease.take_back, bench.database).result(20)
    assert rows(bench, "state")[2] == ("leased",)
    assert rows(bench, "state")[5] == ("pending",)
