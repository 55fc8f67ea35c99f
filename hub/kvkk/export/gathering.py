"""Which landed rows are a person's: their keys, gathered in the database, a temporary table for each stream.

A row is about whoever its strongest identifier names, as the gate decided when it came. It is also a person's if a free
text in it names them and nobody else is known in it, or if it is part of a row that is theirs (a payment's refunds).
A row about somebody else whose text mentions the person is theirs only as far as that text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from psycopg import sql

from hub.kvkk.export import landed
from hub.kvkk.export.landed import IDENTIFIER, RELATED, TEXT, TEXT_ALONE, columns_of, in_order, row_key_expression
from kvkk_policies.canonical import canonical_or_raw, kind_of
from kvkk_policies.tightening import PSEUDONYM

if TYPE_CHECKING:
    from hub.db.database import Connection
    from hub.kvkk.export.landed import LandedStream
    from hub.kvkk.export.scope import Scope
    from kvkk_policies.policy import ColumnPolicy
    from kvkk_policies.pseudonym import Pseudonymiser


class Gathering:
    """Gathers keys stream by stream, in the order in which they lead to each other; one transaction of the loader."""

    def __init__(self, connection: Connection, scope: Scope, own: Pseudonymiser) -> None:
        self._connection = connection
        self._tenant_id = scope.tenant_id
        self._anchors = sorted(scope.anchors)
        self._days = scope.days
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
        ).format(shown, each.table, each.keys, columns_of(each.stream.key), columns_of(each.stream.key, "t."))
        headings = ("_found_by", "_first_loaded_at", "_loaded_at", *names)
        with self._connection.cursor(f"export_{each.stream.name}"[:60]) as cursor:
            cursor.itersize = landed.ROWS_AT_ONCE
            for row in cursor.execute(statement, (self._tenant_id,)):
                yield dict(zip(headings, row, strict=True))

    def _create(self, each: LandedStream) -> None:
        self._connection.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {}, NULL::text AS _found_by FROM {} WITH NO DATA"
            ).format(each.keys, columns_of(each.stream.key), each.table)
        )

    def _by_identifier(self, each: LandedStream) -> None:
        days = self._days if each.day is not None else ()
        if not each.groups or not (self._anchors or days):
            return
        clear = self._values_in_clear(each, {*self._anchors, *(own.pseudonym for own in days)})
        anchors = [_anchor(columns) for columns in each.groups.values()]
        given: dict[str, Any] = {"accepted": [*self._anchors, *_spelling(clear, set(self._anchors))]}
        theirs: list[sql.Composable] = [sql.SQL("{} = ANY(%(accepted)s)").format(anchor) for anchor in anchors]
        for place, own in enumerate(days):
            names = [f"shared_{place}", f"since_{place}", f"until_{place}"]
            values = [own.pseudonym, *_spelling(clear, {own.pseudonym})]
            given |= dict(zip(names, (values, own.since, own.until), strict=True))
            theirs += [
                sql.SQL(
                    "({anchor} = ANY({values}) AND {day} >= coalesce({since}::date, '-infinity')"
                    " AND {day} < coalesce({until}::date, 'infinity'))"
                ).format(
                    anchor=anchor,
                    day=each.day or sql.NULL,
                    **dict(zip(("values", "since", "until"), map(sql.Placeholder, names), strict=True)),
                )
                for anchor in anchors
            ]
        self._add(each, sql.Literal(IDENTIFIER), sql.SQL(" OR ").join(theirs), given)

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
        ).format(parent.table, parent.keys, columns_of(parent.stream.key), sql.Literal(TEXT_ALONE), same)
        self._add(each, sql.Literal(RELATED), condition, {})

    def _add(
        self, each: LandedStream, how: sql.Composable, condition: sql.Composable, given: Mapping[str, Any]
    ) -> None:
        same = sql.SQL(" AND ").join(sql.SQL("k.{0} = t.{0}").format(sql.Identifier(name)) for name in each.stream.key)
        statement = sql.SQL(
            "INSERT INTO {keys} SELECT {key}, {how} FROM {table} AS t WHERE t.tenant_id = %(tenant)s AND ({condition})"
            " AND NOT EXISTS (SELECT FROM {keys} AS k WHERE {same})"
        ).format(
            keys=each.keys,
            key=columns_of(each.stream.key, "t."),
            how=how,
            table=each.table,
            condition=condition,
            same=same,
        )
        self._connection.execute(statement, {"tenant": self._tenant_id, **given})

    def _values_in_clear(self, each: LandedStream, wanted: set[str]) -> dict[str, str]:
        """Values in clear that a tenant's choice left in the rows, with their pseudonyms, if these are wanted."""
        found: dict[str, str] = {}
        for column in each.may_be_clear:
            if column.kind is None:
                continue
            name = sql.Identifier(column.name)
            statement = sql.SQL("SELECT DISTINCT {} FROM {} WHERE tenant_id = %s AND {} !~ %s").format(
                name, each.table, name
            )
            with self._connection.cursor("export_clear") as cursor:
                cursor.itersize = landed.ROWS_AT_ONCE
                for (value,) in cursor.execute(statement, (self._tenant_id, f"^{PSEUDONYM}$")):
                    (form,) = canonical_or_raw(column.kind, [value])
                    pseudonym = self._pseudonymiser.one(kind_of(column.kind, form), form)
                    if pseudonym in wanted:
                        found[value] = pseudonym
        return found


def _spelling(values: Mapping[str, str], pseudonyms: set[str]) -> list[str]:
    return [value for value, pseudonym in values.items() if pseudonym in pseudonyms]


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
