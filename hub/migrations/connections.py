"""The administrator's connections: only code in this package may change schemas."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from hub.db.endpoints import admin_endpoint, dagster_endpoint, database_name
from hub.db.fitness import refuse_old_server
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Generator

    import sqlalchemy

    from hub.db.database import Connection
    from hub.db.endpoints import Endpoint
    from hub.settings import ClusterName, Settings


@contextmanager
def maintenance(settings: Settings, cluster: ClusterName) -> Generator[Connection]:
    """An autocommitting connection to the administrator's own database: for databases and roles.

    Raises HubError 'database_down', 'server_too_old' or 'admin_url_missing'.
    """
    with _connected(admin_endpoint(settings, cluster), cluster, autocommit=True) as connection:
        refuse_old_server(connection.info.server_version)
        yield connection


@contextmanager
def schema_transaction(settings: Settings, cluster: ClusterName) -> Generator[tuple[sqlalchemy.Connection, Connection]]:
    """One transaction in the cluster's own database, as Alembic wants it (SQLAlchemy) and as we do (psycopg)."""
    import sqlalchemy
    from sqlalchemy.pool import NullPool

    way = replace(admin_endpoint(settings, cluster), database=database_name(settings, cluster))
    with _connected(way, cluster, autocommit=False) as raw:
        engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: raw, poolclass=NullPool)
        with engine.begin() as connection:
            yield connection, raw


@contextmanager
def outside_transaction(settings: Settings, cluster: ClusterName) -> Generator[Connection]:
    """An autocommitting connection to the cluster's own database, for VACUUM."""
    way = replace(admin_endpoint(settings, cluster), database=database_name(settings, cluster))
    with _connected(way, cluster, autocommit=True) as connection:
        yield connection


@contextmanager
def dagster_storage(settings: Settings) -> Generator[Connection]:
    """An autocommitting connection to Dagster's database, as Dagster's own role: the administrator may have none."""
    with _connected(dagster_endpoint(settings), "dagster", autocommit=True) as connection:
        yield connection


@contextmanager
def _connected(way: Endpoint, cluster: ClusterName | Literal["dagster"], *, autocommit: bool) -> Generator[Connection]:
    import psycopg

    try:
        connection = psycopg.connect(way.conninfo(application_name="hub migrate"), autocommit=autocommit)  # noqa: TID251 - the one way
    except psycopg.OperationalError as error:
        raise HubError("database_down", role=f"admin ({cluster})", sqlstate=error.sqlstate or "unreached") from None
    try:
        yield connection
    finally:
        connection.close()
