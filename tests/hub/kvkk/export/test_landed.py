"""Which rows are a person's, and by what their texts are found again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from psycopg import sql

from connectors.contract import Belonging
from connectors.registry import PROVIDERS
from hub.kvkk.export.build import Exporter
from hub.kvkk.export.in_force import streams_in_force
from hub.kvkk.export.landed import LandedStream, in_order, row_key_expression
from hub.kvkk.export.sections_landing import row_keys
from hub.sync.batch import Engine
from tests.hub.kvkk.export import people

MakeTenant = Callable[..., str]


@pytest.fixture(scope="module")
def tenant_id(engine: Engine, make_tenant: MakeTenant) -> str:
    made = make_tenant()
    people.load_everything(engine, made)
    return made


@pytest.fixture(scope="module")
def streams(exporter: Exporter, tenant_id: str) -> list[LandedStream]:
    return streams_in_force(exporter.database, tenant_id, exporter.providers, exporter.policies)


def test_the_database_names_rows_as_the_gate_did(engine: Engine, tenant_id: str, streams: list[LandedStream]) -> None:
    checked: set[str] = set()
    for each in streams:
        names = [column.name for column in each.columns]
        statement = sql.SQL("SELECT {}, {} FROM {} AS t").format(
            row_key_expression(each), sql.SQL(", ").join(map(sql.Identifier, names)), each.table
        )
        with engine.database.tenant(tenant_id, "loader") as connection:
            rows = connection.execute(statement).fetchall()
        if rows:
            told = row_keys(each, [dict(zip(names, row[1:], strict=True)) for row in rows])
            assert told == [row[0] for row in rows], each.name
            types = {column.name: column.type for column in each.columns}
            checked |= {types[name] for name in each.stream.key}
    assert checked == {"text", "int", "date", "timestamp"}


def test_the_gates_own_keys_of_texts_find_their_rows(
    engine: Engine, tenant_id: str, streams: list[LandedStream]
) -> None:
    found: set[str] = set()
    for each in streams:
        with engine.database.tenant(tenant_id, "vault") as connection:
            kept = {
                row[0]
                for row in connection.execute("SELECT row_key FROM vault.mentions WHERE stream = %s", (each.name,))
            }
        if not kept:
            continue
        statement = sql.SQL("SELECT {} FROM {} AS t").format(row_key_expression(each), each.table)
        with engine.database.tenant(tenant_id, "loader") as connection:
            assert kept <= {row[0] for row in connection.execute(statement)}
        found.add(each.name)
    assert found >= {"iyzico.transactions", "iyzico.settlement_files"}


def test_every_stream_that_belongs_to_another_names_columns_of_both(streams: list[LandedStream]) -> None:
    landed = {each.name: {column.name for column in each.columns} for each in streams}
    for each in streams:
        for belonging in each.stream.belongs_to:
            assert set(belonging.columns) <= landed[each.name]
            assert set(belonging.of) <= landed[f"{each.provider.name}.{belonging.stream}"]
            assert len(belonging.columns) == len(belonging.of)


def test_every_child_of_a_stream_belongs_to_it_unless_nobody_is_in_either() -> None:
    without = {
        f"{provider.name}.{stream.name}"
        for provider in PROVIDERS.values()
        for stream in provider.streams
        if stream.parent and stream.parent not in {each.stream for each in stream.belongs_to}
    }

    assert without == {"bulutfon.group_members"}  # a group is nobody's; its members are numbers of their own


def test_streams_come_behind_those_to_which_they_belong(streams: list[LandedStream]) -> None:
    names = [each.name for each in in_order(streams[::-1])]

    assert sorted(names) == sorted(each.name for each in streams)
    assert names.index("iyzico.refunds") > names.index("iyzico.payment_details")
    assert names.index("iyzico.payment_details") > names.index("iyzico.subscription_attempts")


def test_a_circle_is_an_error_and_not_an_endless_loop(streams: list[LandedStream]) -> None:
    calls = next(each for each in streams if each.name == "bulutfon.calls")
    circle = replace(calls.stream, belongs_to=(Belonging("calls", ("call_id",), ("call_id",)),))

    with pytest.raises(ValueError, match="circle"):
        in_order([replace(calls, stream=circle)])
