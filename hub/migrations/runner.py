"""Alembic inside a transaction that somebody else holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    import sqlalchemy
    from alembic.config import Config

    from hub.db.database import Connection
    from hub.settings import ClusterName

VERSION_SCHEMA: dict[ClusterName, str] = {"data": "hub", "keys": "keys"}


def upgrade(connection: sqlalchemy.Connection, raw: Connection, cluster: ClusterName) -> tuple[str, ...]:
    """Bring a cluster's schema to the newest revision we know; returns the revisions applied, oldest first.

    Raises HubError 'schema_newer' when the database is ahead of us.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _config(cluster)
    config.attributes["connection"] = connection
    config.attributes["schema"] = VERSION_SCHEMA[cluster]
    known = [revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    current = _current(raw, VERSION_SCHEMA[cluster])
    if current is not None and current not in known:
        raise HubError("schema_newer", schema=VERSION_SCHEMA[cluster], found=current, known=known[-1])
    command.upgrade(config, "head")
    return tuple(known if current is None else known[known.index(current) + 1 :])


def run_inside() -> None:
    """What the two env.py do: run the revisions on the connection they were handed."""
    from alembic import context

    attributes = context.config.attributes
    context.configure(connection=attributes["connection"], version_table_schema=attributes["schema"])
    with context.begin_transaction():
        context.run_migrations()


def _config(cluster: ClusterName) -> Config:
    from alembic.config import Config

    config = Config()
    tree = Path(__file__).with_name(cluster)
    config.set_main_option("script_location", str(tree).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


def _current(raw: Connection, schema: str) -> str | None:
    from psycopg import sql

    row = raw.execute("SELECT to_regclass(%s)", (f"{schema}.alembic_version",)).fetchone()
    if row is None or row[0] is None:
        return None
    found = raw.execute(sql.SQL("SELECT version_num FROM {}.alembic_version").format(sql.Identifier(schema))).fetchone()
    return str(found[0]) if found else None
