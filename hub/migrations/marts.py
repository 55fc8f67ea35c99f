"""Mart tables from dbt's enforced contracts: dbt fills them and may create none, so none is without security."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from hub.errors import HubError
from hub.migrations.generated import GeneratedColumn, GeneratedTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.db.database import Connection

SCHEMA = "marts"


def mart_tables(owner: Connection, manifest: Mapping[str, Any]) -> list[GeneratedTable]:
    """Every model of dbt's manifest that lands in `marts`, by name.

    Raises HubError 'mart_without_contract', 'mart_without_key' or 'mart_type_unknown' naming the model.
    """
    nodes = cast("dict[str, dict[str, Any]]", manifest["nodes"])
    models = [node for node in nodes.values() if node["resource_type"] == "model" and node["schema"] == SCHEMA]
    tables = [_table(owner, model) for model in models if model["config"]["materialized"] != "ephemeral"]
    return sorted(tables, key=lambda table: table.name)


def _table(owner: Connection, model: dict[str, Any]) -> GeneratedTable:
    name = str(model["alias"] or model["name"])
    if not model["config"].get("contract", {}).get("enforced"):
        raise HubError("mart_without_contract", model=name)
    key = _key(model)
    if key[:1] != ("tenant_id",):
        raise HubError("mart_without_key", model=name)
    columns = tuple(_column(owner, name, column, key) for column in model["columns"].values())
    if not set(key) <= {column.name for column in columns}:
        raise HubError("mart_without_key", model=name)
    description = str(model.get("description") or name)
    return GeneratedTable(schema=SCHEMA, name=name, description=description, columns=columns, key=key)


def _key(model: dict[str, Any]) -> tuple[str, ...]:
    """`meta.primary_key`, or a primary-key constraint of the model."""
    meta = {**model.get("meta", {}), **model["config"].get("meta", {})}
    if meta.get("primary_key"):
        return tuple(str(column) for column in meta["primary_key"])
    for constraint in model.get("constraints", []):
        if constraint.get("type") == "primary_key":
            return tuple(str(column) for column in constraint["columns"])
    return ()


def _column(owner: Connection, model: str, column: dict[str, Any], key: tuple[str, ...]) -> GeneratedColumn:
    required = any(constraint.get("type") == "not_null" for constraint in column.get("constraints", []))
    return GeneratedColumn(
        name=str(column["name"]),
        type=_printed_type(owner, model, str(column.get("data_type") or "")),
        description=str(column.get("description") or ""),
        required=required or column["name"] in key,
    )


def _printed_type(owner: Connection, model: str, name: str) -> str:
    """The type as the catalogue prints it, so that `numeric(18,2)` in the contract meets itself later."""
    row = owner.execute("SELECT pg_catalog.to_regtypemod(%s) , pg_catalog.to_regtype(%s)::oid", (name, name)).fetchone()
    if not name or row is None or row[1] is None:
        raise HubError("mart_type_unknown", model=model, type=json.dumps(name))
    found = owner.execute("SELECT pg_catalog.format_type(%s, %s)", (row[1], row[0])).fetchone()
    return str(found[0]) if found else name
