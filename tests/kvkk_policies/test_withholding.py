"""Rows that an erasure would have emptied come out of the gate empty, by whom they name and by when they are of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Column, Snapshot, Stream
from kvkk_policies.gate import Gate
from kvkk_policies.gated import Gated
from kvkk_policies.policy import ColumnPolicy, ProviderPolicy, StreamPolicy
from kvkk_policies.pseudonym import Pseudonymiser
from tests.support.shop import NoDetector, tckn

PSEUDONYMISER = Pseudonymiser(bytes(range(32)))
ERASED, OTHER = tckn(100_000_001), tckn(200_000_002)
PHONE, SHARED = "05320000001", "05320000002"
THEN, BEFORE, AFTER = (datetime(2026, 11, day, tzinfo=UTC) for day in (10, 9, 11))
FAR = datetime(2026, 12, 1, tzinfo=UTC)

STREAM = Stream(
    name="things",
    title="Things",
    description="Things.",
    columns=(
        Column("unit", "text", "Key that names somebody.", nullable=False),
        Column("at", "timestamp", "When."),
        Column("tckn", "text", "Who."),
        Column("phone", "text", "Who, less surely."),
        Column("city", "text", "Where they live."),
        Column("amount", "int", "A fact."),
    ),
    key=("unit",),
    plan=Snapshot(),
)


def column(name: str, action: Any, category: str = "KIMLIK", **more: Any) -> ColumnPolicy:
    return ColumnPolicy(name, category, "contract", "P1Y", action, **more)


COLUMNS = {
    each.name: each
    for each in (
        column("unit", "pseudonymise", kind="device", strength="weak", subject="owner"),
        column("at", "keep", "MUSTERI"),
        column("tckn", "vault", kind="tckn", subject="owner"),
        column("phone", "vault", "ILETISIM", kind="phone", subject="owner"),
        column("city", "keep", "ILETISIM"),
        column("amount", "keep", "MUSTERI"),
    )
}
POLICY = StreamPolicy("things", "x", (), (), COLUMNS, dated="at")


class List:
    """A suppression list of pseudonyms: named ones, and those that count as anchors only."""

    def __init__(
        self,
        *named: str,
        anchors: tuple[str, ...] = (),
        renewed: bool = False,
        days: tuple[str, datetime | None, datetime | None] | None = None,
    ) -> None:
        self._named, self._anchors, self._renewed, self._days = named, anchors, renewed, days

    def named(self, kind: str, pseudonym: str, *, dated: bool) -> datetime | None:
        return THEN if pseudonym in self._named and (dated or not self._renewed) else None

    def anchored(self, kind: str, pseudonym: str, *, dated: bool) -> datetime | None:
        return THEN if pseudonym in self._anchors else self.named(kind, pseudonym, dated=dated)

    def anchored_for_days(self, kind: str, pseudonym: str) -> list[tuple[datetime | None, datetime | None, datetime]]:
        return [(*self._days[1:], FAR)] if self._days is not None and self._days[0] == pseudonym else []

    def key_mark(self, kind: str, pseudonym: str) -> str:
        return f"erased_{kind}"


def row(**changes: Any) -> dict[str, Any]:
    whole = {"unit": "N1", "at": BEFORE, "tckn": ERASED, "phone": PHONE, "city": "İzmir", "amount": 5}
    return whole | changes


def gated(erased: List, *rows: dict[str, Any], policy: StreamPolicy = POLICY) -> Gated:
    policies = {"shop": ProviderPolicy("shop", 1, {"things": policy}, Path())}
    return Gate(policies, NoDetector()).apply(
        provider="shop", stream=STREAM, rows=rows, pseudonymiser=PSEUDONYMISER, erased=erased
    )


def of(kind: str, value: str) -> str:
    from kvkk_policies.canonical import canonical

    form = canonical(kind, value)
    assert form is not None
    return PSEUDONYMISER.one(kind, form)


GONE = {"unit": "erased_device", "at": BEFORE, "tckn": None, "phone": None, "city": None, "amount": 5}


def test_who_is_erased_leaves_facts_and_neither_originals_nor_identifiers() -> None:
    result = gated(List(of("tckn", ERASED)), row(), row(unit="N2", tckn=OTHER, phone=SHARED))

    first, second = result.table.to_pylist()
    assert first == GONE
    assert second["tckn"] == of("tckn", OTHER)
    assert second["city"] == "İzmir"
    assert {each.value for each in result.originals} == {OTHER, SHARED}
    assert {each.anchor[1] for each in result.identifiers} == {of("tckn", OTHER)}


@pytest.mark.parametrize(("at", "gone"), [(BEFORE, True), (THEN, False), (AFTER, False), (None, True)])
def test_the_records_own_day_divides_an_old_relation_from_a_new_one(at: datetime | None, gone: bool) -> None:
    result = gated(List(of("tckn", ERASED)), row(at=at))
    assert (result.table.to_pylist()[0]["tckn"] is None) is gone
    assert (result.originals == []) is gone


def test_a_shared_identifier_means_the_erased_only_where_nothing_stronger_names_somebody() -> None:
    erased = List(anchors=(of("phone", SHARED),))
    alone, relative = gated(
        erased, row(tckn=None, phone=SHARED), row(unit="N2", tckn=OTHER, phone=SHARED)
    ).table.to_pylist()
    assert alone["phone"] is None
    assert relative["phone"] == of("phone", SHARED)


@pytest.mark.parametrize(
    ("since", "until", "gone"),
    [
        (BEFORE, AFTER, [True, True, False, False]),
        (THEN, None, [False, True, True, False]),
        (None, THEN, [True, False, False, False]),
        (None, None, [True, True, True, False]),
    ],
)
def test_an_identifier_that_was_the_erased_persons_for_days_means_them_on_those_days(
    since: datetime | None, until: datetime | None, gone: list[bool]
) -> None:
    erased = List(days=(of("phone", SHARED), since, until))
    rows = [row(unit=f"N{place}", at=at, tckn=None, phone=SHARED) for place, at in enumerate((BEFORE, THEN, AFTER))]
    undated = row(unit="N4", at=None, tckn=None, phone=SHARED)

    landed = gated(erased, *rows, undated, row(unit="N5", tckn=OTHER, phone=SHARED)).table.to_pylist()

    assert [each["phone"] is None for each in landed] == [*gone, False]


def test_days_after_the_erasure_are_a_new_relation() -> None:
    erased = List(days=(of("phone", SHARED), None, None))
    late = row(at=FAR, tckn=None, phone=SHARED)
    assert gated(erased, late).table.to_pylist()[0]["phone"] == of("phone", SHARED)


def test_what_is_of_no_day_stays_empty_until_there_is_a_new_relation() -> None:
    undated = replace(POLICY, dated=None)
    named = of("tckn", ERASED)
    assert gated(List(named), row(at=AFTER), policy=undated).table.to_pylist()[0]["tckn"] is None
    assert gated(List(named, renewed=True), row(at=AFTER), policy=undated).table.to_pylist()[0]["tckn"] == named
    assert gated(List(named, renewed=True), row()).table.to_pylist()[0]["tckn"] is None


def test_a_list_of_others_changes_nothing() -> None:
    free = gated(List(), row(), row(unit="N2", tckn=OTHER))
    listed = gated(List("tckn_aaaaaaaaaaaaaaaaaaaaaaaaaa"), row(), row(unit="N2", tckn=OTHER))
    assert listed.table.equals(free.table)
    assert listed.originals == free.originals
