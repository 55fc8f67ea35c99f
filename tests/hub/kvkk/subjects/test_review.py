"""What a reviewer sees: days and counts of rows that carry an identifier, and nothing of what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.kvkk import shared_identifiers
from hub.kvkk.audit import Actor
from hub.kvkk.person import Pair, Person, find_person
from hub.kvkk.review import Reviews, stretches
from hub.kvkk.shared_identifiers import Held
from hub.sync.batch import BatchRequest, Engine, sync_batch
from tests.fixtures.siparis import PROVIDER
from tests.support.shop import NoDetector, Order, add_shop, drop, open_shop_engine, shop_installation

FIRST = date(2026, 3, 1)
DAYS = st.integers(0, 20).map(lambda number: FIRST + timedelta(number))


def held(since: date | None, until: date | None, subject: str) -> Held:
    return Held(uuid4(), "plate", "plate_x", subject, since, until, "driver_change", "test")


@given(
    counted=st.dictionaries(st.none() | DAYS, st.integers(1, 5), max_size=12),
    cuts=st.lists(DAYS, unique=True, max_size=6).map(sorted),
    owners=st.lists(st.sampled_from(("ours", "theirs", None)), min_size=7, max_size=7),
    open_start=st.booleans(),
)
def test_every_row_is_counted_once_on_the_side_of_the_cut_where_it_lies(
    counted: dict[date | None, int], cuts: list[date], owners: list[str | None], open_start: bool
) -> None:
    edges: list[date | None] = [None, *cuts, None]
    if not open_start:
        owners = [None, *owners[1:]]
    spans = list(zip(edges, edges[1:], owners, strict=False))
    periods = [held(since, until, owner) for since, until, owner in spans if owner]
    person = Person("t", {"ours": "strong"}, frozenset(), frozenset())

    found = stretches("landing.x", Counter(counted), periods, person)

    assert sum(each.rows for each in found) == sum(counted.values())
    for each in found:
        if each.first is None or each.last is None:
            assert each.rows == counted[None]
            continue
        ((since, until, owner),) = [
            span
            for span in spans
            if (span[0] is None or span[0] <= each.first) and (span[1] is None or each.first < span[1])
        ]
        assert each.whose == {"ours": "this_person", "theirs": "another", None: "nobody"}[owner]
        inside = {day for day in counted if day is not None and each.first <= day <= each.last}
        assert each.rows == sum(counted[day] for day in inside)
        if owner:
            assert since is None or since <= each.first
            assert until is None or each.last < until


@pytest.fixture(scope="module")
def shop() -> Iterator[Engine]:
    with shop_installation() as settings:
        engine = open_shop_engine(settings, NoDetector())
        yield engine
        engine.database.close()


def pairs(engine: Engine, tenant_id: str, order: Order) -> tuple[Pair, Pair]:
    """The customer's identity number and phone."""
    from kvkk_policies.canonical import canonical

    pseudonymiser = engine.keyring.tenant(tenant_id).pseudonymiser()
    row = order.row()
    number, phone = canonical("tckn", row["customer_tckn"]), canonical("phone", row["customer_phone"])
    assert number is not None
    assert phone is not None
    return ("tckn", pseudonymiser.one("tckn", number)), ("phone", pseudonymiser.one("phone", phone))


def test_a_switchboards_rows_are_counted_by_table_and_day_apart_where_they_were_somebodys(
    shop: Engine, tmp_path: Path, actor: Actor
) -> None:
    tenant_id = add_shop(shop, tmp_path)
    # A thousand minutes apart: five orders a week or so, all of one person.
    orders = [Order(number * 1_440, 1, 7) for number in range(10)]
    rows = [order.row() for order in orders]
    for row in rows:
        row |= {"customer_tckn": rows[0]["customer_tckn"], "customer_phone": rows[0]["customer_phone"]}
        row |= {"customer_email": None}
    for row in rows[5:]:
        row["customer_tckn"] = None
    import json

    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert sync_batch(shop, PROVIDER, BatchRequest([tenant_id]), run_id="run-1").failed == 0
    tckn, phone = pairs(shop, tenant_id, orders[0])
    reviews = Reviews(shop.database, shop.keyring, {PROVIDER.name: PROVIDER}, shop.policies)

    person = find_person(shop.database, shop.keyring, tenant_id, [tckn])
    (doubt,) = reviews.doubts(person, [tckn])
    assert (doubt.kind, doubt.pseudonym, doubt.reason) == (*phone, None)
    assert len(doubt.subjects) == 1
    (days,) = doubt.days
    assert (days.table, days.rows, days.whose) == ("landing.siparis_orders", 10, "nobody")

    shared_identifiers.share(shop.database, tenant_id, phone, reason="switchboard", actor=actor)
    assert days.first is not None
    shared_identifiers.assign(
        shop.database,
        shop.keyring,
        tenant_id,
        phone,
        tckn,
        since=days.first + timedelta(days=2),
        until=days.first + timedelta(days=4),
        reason="own_line",
        actor=actor,
    )
    (doubt,) = reviews.doubts(find_person(shop.database, shop.keyring, tenant_id, [tckn]), [tckn])
    assert doubt.reason == "switchboard"
    assert [(each.rows, each.whose) for each in doubt.days] == [(2, "nobody"), (2, "this_person"), (6, "nobody")]


def test_requests_that_wait_are_listed_with_their_doubts(shop: Engine, tmp_path: Path) -> None:
    tenant_id = add_shop(shop, tmp_path)
    order = Order(1, 1, 9)
    drop(tmp_path, "a", [order])
    sync_batch(shop, PROVIDER, BatchRequest([tenant_id]), run_id="run-1")
    tckn, phone = pairs(shop, tenant_id, order)
    calls = shop.keyring.tenant(tenant_id).subject_id(*phone)
    with shop.database.tenant(tenant_id, "vault") as connection:
        connection.execute(
            "INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
            " VALUES (%s, %s, %s, %s, 'weak', 'test')",
            (tenant_id, *phone, UUID(calls)),
        )
    with shop.database.tenant(tenant_id, "app") as connection:
        (request_id,) = connection.execute(
            "INSERT INTO hub.requests (tenant_id, type, channel, received_at, due_at, created_by)"
            " VALUES (%s, 'access', 'email', now(), now(), 'test') RETURNING request_id",
            (tenant_id,),
        ).fetchone() or (None,)
        connection.execute(
            "INSERT INTO hub.request_identifiers (tenant_id, request_id, kind, pseudonym, verified)"
            " VALUES (%s, %s, %s, %s, true)",
            (tenant_id, request_id, *tckn),
        )
        connection.execute(
            "INSERT INTO hub.request_subjects (tenant_id, request_id, subject_id, reached_by, decision)"
            " VALUES (%s, %s, %s, 'weak', 'review')",
            (tenant_id, request_id, UUID(calls)),
        )
    reviews = Reviews(shop.database, shop.keyring, {PROVIDER.name: PROVIDER}, shop.policies)

    (waiting,) = reviews.waiting(tenant_id)

    assert (waiting.request_id, waiting.subjects) == (request_id, (calls,))
    (doubt,) = waiting.doubts
    assert (doubt.kind, doubt.pseudonym) == phone
    assert sum(each.rows for each in doubt.days) == 1
    value = order.row()["customer_phone"]
    assert value not in str(waiting)

    with shop.database.tenant(tenant_id, "app") as connection:
        connection.execute("UPDATE hub.request_subjects SET decision = 'excluded'")
    assert reviews.waiting(tenant_id) == []
