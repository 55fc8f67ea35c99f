"""A landed stream as an export reads it: who its rows are about, which texts they hold, what leads from row to row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

from kvkk_policies.landing import LandingColumn, landing_columns
from kvkk_policies.subjects import rank_of

if TYPE_CHECKING:
    from connectors.contract import Provider, Stream
    from kvkk_policies.policy import ColumnPolicy, StreamPolicy

ROWS_AT_ONCE = 1_000
"""Rows that are in memory at a time, with their texts in clear."""

IDENTIFIER, TEXT, TEXT_ALONE, RELATED = "identifier", "text", "text_alone", "related"
"""How a row was found. `text_alone`: it is about somebody else."""


@dataclass(frozen=True)
class LandedStream:
    """A stream with the policy that its tables follow (`base`) and the one in force for the tenant (`policy`)."""

    provider: Provider
    stream: Stream
    base: StreamPolicy
    policy: StreamPolicy

    @property
    def name(self) -> str:
        """`<provider>.<stream>`, as the vault names it."""
        return f"{self.provider.name}.{self.stream.name}"

    @property
    def table(self) -> sql.Identifier:
        """The landing table."""
        return sql.Identifier("landing", f"{self.provider.name}_{self.stream.name}")

    @property
    def keys(self) -> sql.Identifier:
        """The temporary table of the person's rows."""
        return sql.Identifier("pg_temp", f"export_{self.provider.name}_{self.stream.name}"[:60])

    @cached_property
    def columns(self) -> tuple[LandingColumn, ...]:
        """What landed."""
        return landing_columns(self.stream, self.base)

    @property
    def row_key(self) -> tuple[str, ...]:
        """Key columns in the order in which the gate joins them for the vault: as they landed."""
        return tuple(column.name for column in self.columns if column.key)

    @cached_property
    def identifying(self) -> tuple[ColumnPolicy, ...]:
        """Landed columns whose values lead to a person, strongest first."""
        landed = {column.name for column in self.columns if column.action in ("keep", "pseudonymise", "vault")}
        return tuple(
            sorted(
                (each for each in self.base.columns.values() if each.identifies and each.name in landed), key=rank_of
            )
        )

    @cached_property
    def groups(self) -> Mapping[str, tuple[ColumnPolicy, ...]]:
        """Identifying columns by the subject that they speak of; one without a subject speaks for itself."""
        found: dict[str, list[ColumnPolicy]] = {}
        for column in self.identifying:
            found.setdefault(column.subject or f"column {column.name}", []).append(column)
        return {name: tuple(columns) for name, columns in found.items()}

    @cached_property
    def day(self) -> sql.Composable | None:
        """The Istanbul day of a row (alias `t`): by what the policy says dates it, else its key, else its version."""
        types = {column.name: column.type for column in self.columns}
        candidates = (self.base.dated, *self.stream.key, self.stream.version)
        dated = [name for name in candidates if types.get(name or "") in _TIMES]
        if not dated or dated[0] is None:
            return None
        column = qualified(dated[0], "t.")
        return (
            column if types[dated[0]] == "date" else sql.SQL("({} AT TIME ZONE 'Europe/Istanbul')::date").format(column)
        )

    @property
    def scanned(self) -> tuple[str, ...]:
        """Landed columns of free text."""
        return tuple(
            each.name
            for each in self.columns
            if "scan" in (self.base.columns[each.name].action, self.policy.columns[each.name].action)
        )

    @property
    def may_be_clear(self) -> tuple[ColumnPolicy, ...]:
        """Identifying columns in which a tenant's choice may have left values in clear."""
        return tuple(each for each in self.identifying if each.action == "keep" or "keep" in each.overridable)


def in_order(streams: Sequence[LandedStream]) -> list[LandedStream]:
    """Streams behind those to whose rows theirs belong. ValueError if they lead in a circle."""
    done: list[LandedStream] = []
    left = list(streams)
    while left:
        names = {each.name for each in left}
        ready = [
            each
            for each in left
            if not any(f"{each.provider.name}.{other.stream}" in names for other in each.stream.belongs_to)
        ]
        if not ready:
            raise ValueError("streams belong to each other in a circle: " + ", ".join(sorted(names)))
        done += ready
        left = [each for each in left if each not in ready]
    return done


def row_key_expression(each: LandedStream, alias: LiteralString = "t.") -> sql.Composable:
    """The row's key as the gate writes it for the vault (values as Arrow prints them, joined by `|`)."""
    types = {column.name: column.type for column in each.columns}
    parts = [sql.SQL(_AS_ARROW_PRINTS[types[name]]).format(qualified(name, alias)) for name in each.row_key]
    return sql.SQL(" || '|' || ").join(parts)


_TIMES = ("timestamp", "date")
_AS_ARROW_PRINTS: dict[str, LiteralString] = {
    "text": "{}",
    "json": "{}::text",
    "int": "{}::text",
    "bool": "{}::text",
    "decimal": "{}::numeric(38, 9)::text",
    "date": "to_char({}, 'YYYY-MM-DD')",
    "timestamp": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US\"Z\"')",
}


def columns_of(names: Sequence[str], alias: LiteralString = "") -> sql.Composable:
    """Columns with commas between them."""
    return sql.SQL(", ").join(qualified(name, alias) for name in names)


def qualified(name: str, alias: LiteralString) -> sql.Composable:
    """A column, behind the table's alias if one is given."""
    return sql.SQL(alias) + sql.Identifier(name)
