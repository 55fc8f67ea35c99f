"""Everything that an installation wrote, as (where, pieces): files, and every table of every database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from hub.db.endpoints import DATABASES, admin_endpoint, data_directory
from tests.proofs.sweep import Found, Sweep

if TYPE_CHECKING:
    from hub.settings import ClusterName, Settings

CLUSTERS: tuple[ClusterName, ...] = ("data", "keys")
Connection = psycopg.Connection[tuple[Any, ...]]
Places = Iterable[tuple[str, Iterable[bytes]]]

_PAGE = 8192
_LOG = "pg_wal"
_LOG_SEGMENT_HEADER, _LOG_PAGE_HEADER = 40, 24
"""Of the first page of a segment and of the others (src/include/access/xlog_internal.h): they stand between values."""
_LOG_PIECE = 32 * 1024
_LONGEST_VALUE = 4096
"""Pieces of the log overlap by so much: a value does not end where a piece does."""


def sweep_everything(sweep: Sweep, root: Path, settings: Settings) -> Found:
    """What was found, by place, in the files below `root` and in both clusters, whose memory is written out first."""
    for cluster in CLUSTERS:
        with superuser(settings, cluster) as admin:
            admin.execute("CHECKPOINT")
    servers = [data_directory(settings, cluster) for cluster in CLUSTERS]
    return sweep.find(chain(files(root, servers), *(tables(settings, cluster) for cluster in CLUSTERS)))


def files(root: Path, servers: Collection[Path], *, servers_too: bool = True) -> Places:
    """Every regular file, named relative to `root`; its name is searched with it."""
    for path in sorted(root.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        of_server = any(server in path.parents for server in servers)
        if of_server and not servers_too:
            continue
        name = str(path.relative_to(root))
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # the server recycles what it no longer needs
        yield name, [name.encode()]
        if not of_server:
            yield name, [data]
        else:
            yield name, log_pieces(data) if path.parent.name == _LOG else pages(data)


def pages(data: bytes) -> Iterator[bytes]:
    """A database file in its pages: no row goes from one into the next."""
    return (data[start : start + _PAGE] for start in range(0, len(data), _PAGE))


def log_pieces(data: bytes) -> Iterator[bytes]:
    """A segment of the write-ahead log without the headers of its pages, across which rows do go."""
    parts = [data[_LOG_SEGMENT_HEADER:_PAGE]]
    parts += (data[start + _LOG_PAGE_HEADER : start + _PAGE] for start in range(_PAGE, len(data), _PAGE))
    whole = b"".join(parts)
    return (whole[max(0, start - _LONGEST_VALUE) : start + _LOG_PIECE] for start in range(0, len(whole), _LOG_PIECE))


def tables(settings: Settings, cluster: ClusterName) -> Places:
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
                    lines = b"".join(bytes(row) for row in rows).split(b"\n")
                    yield f"{cluster}:{database}.{schema}.{table}", _together(lines)


def _together(lines: list[bytes], size: int = 64) -> Iterator[bytes]:
    """Rows in groups: most tables only grow."""
    return (b"\n".join(lines[start : start + size]) for start in range(0, len(lines), size))


def superuser(settings: Settings, cluster: ClusterName, database: str = "postgres") -> Connection:
    """An autocommitting connection whom no policy hides anything from."""
    way = replace(admin_endpoint(settings, cluster), database=database)
    return psycopg.connect(way.conninfo(), autocommit=True)  # noqa: TID251 - the sweep looks behind every policy
