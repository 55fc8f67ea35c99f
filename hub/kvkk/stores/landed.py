"""One stream's landed rows of one person: found by who a row names, emptied in batches in the order of the key."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from psycopg import sql

from hub.kvkk.stores.days_of_rows import DaysOfRows
from hub.kvkk.stores.emptied import LOADED_AT, identifiers, write_changes
from kvkk_policies.canonical import canonical_or_raw, kind_of
from kvkk_policies.emptying import Emptying, emptyings, scanned_columns
from kvkk_policies.landing import landing_columns
from kvkk_policies.tightening import PSEUDONYM
from kvkk_policies.vocabulary import NO_PERSONAL_DATA
from kvkk_policies.withholding import unmarked

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.contract import Stream
    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys
    from hub.kvkk.traces import Pair, Traces
    from kvkk_policies.policy import ColumnPolicy, StreamPolicy

ROWS_AT_ONCE = 2_000

_PSEUDONYM = re.compile(PSEUDONYM)

Row = Mapping[str, Any]
Change = dict[str, Any]
"""New values of one row by column; None empties."""


@dataclass(frozen=True)
class LandedStream:
    """A landing table with the policy in force for the tenant. `base` is the policy file's: it made the table."""

    provider: str
    stream: Stream
    policy: StreamPolicy
    base: StreamPolicy

    @property
    def table(self) -> str:
        """The landing table's name without its schema."""
        return f"{self.provider}_{self.stream.name}"

    @cached_property
    def types(self) -> dict[str, str]:
        """Landed columns and their Postgres types."""
        return {column.name: column.postgres_type for column in landing_columns(self.stream, self.base)}

    @cached_property
    def emptyings(self) -> tuple[Emptying, ...]:
        """Subjects of the rows."""
        return emptyings(self.policy, self.stream)

    @cached_property
    def naming(self) -> tuple[ColumnPolicy, ...]:
        """Landed columns that name somebody."""
        named = {each.name: each for emptying in self.emptyings for each in emptying.identifying}
        return tuple(each for name, each in named.items() if self.types.get(name) == "text")

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Landed columns whose texts mention people."""
        return tuple(name for name in scanned_columns(self.policy) if self.types.get(name) == "text")

    @cached_property
    def dated(self) -> str | None:
        """The landed column that says when a record happened."""
        name = self.policy.dated or self.stream.version
        return name if name in self.types else None

    @cached_property
    def read(self) -> tuple[str, ...]:
        """What must be read of a row to know what goes."""
        wanted = {*self.stream.key, *(each.name for each in self.naming), *self.texts, self.dated}
        for emptying in self.emptyings:
            wanted |= {*emptying.empties, *emptying.texts, *emptying.rekeys}
        return tuple(name for name in self.types if name in wanted)

    def category(self, column: str) -> str:
        """The column's data category."""
        return self.policy.columns[column].category


