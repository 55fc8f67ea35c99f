"""Reading landing tables and marts page by page, in the tenant's own rows alone."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow.parquet as pq
import pytest
from psycopg import sql

from hub.errors import HubError
from hub.i18n import speaking
from hub.reading import datasets, formats, question
from hub.validation import InvalidInput
from tests.isolation.seeds import tenant_tables

if TYPE_CHECKING:
    from hub.db.database import Database
    from tests.conftest import MakeTenant

WRITERS = {"landing": "loader", "marts": "transformer"}


@pytest.fixture(scope="module")
def tenants(database: Database, make_tenant: MakeTenant) -> tuple[str, str]:
    """Two tenants with seven rows each in every table, the same keys in both."""
    own, other = make_tenant(), make_tenant()
    with database.without_tenant() as connection:
        tables = tenant_tables(connection)
    for name, table in tables.items():
        schema = name.partition(".")[0]
        if schema not in WRITERS:
            continue
        for tenant_id in (own, other):
            opened = database.tenant(tenant_id, "loader") if schema == "landing" else database.crossing("transformer")
            with opened as connection:
                for number in range(7):
                    query, values = table.insert(table.row(tenant_id, f"m{number}"))
                    connection.execute(query, values)
    return own, other


def read(database: Database, tenant_id: str, name: str, *, filters: tuple[str, ...] = (), limit: int = 3) -> list[Any]:
    """All pages of a dataset."""
    dataset = datasets.dataset(database, tenant_id, name)
    rows: list[Any] = []
    after = None
    while True:
        page = question.read(
            database,
            tenant_id,
            dataset,
            columns=question.chosen(dataset, ()),
            filters=question.parsed(dataset, filters),
            after=after,
            limit=limit,
        )
        assert len(page.rows) <= limit
        rows.extend(page.rows)
        after = page.last_key
        if after is None:
            return rows


def test_every_table_is_read_whole_page_by_page_and_never_another_tenants(
    database: Database, tenants: tuple[str, str]
) -> None:
    own, _other = tenants
    found = datasets.datasets(database, own)
    assert {name.partition(".")[0] for name in found} == {"landing", "marts"}
    for name, dataset in found.items():
        rows = read(database, own, name)
        places = [[column.name for column in dataset.columns].index(key) for key in dataset.key]
        keys = [tuple(row[place] for place in places) for row in rows]
        assert len(keys) == len(set(keys)) == 7, name


def test_a_tenant_without_rows_sees_none_of_the_others(
    database: Database, make_tenant: MakeTenant, tenants: tuple[str, str]
) -> None:
    nobody = make_tenant()
    assert all(read(database, nobody, name) == [] for name in datasets.datasets(database, tenants[0]))


def test_the_reading_role_can_change_nothing(database: Database, tenants: tuple[str, str]) -> None:
    for name in datasets.datasets(database, tenants[0]):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            database.tenant(tenants[0], "reader") as connection,
        ):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*name.split("."))))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("payment_id:eq:m3", 1),
        ("payment_id:ne:m3", 6),
        ("payment_id:gt:m3", 3),
        ("payment_id:gte:m3", 4),
        ("payment_id:lt:m3", 3),
        ("payment_id:lte:m3", 4),
        ("payment_id:in:m1,m2,zzz", 2),
        ("payment_id:null:false", 7),
        ("payment_id:null:true", 0),
        ("payment_id:eq:'; DROP TABLE landing.iyzico_payment_details; --", 0),
        ("payment_id:eq:m3' OR '1'='1", 0),
    ],
)
def test_filters_choose_rows(database: Database, tenants: tuple[str, str], text: str, count: int) -> None:
    assert len(read(database, tenants[0], "landing.iyzico_payment_details", filters=(text,))) == count


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("payment_id", "filter_malformed"),
        ("payment_id:like:m%", "filter_malformed"),
        ("payment_id:null:perhaps", "filter_malformed"),
        ("payment_id:eq:\x00", "filter_malformed"),
        ("payment_id:in:" + "," * 200, "field_too_many"),
    ],
)
def test_a_filter_that_is_none_is_named_with_its_form(
    database: Database, tenants: tuple[str, str], text: str, code: str
) -> None:
    dataset = datasets.dataset(database, tenants[0], "landing.iyzico_payment_details")
    with pytest.raises(InvalidInput) as refused:
        question.parsed(dataset, [text])
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_value_of_another_type_is_the_filters_fault(database: Database, tenants: tuple[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(database, tenants[0], "marts.payments", filters=("paid_on:eq:soon",))
    assert refused.value.problems[0].code == "filter_value_wrong"


def test_tables_and_columns_that_are_not_there_are_refused(database: Database, tenants: tuple[str, str]) -> None:
    for name in ("hub.users", "vault.identifiers", "landing.iyzico_payment_details; --", "pg_catalog.pg_class"):
        with pytest.raises(HubError, match="dataset_unknown"):
            datasets.dataset(database, tenants[0], name)
    dataset = datasets.dataset(database, tenants[0], "landing.iyzico_payment_details")
    for name in ("tenant_id", "nothing", "payment_id; --"):
        with pytest.raises(InvalidInput) as refused:
            question.chosen(dataset, [name])
        assert [(one.field, one.code) for one in refused.value.problems] == [("column", "column_unknown")]
    with pytest.raises(InvalidInput) as refused:
        question.parsed(dataset, ["nothing:eq:1"])
    assert refused.value.problems[0].field == "filter"
    assert "payment_id" in str(refused.value.problems[0].params["known"])


def test_the_three_forms_hold_the_same_rows(database: Database, tenants: tuple[str, str]) -> None:
    for name, dataset in datasets.datasets(database, tenants[0]).items():
        page = question.read(database, tenants[0], dataset, columns=dataset.columns, filters=[], after=None, limit=10)
        plain = formats.json_rows(page)
        with speaking("tr"):
            text = formats.csv_bytes(page).decode().removeprefix("\ufeff")
        lines = list(csv.DictReader(io.StringIO(text), delimiter=";"))
        stored = pq.read_table(io.BytesIO(formats.parquet_bytes(page))).to_pylist()
        key = dataset.key[0]
        assert len(plain) == len(lines) == len(stored) == 7, name
        assert {str(row[key]) for row in plain} == {row[key].replace(",", ".") for row in lines}, name
        assert [set(row) for row in stored] == [set(row) for row in plain], name
