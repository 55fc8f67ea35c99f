"""A question about one dataset: which columns, which rows, from where on. Names are checked, values are bound."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.errors import HubError
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.sql import Composable

    from hub.db.database import Database
    from hub.reading.datasets import Column, Dataset

_OPERATORS = {"eq": "=", "ne": "IS DISTINCT FROM", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
OPERATORS = (*_OPERATORS, "in", "null")
_FILTER = re.compile(r"([a-z_][a-z0-9_]{0,62}):([a-z]+):(.*)", re.DOTALL)
_MOST_FILTERS, _MOST_CHOICES = 20, 200
_STATEMENT_SECONDS = 20
_BOUNDS = (
    f"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{_STATEMENT_SECONDS}s'; SET LOCAL timezone = 'UTC'"
).encode()


@dataclass(frozen=True)
class Filter:
    """`column:operator:value`, such as `paid_on:gte:2026-11-01`, `currency:in:TRY,EUR` or `refund_id:null:true`."""

    column: Column
    operator: str
    value: str


@dataclass(frozen=True)
class Rows:
    """A page: columns by name and rows in the key's order; `last_key` is None at the end."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    last_key: tuple[str, ...] | None


def parsed(dataset: Dataset, texts: Sequence[str]) -> list[Filter]:
    """The filters. InvalidInput names the one that is wrong, and how to write it or the columns there are."""
    if len(texts) > _MOST_FILTERS:
        raise InvalidInput([Problem("filter", "field_too_many", {"most": _MOST_FILTERS})])
    return [_parsed(dataset, text) for text in texts]


def chosen(dataset: Dataset, names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of those names, all of them for none. InvalidInput for one that is not there."""
    return tuple(dataset.column(name) for name in dict.fromkeys(names)) if names else dataset.columns


def read(
    database: Database,
    tenant_id: str,
    dataset: Dataset,
    *,
    columns: tuple[Column, ...],
    filters: Sequence[Filter],
    after: Sequence[str | int] | None,
    limit: int,
) -> Rows:
    """A page of the tenant's rows after a key. Reads at most `limit` rows and one more.

    InvalidInput for a value that is none of its column's type, HubError `reading_too_long` after twenty seconds.
    """
    import psycopg
    from psycopg import sql

    key = [dataset.column(name) for name in dataset.key]
    conditions: list[Composable] = [sql.SQL("tenant_id = {}").format(sql.Placeholder())]
    values: list[Any] = [tenant_id]
    conditions.extend(_condition(each, values) for each in filters)
    if after is not None:
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in key)
        holes = sql.SQL(", ").join(_cast(column) for column in key)
        conditions.append(sql.SQL("({}) > ({})").format(names, holes))
        values.extend(str(each) for each in after)
    query = sql.SQL("SELECT {}, {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
        sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
        # Under names of their own: ORDER BY would not know which of two columns of one name is meant.
        sql.SQL(", ").join(
            sql.SQL("{}::text AS {}").format(sql.Identifier(column.name), sql.Identifier(f"key {place}"))
            for place, column in enumerate(key)
        ),
        sql.Identifier(dataset.schema, dataset.name),
        sql.SQL(" AND ").join(conditions),
        sql.SQL(", ").join(sql.Identifier(name) for name in ("tenant_id", *dataset.key)),
        sql.Placeholder(),
    )
    try:
        with database.tenant(tenant_id, "reader") as connection:
            connection.execute(_BOUNDS)
            found = connection.execute(query, [*values, limit + 1]).fetchall()
    except psycopg.errors.QueryCanceled:
        raise HubError("reading_too_long", seconds=_STATEMENT_SECONDS) from None
    except psycopg.DataError:
        raise InvalidInput([Problem("filter", "filter_value_wrong")]) from None
    width = len(columns)
    page = found[:limit]
    last = tuple(page[-1][width:]) if len(found) > limit else None
    return Rows(columns, [row[:width] for row in page], last)


def _parsed(dataset: Dataset, text: str) -> Filter:
    match = _FILTER.fullmatch(text)
    if match is None or match[2] not in OPERATORS or "\x00" in text:
        raise InvalidInput([Problem("filter", "filter_malformed", {"operators": ", ".join(OPERATORS)})])
    found = Filter(dataset.column(match[1], named_in="filter"), match[2], match[3])
    if found.operator == "null" and found.value not in {"true", "false"}:
        raise InvalidInput([Problem("filter", "filter_malformed", {"operators": ", ".join(OPERATORS)})])
    if found.operator == "in" and found.value.count(",") >= _MOST_CHOICES:
        raise InvalidInput([Problem("filter", "field_too_many", {"most": _MOST_CHOICES})])
    return found


def _condition(filter_: Filter, values: list[Any]) -> Composable:
    from psycopg import sql

    name = sql.Identifier(filter_.column.name)
    if filter_.operator == "null":
        return sql.SQL("{} IS NULL" if filter_.value == "true" else "{} IS NOT NULL").format(name)
    if filter_.operator == "in":
        choices = filter_.value.split(",")
        values.extend(choices)
        holes = sql.SQL(", ").join(_cast(filter_.column) for _choice in choices)
        return sql.SQL("{} IN ({})").format(name, holes)
    values.append(filter_.value)
    operator = sql.SQL(_OPERATORS[filter_.operator])  # pyright: ignore[reportArgumentType] - one of our six
    return sql.SQL("{} {} {}").format(name, operator, _cast(filter_.column))


def _cast(column: Column) -> Composable:
    """A placeholder whose text becomes the column's type in the database, by its own rules."""
    from psycopg import sql

    type_ = sql.SQL(column.type)  # pyright: ignore[reportArgumentType] - the catalogue's own word
    return sql.SQL("{}::text::{}").format(sql.Placeholder(), type_)