class PersonsRows:
    """The rows of one stream that are a person's, or mention them."""

    def __init__(self, landed: LandedStream, keys: TenantKeys, traces: Traces, before: datetime | None) -> None:
        self.landed = landed
        self._keys = keys
        self._traces = traces
        self._before = before
        self._days = DaysOfRows(landed, traces.days)
        self._clear: dict[str, dict[str, Pair]] = {}

    def categories(self, connection: Connection) -> Counter[str]:
        """In how many rows something of each data category would go."""
        found: Counter[str] = Counter()
        after: tuple[Any, ...] | None = None
        while rows := self.batch(connection, after):
            for row in rows:
                found.update({self.landed.category(name) for name in self.change(row)} - {NO_PERSONAL_DATA})
            after = self.key_of(rows[-1])
        return found

    def batch(self, connection: Connection, after: tuple[Any, ...] | None) -> list[Row]:
        """The next rows behind a key that name or mention the person."""
        landed = self.landed
        if not landed.naming and not landed.texts:
            return []
        if after is None:
            self._read_clear(connection)
        given: dict[str, Any] = {"tenant": self._traces.tenant_id, "before": self._before}
        matches: list[sql.Composable] = []
        for place, column in enumerate(landed.naming):
            clear = self._clear.get(column.name, {})
            always = [value for value, pair in clear.items() if pair in self._sought]
            given[f"values_{place}"] = [*self._traces.pseudonyms, *always]
            matches.append(
                sql.SQL("{} = ANY({})").format(sql.Identifier(column.name), sql.Placeholder(f"values_{place}"))
            )
            matches.extend(self._days.matches(column, clear))
        marks = [pseudonym for _, pseudonym in sorted(self._traces.named)]
        if marks:
            given["marks"] = f"({'|'.join(marks)})"
            matches += [sql.SQL("{} ~ %(marks)s").format(sql.Identifier(name)) for name in landed.texts]
        if not matches:
            return []
        conditions: list[sql.Composable] = [
            sql.SQL("tenant_id = %(tenant)s"),
            sql.SQL("({})").format(sql.SQL(" OR ").join(matches)),
        ]
        conditions.extend(self._dated())
        if after is not None:
            holes = [sql.Placeholder(f"after_{place}") for place in range(len(after))]
            given |= {f"after_{place}": value for place, value in enumerate(after)}
            conditions.append(sql.SQL("({}) > ({})").format(identifiers(landed.stream.key), sql.SQL(", ").join(holes)))
        names = [*landed.read, LOADED_AT]
        statement = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
            identifiers(names),
            sql.Identifier("landing", landed.table),
            sql.SQL(" AND ").join(conditions),
            identifiers(landed.stream.key),
            sql.Literal(ROWS_AT_ONCE),
        )
        return [dict(zip(names, row, strict=True)) for row in connection.execute(statement, given)]

    def key_of(self, row: Row) -> tuple[Any, ...]:
        """The row's key, without the tenant."""
        return tuple(row[name] for name in self.landed.stream.key)

    def change(self, row: Row) -> Change:
        """What goes from a row; empty when the row only shares something with the person."""
        change: Change = {}
        named = {pseudonym for _, pseudonym in self._traces.named}
        for name in self.landed.texts:
            change[name] = _without(row[name], named.__contains__)
        for emptying in self.landed.emptyings:
            if self._is_theirs(emptying, row):
                change |= dict.fromkeys(emptying.empties)
                change |= {name: _without(row.get(name), _anybody) for name in emptying.texts}
                change |= {name: self._key_mark(name, row[name]) for name in emptying.rekeys}
        return {name: value for name, value in change.items() if name in row and row[name] != value}

    def apply(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Empty what is the person's in rows of one batch, unless a sync rewrote them meanwhile; the rows changed."""
        alike: dict[frozenset[str], list[tuple[Row, Change]]] = {}
        for row in rows:
            if change := self.change(row):
                alike.setdefault(frozenset(change), []).append((row, change))
        return sum(
            write_changes(connection, self._traces.tenant_id, self.landed, sorted(columns), changes)
            for columns, changes in alike.items()
        )

    def own_texts(self, rows: Sequence[Row]) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
        """Keys of rows that are the person's by their days alone, by the columns whose texts go with them.

        Their originals stand for a shared identifier, so the vault cannot tell them from those of other days.
        """
        found: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for row in rows:
            if any(self._is_theirs(emptying, row, by_days=True) for emptying in self.landed.emptyings):
                columns = tuple(sorted(self.change(row).keys() & set(self.landed.texts)))
                if columns:
                    found.setdefault(columns, []).append(self.key_of(row))
        return found

    @cached_property
    def _sought(self) -> frozenset[Pair]:
        return self._traces.anchors | self._traces.named

    def _is_theirs(self, emptying: Emptying, row: Row, *, by_days: bool = False) -> bool:
        anchored = False
        for column in emptying.identifying:
            pair = self._pair(column, row.get(column.name))
            if pair is None:
                continue
            if not anchored and self._days.cover(pair, row):
                return True
            if not by_days and (pair in self._traces.named or (not anchored and pair in self._traces.anchors)):
                return True
            anchored = True
        return False

    def _pair(self, column: ColumnPolicy, value: Any) -> Pair | None:
        if not isinstance(value, str):
            return None
        if _PSEUDONYM.fullmatch(value):
            return value.rpartition("_")[0], value
        return self._clear.get(column.name, {}).get(value)

    def _key_mark(self, column: str, value: Any) -> Any:
        from hub.kvkk.suppression import ERASED, erased_mark

        policy = self.landed.policy.columns[column]
        pair = self._pair(policy, value)
        if pair is None and policy.action == "keep" and isinstance(value, str):
            pair = self._made(policy, [value])[0]
        return value if pair is None or pair[0] == ERASED else erased_mark(self._keys, *pair)

    def _read_clear(self, connection: Connection) -> None:
        """Values that stand in clear (`keep`, by policy or a tenant's choice), as far as they are the person's."""
        sought = self._sought | self._days.pairs
        for column in self.landed.naming:
            name = sql.Identifier(column.name)
            statement = sql.SQL(
                "SELECT DISTINCT {0} FROM {1} WHERE tenant_id = %(tenant)s AND {0} !~ %(pseudonym)s"
            ).format(name, sql.Identifier("landing", self.landed.table))
            given = {"tenant": self._traces.tenant_id, "pseudonym": f"^{PSEUDONYM}$"}
            values = [row[0] for row in connection.execute(statement, given)]
            pairs = zip(values, self._made(column, values), strict=True)
            self._clear[column.name] = {value: pair for value, pair in pairs if pair in sought}

    def _made(self, column: ColumnPolicy, values: Sequence[str]) -> list[Pair]:
        """The pseudonyms of values in clear."""
        if column.kind is None:
            raise ValueError("a column without a kind has no pseudonyms")
        pseudonymiser = self._keys.pseudonymiser()
        forms = canonical_or_raw(column.kind, list(values))
        kinds = [kind_of(column.kind, form) for form in forms]
        return [(kind, pseudonymiser.one(kind, form)) for kind, form in zip(kinds, forms, strict=True)]

    def _dated(self) -> Iterator[sql.Composable]:
        landed = self.landed
        if self._before is None or landed.dated is None:
            return
        column = sql.Identifier(landed.dated)
        if landed.types[landed.dated] == "date":
            moment: sql.Composable = sql.SQL("({}::timestamp AT TIME ZONE 'UTC')").format(column)
        else:
            moment = column
        yield sql.SQL("({} IS NULL OR {} < %(before)s)").format(column, moment)


def _without(text: Any, goes: Any) -> Any:
    return unmarked(text, goes) if isinstance(text, str) else text


def _anybody(pseudonym: str) -> bool:
    del pseudonym
    return True
