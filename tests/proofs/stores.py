"""Everything that an installation wrote, as (where, bytes): files, and every table of every database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from hub.endpoints import DATABASES, admin_endpoint
from tests.proofs.sweep import Sweep

if TYPE_CHECKING:
    from hub.settings import ClusterName, Settings

CLUSTERS: tuple[ClusterName, ...] = ("data", "keys")
Found = dict[str, set[tuple[str, str]]]
Connection = psycopg.Connection[tuple[Any, ...]]


def sweep_everything(sweep: Sweep, root: Path, settings: Settings) -> Found:
    """What was found, by place, in the files below `root` and in both clusters, whose memory is written out first."""
    for cluster in CLUSTERS:
        with superuser(settings, cluster) as admin:
            admin.execute("CHECKPOINT")
    places = chain(files(root), *(tables(settings, cluster) for cluster in CLUSTERS))
    found = {place: sweep.search(data) for place, data in places}
    return {place: what for place, what in found.items() if what}


def files(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every regular file, named relative to `root`; its name is searched with it."""
    for path in sorted(root.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            yield str(path.relative_to(root)), str(path.relative_to(root)).encode() + b"\n" + path.read_bytes()
        except FileNotFoundError:
            continue  # the server recycles what it no longer needs


def tables(settings: Settings, cluster: ClusterName) -> Iterator[tuple[str, bytes]]:
    """Every table, catalogues with their statistics too, as `cluster:database.schema.table`, each row as text."""
    with superuser(settings, cluster) as admin:
        databases = [str(row[0]) for row in admin.execute("SELECT datname FROM pg_database WHERE datallowconn")]
    for database in databases:
        with superuser(settings, cluster, database) as admin:
            if database in DATABASES.values():
                admin.execute("ANALYZE")
            named = admin.execute(
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_(toast|temp)' ORDER BY 1, 2"
            ).fetchall()
            for schema, table in named:
                query = sql.SQL("COPY (SELECT t::text FROM {} AS t) TO STDOUT").format(sql.Identifier(schema, table))
                with admin.cursor() as cursor, cursor.copy(query) as rows:
                    yield f"{cluster}:{database}.{schema}.{table}", b"".join(bytes(row) for row in rows)


def superuser(settings: Settings, cluster: ClusterName, database: str = "postgres") -> Connection:
    """An autocommitting connection whom no policy hides anything from."""
    way = replace(admin_endpoint(settings, cluster), database=database)
    return psycopg.connect(way.conninfo(), autocommit=True)  # noqa: TID251 - the sweep looks behind every policy
