"""Which tables and views a database has, what their columns are called, and what it declares as their key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hub.discovery.names import shown
from hub.errors import HubError

if TYPE_CHECKING:
    from sqlalchemy import Engine, Inspector, TableClause

_SYSTEM = frozenset({"information_schema", "pg_catalog", "pg_toast", "sys", "mysql", "performance_schema"})
_POSTGRES_SIZES = """
    SELECT n.nspname, c.relname, greatest(c.reltuples, 0)::bigint,
        CASE WHEN c.relkind IN ('r', 'm') THEN c.relpages ELSE 0 END, c.relispartition
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm', 'p', 'v', 'f')
"""


@dataclass(frozen=True)
class Relation:
    """A table or view. `shown` is its name for reports: with the schema unless that is the login's own."""

    schema: str | None
    name: str
    shown: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    estimated_rows: int = 0
    pages: int = 0
    """How many pages it has, where the server can sample by pages."""
    refusal: str = ""
    """Why it cannot even be described, as the database's code."""

    def clause(self) -> TableClause:
        """The relation in a query, every name quoted as needed."""
        from sqlalchemy import column, table

        columns: list[Any] = [column(name) for name in self.columns]
        return table(self.name, *columns, schema=self.schema)


def relations(engine: Engine, wanted: Sequence[str]) -> list[Relation]:
    """Every table and view, or those wanted, by schema and name.

    HubError `scan_table_unknown`, `scan_no_tables` or `scan_database_down`.
    """
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    try:
        found: list[Relation] | None = _relations(engine, inspect(engine), set(wanted))
    except SQLAlchemyError:
        found = None
    if found is None:
        raise HubError("scan_database_down", sqlstate="catalogue")
    for name in wanted:
        if not any(name in _names_of(relation) for relation in found):
            raise HubError("scan_table_unknown", table=shown(name))
    if not found:
        raise HubError("scan_no_tables")
    return found


def _relations(engine: Engine, inspector: Inspector, wanted: set[str]) -> list[Relation]:
    sizes = _sizes(engine)
    default = inspector.default_schema_name
    found: list[Relation] = []
    for schema in inspector.get_schema_names():
        if schema in _SYSTEM or schema.startswith("pg_"):
            continue
        names = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
        if engine.dialect.name == "postgresql":
            names |= set(inspector.get_materialized_view_names(schema))
        for name in sorted(names):
            rows, pages, is_part = sizes.get((schema, name), (0, 0, False))
            relation = Relation(schema, name, shown(name if schema == default else f"{schema}.{name}"), ())
            if (wanted and not wanted & _names_of(relation)) or (is_part and not wanted):
                continue  # the parts of a table are read through the table
            described = _described(inspector, relation)
            if described.columns or described.refusal:
                found.append(replace(described, estimated_rows=rows, pages=pages))
    return found


def _described(inspector: Inspector, relation: Relation) -> Relation:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        columns = tuple(str(column["name"]) for column in inspector.get_columns(relation.name, relation.schema))
        key = inspector.get_pk_constraint(relation.name, relation.schema).get("constrained_columns") or ()
        return replace(relation, columns=columns, key=tuple(key))
    except SQLAlchemyError as error:  # a view whose table is gone
        return replace(relation, refusal=state_of(error))


def state_of(error: Exception) -> str:
    """A driver's error as a code: its words quote values, hosts and logins."""
    original = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    return str(state or type(original).__name__)


def _names_of(relation: Relation) -> set[str]:
    return {relation.name, f"{relation.schema}.{relation.name}"}


def _sizes(engine: Engine) -> dict[tuple[str, str], tuple[int, int, bool]]:
    """Estimated rows, pages where they can be sampled, and whether it is a part of a partitioned table."""
    from sqlalchemy import text

    if engine.dialect.name != "postgresql":
        return {}
    with engine.connect() as connection:
        rows = connection.execute(text(_POSTGRES_SIZES)).all()
    return {(schema, name): (int(count), int(pages), bool(part)) for schema, name, count, pages, part in rows}
