"""Rows of one stream that are too old for something in them: counted, emptied, made coarser or deleted, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from hub.kvkk.retention.rules import StreamRules
from hub.kvkk.stores.row_texts import forget_texts

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Database
    from hub.kvkk.stores import Method

ROWS_AT_ONCE = 5_000

Hook = Callable[[str], None]
"""Called after every committed batch, so that a proof can end the process there."""


@dataclass(frozen=True)
class Due:
    """So many records of a dataset for which something of a category is over, and how that ends."""

    dataset: str
    category: str
    records: int
    method: Method


@dataclass(frozen=True)
class _Work:
    """Rows dated before `before` that meet `condition`: `change` is the SET list of an update, None deletes.

    `texts` are scanned columns that lose their text, whose originals in the vault go with it.
    """

    method: Method
    category: str
    before: datetime
    condition: sql.Composable
    change: sql.Composed | None
    texts: tuple[str, ...] = ()


class AgedRows:
    """One tenant's rows of one stream. `held` are pseudonyms of subjects under a hold: rows that name them stay."""

    def __init__(self, database: Database, tenant_id: str, rules: StreamRules, held: Sequence[str], hook: Hook) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._rules = rules
        self._landed = rules.landed
        self._held = list(held)
        self._hook = hook
        self._table = sql.Identifier("landing", self._landed.table)
        self._dataset = f"landing.{self._landed.table}"

    def due(self) -> list[Due]:
        """What is due, without changing anything."""
        found: list[Due] = []
        with self._database.tenant(self._tenant_id, "eraser") as connection:
            for work in self._works():
                query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(self._table, self._where(work.condition))
                row = connection.execute(query, self._given(work.before)).fetchone()
                if row and row[0]:
                    found.append(Due(self._dataset, work.category, int(row[0]), work.method))
        return found

    def settle(self) -> list[Due]:
        """Do it, whole rows first; what was done."""
        counted = [(work, self._batches(work)) for work in self._works()]
        return [Due(self._dataset, work.category, count, work.method) for work, count in counted if count]

    def _works(self) -> Iterator[_Work]:
        rules = self._rules
        if rules.deleted_before is not None:
            yield _Work("delete", rules.category, rules.deleted_before, sql.SQL("true"), None, self._landed.texts)
        for each in rules.emptied:
            names = [sql.Identifier(name) for name in each.columns]
            standing = sql.SQL(" OR ").join(sql.SQL("{} IS NOT NULL").format(name) for name in names)
            change = sql.SQL(", ").join(sql.SQL("{} = NULL").format(name) for name in names)
            texts = tuple(name for name in self._landed.texts if name in each.columns)
            yield _Work("erase", each.category, each.before, sql.SQL("({})").format(standing), change, texts)
        for rule in rules.coarsened:
            name = sql.Identifier(rule.column)
            coarse = sql.SQL("round({}, {})").format(name, sql.Literal(rule.decimals))
            finer = sql.SQL("{} <> {}").format(name, coarse)
            yield _Work("generalise", rule.category, rule.before, finer, sql.SQL("{} = {}").format(name, coarse))

    def _batches(self, work: _Work) -> int:
        """The vault's share of a batch goes before the batch does, so that a process killed in between repeats both."""
        changed = 0
        key = sql.SQL(", ").join(map(sql.Identifier, self._landed.stream.key))
        picked = sql.SQL("SELECT {0} FROM {1} WHERE {2} ORDER BY {0} LIMIT {3}").format(
            key, self._table, self._where(work.condition), sql.Literal(ROWS_AT_ONCE)
        )
        if work.change is None:
            statement = sql.SQL("DELETE FROM {} WHERE tenant_id = %(tenant)s AND ({}) IN ({})")
            statement = statement.format(self._table, key, picked)
        else:
            statement = sql.SQL("UPDATE {} SET {} WHERE tenant_id = %(tenant)s AND ({}) IN ({})")
            statement = statement.format(self._table, work.change, key, picked)
        given = self._given(work.before)
        while True:
            with self._database.tenant(self._tenant_id, "eraser") as connection:
                if work.texts:
                    keys = connection.execute(picked, given).fetchall()
                    forget_texts(self._database, self._tenant_id, self._landed, keys, work.texts)
                count = connection.execute(statement, given).rowcount
                if count:
                    self._note(connection)
            if not count:
                return changed
            if not changed:
                self._note_old_values()
            changed += count
            self._hook("settled")

    def _where(self, condition: sql.Composable) -> sql.Composed:
        dated = self._landed.dated
        date: sql.Composable = sql.SQL("_version") if dated is None else sql.Identifier(dated)
        if dated is not None:
            its = self._landed.types[dated]
            moment = sql.SQL("({}::timestamp AT TIME ZONE 'Europe/Istanbul')" if its == "date" else "{}").format(date)
            # A record that tells no day is as old as its last fetch.
            date = sql.SQL("coalesce({}, _version)").format(moment)
        parts: list[sql.Composable] = [sql.SQL("tenant_id = %(tenant)s"), sql.SQL("{} < %(before)s").format(date)]
        parts.append(condition)
        if self._held:
            parts += [
                sql.SQL("({0} IS NULL OR NOT {0} = ANY(%(held)s))").format(sql.Identifier(column.name))
                for column in self._landed.naming
            ]
        return sql.SQL(" AND ").join(parts)

    def _given(self, before: datetime) -> dict[str, Any]:
        return {"tenant": self._tenant_id, "before": before, "held": self._held}

    def _note(self, connection: Any) -> None:
        stream = self._landed.stream
        connection.execute(
            "UPDATE hub.sync_state SET changed_at = clock_timestamp()"
            " WHERE tenant_id = %s AND provider = %s AND stream = %s",
            (self._tenant_id, self._landed.provider, stream.parent or stream.name),
        )

    def _note_old_values(self) -> None:
        """The table's file keeps the old values until the next migration writes it anew (hub/db/roles.py)."""
        with self._database.tenant(self._tenant_id, "app") as connection:
            connection.execute(
                "UPDATE hub.generated_tables SET rewrite_due = true"
                " WHERE schema_name = 'landing' AND table_name = %s AND NOT rewrite_due",
                (self._landed.table,),
            )
