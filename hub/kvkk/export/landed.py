"""Which landed rows are a person's: their keys, gathered in the database, a temporary table for each stream.

A row is about whoever its strongest identifier names, as the gate decided when it came. It is also a person's if a free
text in it names them and nobody else is known in it, or if it is part of a row that is theirs (a payment's refunds).
A row about somebody else whose text mentions the person is theirs only as far as that text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import sql

from kvkk_policies.landing import LandingColumn, landing_columns
from kvkk_policies.subjects import rank_of
from kvkk_policies.tightening import PSEUDONYM

if TYPE_CHECKING:
    from connectors.contract import Provider, Stream
    from hub.db.database import Connection
    from kvkk_policies.policy import ColumnPolicy, StreamPolicy
    from kvkk_policies.pseudonym import Pseudonymiser

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


class Gathering:
    """Gathers keys stream by stream, in the order in which they lead to each other; one transaction of the loader."""

    def __init__(self, connection: Connection, tenant_id: str, anchors: Sequence[str], own: Pseudonymiser) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._anchors = list(anchors)
        self._pseudonymiser = own
        self.counts: dict[str, int] = {}

    def gather(self, streams: Sequence[LandedStream], mentions: Mapping[str, Iterator[list[str]]]) -> int:
        """Fill the temporary tables; the number of rows. `mentions`: row keys in batches, by the stream's name."""
        by_name = {each.name: each for each in streams}
        for each in in_order(streams):
            self._create(each)
            self._by_identifier(each)
            if each.name in mentions and each.scanned:
                self._by_text(each, mentions[each.name])
            for belonging in each.stream.belongs_to:
                parent = by_name.get(f"{each.provider.name}.{belonging.stream}")
                if parent is not None:
                    self._by_parent(each, parent, belonging.columns, belonging.of)
            self._connection.execute(sql.SQL("ANALYZE {}").format(each.keys))
            row = self._connection.execute(sql.SQL("SELECT count(*) FROM {}").format(each.keys)).fetchone()
            self.counts[each.name] = int(row[0]) if row else 0
        return sum(self.counts.values())

    def rows(self, each: LandedStream) -> Iterator[dict[str, Any]]:
        """The person's rows of a stream in the order of its key, with `_found_by` and the times of loading."""
        names = [column.name for column in each.columns]
        shown = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(name)) for name in names)
        statement = sql.SQL(
            "SELECT k._found_by, t._first_loaded_at, t._loaded_at, {} FROM {} AS t JOIN {} AS k USING ({})"
            " WHERE t.tenant_id = %s ORDER BY {}"
        ).format(shown, each.table, each.keys, _names(each.stream.key), _names(each.stream.key, "t."))
        headings = ("_found_by", "_first_loaded_at", "_loaded_at", *names)
        with self._connection.cursor(f"export_{each.stream.name}"[:60]) as cursor:
            cursor.itersize = ROWS_AT_ONCE
            for row in cursor.execute(statement, (self._tenant_id,)):
                yield dict(zip(headings, row, strict=True))

    def _create(self, each: LandedStream) -> None:
        self._connection.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {}, NULL::text AS _found_by FROM {} WITH NO DATA"
            ).format(each.keys, _names(each.stream.key), each.table)
        )

    def _by_identifier(self, each: LandedStream) -> None:
        if not each.groups or not self._anchors:
            return
        accepted = [*self._anchors, *self._values_in_clear(each)]
        theirs = [sql.SQL("{} = ANY(%(accepted)s)").format(_anchor(columns)) for columns in each.groups.values()]
        self._add(each, sql.Literal(IDENTIFIER), sql.SQL(" OR ").join(theirs), {"accepted": accepted})

    def _by_text(self, each: LandedStream, row_keys: Iterator[list[str]]) -> None:
        self._connection.execute("CREATE TEMPORARY TABLE IF NOT EXISTS export_mentions (row_key text) ON COMMIT DROP")
        self._connection.execute("TRUNCATE export_mentions")
        for batch in row_keys:
            self._connection.execute("INSERT INTO export_mentions SELECT DISTINCT unnest(%s::text[])", (batch,))
        self._connection.execute("ANALYZE export_mentions")
        others = [
            sql.SQL("{} IS NOT NULL").format(_anchor(columns))
            for name, columns in each.groups.items()
            if not name.startswith("column ")
        ]
        about = sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(
            sql.SQL(" OR ").join(others) if others else sql.SQL("false"), sql.Literal(TEXT_ALONE), sql.Literal(TEXT)
        )
        mentioned = sql.SQL("{} IN (SELECT row_key FROM export_mentions)").format(row_key_expression(each))
        self._add(each, about, mentioned, {})

    def _by_parent(self, each: LandedStream, parent: LandedStream, columns: Sequence[str], of: Sequence[str]) -> None:
        same = sql.SQL(" AND ").join(
            sql.SQL("p.{} = t.{}").format(sql.Identifier(theirs), sql.Identifier(ours))
            for ours, theirs in zip(columns, of, strict=True)
        )
        condition = sql.SQL(
            "EXISTS (SELECT FROM {} AS p JOIN {} AS k USING ({}) WHERE p.tenant_id = %(tenant)s"
            " AND k._found_by <> {} AND {})"
        ).format(parent.table, parent.keys, _names(parent.stream.key), sql.Literal(TEXT_ALONE), same)
        self._add(each, sql.Literal(RELATED), condition, {})

    def _add(
        self, each: LandedStream, how: sql.Composable, condition: sql.Composable, given: Mapping[str, Any]
    ) -> None:
        same = sql.SQL(" AND ").join(sql.SQL("k.{0} = t.{0}").format(sql.Identifier(name)) for name in each.stream.key)
        statement = sql.SQL(
            "INSERT INTO {keys} SELECT {key}, {how} FROM {table} AS t WHERE t.tenant_id = %(tenant)s AND ({condition})"
            " AND NOT EXISTS (SELECT FROM {keys} AS k WHERE {same})"
        ).format(
            keys=each.keys, key=_names(each.stream.key, "t."), how=how, table=each.table, condition=condition, same=same
        )
        self._connection.execute(statement, {"tenant": self._tenant_id, **given})

    def _values_in_clear(self, each: LandedStream) -> list[str]:
        """Spellings in clear of the person's identifiers, where a tenant's choice left such in the rows."""
        from kvkk_policies.canonical import canonical_or_raw, kind_of

        anchors = set(self._anchors)
        found: list[str] = []
        for column in each.may_be_clear:
            if column.kind is None:
                continue
            name = sql.Identifier(column.name)
            statement = sql.SQL("SELECT DISTINCT {} FROM {} WHERE tenant_id = %s AND {} !~ %s").format(
                name, each.table, name
            )
            with self._connection.cursor("export_clear") as cursor:
                cursor.itersize = ROWS_AT_ONCE
                for (value,) in cursor.execute(statement, (self._tenant_id, f"^{PSEUDONYM}$")):
                    (form,) = canonical_or_raw(column.kind, [value])
                    if self._pseudonymiser.one(kind_of(column.kind, form), form) in anchors:
                        found.append(value)
        return found


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
    parts = [sql.SQL(_AS_ARROW_PRINTS[types[name]]).format(_column(name, alias)) for name in each.row_key]
    return sql.SQL(" || '|' || ").join(parts)


