"""Whether the database stands at the revision this version of the hub knows; changes nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

from hub.errors import HubError

if TYPE_CHECKING:
    import psycopg

    from hub.db.database import Database

_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
_ANYBODY = "t" + "a" * 11
"""Versions belong to no tenant; any well-formed id opens the application's transaction."""


def require_current(database: Database) -> None:
    """HubError `schema_newer` when a newer hub wrote the schema, `schema_older` when `hub migrate` is due."""
    with database.tenant(_ANYBODY, "app") as connection:
        _require("hub", "data", _version(connection, "SELECT version_num FROM hub.alembic_version"))
    with database.master_keys() as connection:
        _require("keys", "keys", _version(connection, "SELECT version_num FROM keys.alembic_version"))


def _version(connection: psycopg.Connection[tuple[Any, ...]], query: LiteralString) -> str:
    row = connection.execute(query).fetchone()
    return str(row[0]) if row else ""


@cache
def known_revisions(tree: str) -> tuple[str, ...]:
    """The revisions of a tree (`data` or `keys`) that this version of the hub knows, newest first. Read once."""
    from alembic.script import ScriptDirectory

    return tuple(revision.revision for revision in ScriptDirectory(str(_MIGRATIONS / tree)).walk_revisions())


def _require(schema: str, tree: str, found: str) -> None:
    revisions = known_revisions(tree)
    newest = revisions[0]
    if found and found not in revisions:
        raise HubError("schema_newer", schema=schema, found=found, known=newest)
    if found != newest:
        raise HubError("schema_older", schema=schema, found=found or "-", known=newest)
