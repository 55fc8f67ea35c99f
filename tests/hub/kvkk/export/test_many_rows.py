"""A person with many rows: read through a cursor and packed in memory that does not grow with them, with progress."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from hub.kvkk.audit import Actor
from hub.kvkk.export import build, landed, record
from hub.kvkk.export.build import Exporter
from hub.kvkk.export.order import Order
from hub.sync.batch import Engine
from tests.hub.kvkk.export import people
from tests.hub.kvkk.export.people import AT, AYSE, BULUTFON, IYZICO, OTHER, SPELLINGS

MakeTenant = Callable[..., str]


def load(engine: Engine, tenant_id: str, calls: int, notes: int) -> tuple[str, str]:
    """Calls of Ayşe, and payments with notes about her, each with an original in the vault. Her phone's identifier."""
    call = people.bulutfon_rows()["calls"][0]
    people.tell(
        engine,
        tenant_id,
        BULUTFON,
        {"calls": [{**call, "call_id": f"K{n}", "customer_phone": SPELLINGS["phone"][n % 5]} for n in range(calls)]},
    )
    movements = [
        {
            "transaction_type": "PAYMENT",
            "transaction_id": f"T{n}",
            "transaction_date": AT,
            "conversation_id": f"{n}. sipariş: {SPELLINGS['phone'][n % 3]} aradı, {OTHER['phone']} numarasına iletildi",
        }
        for n in range(notes)
    ]
    people.tell(engine, tenant_id, IYZICO, {"transactions": movements})
    return "phone", people.pseudonym(engine, tenant_id, "phone", AYSE["phone"])


def peak_of(exporter: Exporter, order: Order, steps: list[tuple[int, int]]) -> tuple[int, int]:
    """Rows of a package and the most memory that Python held while it was made, in bytes."""
    tracemalloc.start()
    try:
        built = exporter.export(order, lambda done, total: steps.append((done, total)))
        return built.rows, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_rows_come_in_batches_and_progress_is_told_and_kept(
    exporter: Exporter, engine: Engine, make_tenant: MakeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landed, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(build, "PROGRESS_ROWS", 10)
    tenant_id = make_tenant()
    named = load(engine, tenant_id, calls=25, notes=15)
    steps: list[tuple[int, int]] = []

    built = exporter.export(Order(tenant_id, [named], Actor("masa", "operator")), lambda *step: steps.append(step))

    assert steps[:4] == [(0, 40), (10, 40), (20, 40), (30, 40)]
    assert steps[-1] == (built.rows, built.rows)
    (kept,) = record.listed(exporter.database, tenant_id)
    assert (kept.rows_done, kept.rows_total) == steps[-1]
    with exporter.database.tenant(tenant_id, "app") as connection:
        counts = connection.execute(
            "SELECT count FROM hub.audit_log WHERE action = 'original_read' AND details ->> 'source' = 'vault.texts'"
            " ORDER BY seq"
        ).fetchall()
    assert [count for (count,) in counts] == [7, 7, 1]


@pytest.mark.prove
def test_a_hundred_thousand_rows_take_no_more_memory_than_ten_thousand(
    exporter: Exporter, engine: Engine, make_tenant: MakeTenant
) -> None:
    peaks: dict[int, int] = {}
    # The first package of a process also loads word lists and fonts, which is none of the rows' doing.
    for calls, notes in ((80, 20), (8_000, 2_000), (80_000, 20_000)):
        tenant_id = make_tenant()
        named = load(engine, tenant_id, calls, notes)
        steps: list[tuple[int, int]] = []
        started = time.perf_counter()
        rows, peaks[calls + notes] = peak_of(exporter, Order(tenant_id, [named], Actor("masa", "operator")), steps)
        took = time.perf_counter() - started
        print(f"{rows} rows: {peaks[calls + notes] / 1e6:.1f} MB at most, {took:.0f} s, {len(steps)} steps")
        assert calls + notes <= rows
        assert len(steps) > (calls + notes) // build.PROGRESS_ROWS

    assert peaks[100_000] < 20_000_000
    assert peaks[100_000] < 1.2 * peaks[10_000]