_AS_ARROW_PRINTS: dict[str, LiteralString] = {
    "text": "{}",
    "json": "{}::text",
    "int": "{}::text",
    "bool": "{}::text",
    "decimal": "{}::numeric(38, 9)::text",
    "date": "to_char({}, 'YYYY-MM-DD')",
    "timestamp": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US\"Z\"')",
}


def _anchor(columns: Sequence[ColumnPolicy]) -> sql.Composable:
    """The strongest identifier of a subject in a row, as it stands there: a pseudonym, or a value in clear."""
    return sql.SQL("coalesce({})").format(sql.SQL(", ").join(map(_identifier, columns)))


def _identifier(column: ColumnPolicy) -> sql.Composable:
    """A column's identifier; NULL for what stays readable because it is no person's, and for what is left of a cut."""
    name = sql.SQL("t.{}").format(sql.Identifier(column.name))
    readable = sql.SQL("strpos({}, '**') > 0").format(name)
    pattern = column.params.get("keep_matching")
    if pattern is not None:
        readable = sql.SQL("{} OR {} ~ {}").format(readable, name, sql.Literal(f"^(?:{pattern})$"))
    return sql.SQL("CASE WHEN {} THEN NULL ELSE {} END").format(readable, name)


def _names(names: Sequence[str], alias: LiteralString = "") -> sql.Composable:
    return sql.SQL(", ").join(_column(name, alias) for name in names)


def _column(name: str, alias: LiteralString) -> sql.Composable:
    return sql.SQL(alias) + sql.Identifier(name)
