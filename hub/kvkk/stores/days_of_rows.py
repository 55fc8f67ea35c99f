"""Rows that are a person's by their day: they carry a shared identifier on a day on which it was the person's alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg import sql

from connectors.istanbul import day_of, start_of

if TYPE_CHECKING:
    from datetime import date

    from hub.kvkk.person import Period
    from hub.kvkk.stores.landed import LandedStream, Row
    from hub.kvkk.traces import Pair
    from kvkk_policies.policy import ColumnPolicy


class DaysOfRows:
    """The person's days in one stream. A row that is of no day is nobody's by its day."""

    def __init__(self, landed: LandedStream, days: Collection[Period]) -> None:
        self._landed = landed
        self._days = sorted(days, key=str) if landed.dated is not None else []
        self.pairs: frozenset[Pair] = frozenset((each.kind, each.pseudonym) for each in self._days)

    def cover(self, pair: Pair, row: Row) -> bool:
        """Whether the identifier was the person's on the row's day."""
        if pair not in self.pairs:
            return False
        moment = row.get(self._landed.dated or "")
        if moment is None:
            return False
        day = day_of(moment) if isinstance(moment, datetime) else moment
        return any(each.covers(day) for each in self._days if (each.kind, each.pseudonym) == pair)

    def matches(self, column: ColumnPolicy, clear: Mapping[str, Pair]) -> Iterator[sql.Composable]:
        """Conditions for rows of those days. `clear` are the column's values in clear with what they stand for."""
        for each in self._days:
            pair = (each.kind, each.pseudonym)
            values = [each.pseudonym, *(value for value, its in clear.items() if its == pair)]
            bounds = [(">=", each.since), ("<", each.until)]
            conditions = [
                sql.SQL("{} = ANY({})").format(sql.Identifier(column.name), sql.Literal(values)),
                *(self._bound(operator, day) for operator, day in bounds if day is not None),
            ]
            yield sql.SQL("({})").format(sql.SQL(" AND ").join(conditions))

    def _bound(self, operator: Any, day: date) -> sql.Composable:
        dated = self._landed.dated or ""
        bound = day if self._landed.types[dated] == "date" else start_of(day)
        return sql.SQL("{} {} {}").format(sql.Identifier(dated), sql.SQL(operator), sql.Literal(bound))
