"""A database that is somebody else's: read in transactions that cannot write, a bounded sample of each table.

The login is the caller's own, so nothing of the hub's roles applies here, and the hub's own database is no such source
by any way but a login that somebody may use on it anyhow.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.secret import Secret
from hub.discovery.names import distinctly_shown, shown
from hub.discovery.sample import SEED, Reservoir, TableSample, sample_of
from hub.discovery.sources import OnRows
from hub.discovery.sources.tables import Relation, relations, state_of
from hub.errors import HubError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, Executable, TableClause

_FETCHED = 200
"""Rows fetched at once: a table may be as wide as it likes."""
_ENOUGH = 20
"""A table with that many times the wanted rows is sampled by pages, where the server can."""
_PAGES_FOR = 2.0
"""How many times the wanted rows the chosen pages should hold: estimates are old and pages unevenly full."""
_LEAST_PAGES = 30
"""Rows of one page were written together: a few pages are no sample of a table."""
_ROWS_FOR = 1.05
_GOLDEN, _WHOLE = 2_654_435_769, 1 << 32
"""Knuth's multiplicative hash. A position times it fits a bigint up to three thousand million rows."""
_PASSWORDS = frozenset({"password", "passwd", "pwd", "passphrase", "sslpassword", "token", "secret"})
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


class Unreadable(HubError):
    """One table could not be read; the others were. Raised by nobody: it stands in a list."""


def parse(url: Secret) -> URL:
    """HubError `scan_url_malformed`, which does not quote it."""
    from sqlalchemy.engine import make_url

    try:
        parsed = make_url(url.reveal().strip())
    except Exception:  # SQLAlchemy's message quotes the URL
        parsed = None
    if parsed is None:
        raise HubError("scan_url_malformed")
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


def holds_password(url: URL) -> bool:
    """Whether a URL has a password, as part of the login or as a parameter."""
    return url.password is not None or any(name.lower() in _PASSWORDS for name in url.query)


def sqlite_file(path: Path, rows: int, on_rows: OnRows) -> Iterator[TableSample]:
    """Every table and view of a SQLite file."""
    from sqlalchemy import URL

    return samples(URL.create("sqlite", database=str(path)), rows, on_rows)


def samples(
    url: URL, rows: int, on_rows: OnRows, *, tables: Sequence[str] = (), failed: list[Unreadable] | None = None
) -> Iterator[TableSample]:
    """A sample of every table and view, or of those named (`orders`, `shop.orders`).

    A table that the login may not read goes to `failed` and does not end the others. HubError `scan_database_down`,
    `scan_table_unknown`, `scan_no_tables`, `scan_driver_missing`; `scan_table_unreadable` where nobody takes `failed`.
    """
    with engine_of(url) as engine:
        found = relations(engine, tables)
        for number, relation in enumerate(found):
            on_rows(relation.shown, number, len(found))
            sample, sqlstate = (None, relation.refusal) if relation.refusal else _sampled(engine, relation, rows)
            if sample is not None:
                yield sample
            elif failed is None:
                raise HubError("scan_table_unreadable", table=relation.shown, sqlstate=sqlstate)
            else:
                failed.append(Unreadable("scan_table_unreadable", table=relation.shown, sqlstate=sqlstate))


@contextmanager
def engine_of(url: URL) -> Generator[Engine]:
    """The database, once it has let us in.

    HubError `scan_driver_missing`, `scan_database_down`, or `scan_file_missing` for a file that is not there.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    if url.get_backend_name() == "sqlite":
        url = _read_only_sqlite(url)
    try:
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    except (NoSuchModuleError, ArgumentError, ImportError):
        engine = None
    if engine is None:
        raise HubError("scan_driver_missing", dialect=shown(url.drivername))
    reason = _refusal(engine)
    if reason is not None:
        raise HubError("scan_database_down", sqlstate=reason)
    try:
        yield engine
    finally:
        engine.dispose()


def _refusal(engine: Engine) -> str | None:
    """Why the server does not let us in, as a code; drivers put hosts, users and values into their words."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with engine.connect():
            return None
    except SQLAlchemyError as error:
        return state_of(error)
    except Exception as error:  # a driver's own
        return type(error).__name__


def _read_only_sqlite(url: URL) -> URL:
    path = Path(url.database or "")
    if not url.database or not path.is_file():
        raise HubError("scan_file_missing", path=str(path))
    return url.set(database=path.resolve().as_uri(), query={"mode": "ro", "uri": "true"})


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """A transaction that cannot write and is rolled back. A SQLite file is opened for reading only."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(postgresql_readonly=True)  # in place: a Connection returns itself
        elif engine.dialect.name in ("mysql", "mariadb"):
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        try:
            yield connection
        finally:
            connection.rollback()


def _sampled(engine: Engine, relation: Relation, limit: int) -> tuple[TableSample | None, str]:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with reading(engine) as connection:
            total, query = _query(connection, relation, limit)
            kept: Reservoir[Mapping[str, Any]] = Reservoir(limit)
            names = distinctly_shown(relation.columns)
            streaming = connection.execution_options(stream_results=True, max_row_buffer=_FETCHED)
            for rows in streaming.execute(query).partitions(_FETCHED):
                for row in rows:
                    kept.add(dict(zip(names, row, strict=True)))
            key = tuple(name for name, own in zip(names, relation.columns, strict=True) if own in relation.key)
            return sample_of(relation.shown, kept, columns=names, total=total, key=key), ""
    except SQLAlchemyError as error:
        return None, state_of(error)
    except Exception as error:  # a value that the driver cannot read
        return None, type(error).__name__


def _query(connection: Connection, relation: Relation, limit: int) -> tuple[int, Executable]:
    """How many rows there are (estimated where counting would cost a scan), and a query for some of all parts."""
    from sqlalchemy import func, literal_column, select, tablesample

    table = relation.clause()
    share = 100 * _PAGES_FOR * limit / max(relation.estimated_rows, 1)
    if relation.estimated_rows > _ENOUGH * limit and relation.pages * share / 100 >= _LEAST_PAGES:
        chosen = tablesample(table, func.system(share), seed=literal_column(str(SEED)))
        return relation.estimated_rows, select(*chosen.c)
    total = connection.execute(select(func.count()).select_from(table)).scalar_one()
    if total <= limit:
        return total, select(*table.c)
    # Every nth row would miss what comes every nth row. Multiples of the golden ratio are spread evenly over any such.
    numbered = select(*table.c, func.row_number().over().label(_position(table))).subquery()
    mixed = numbered.c[_position(table)] * literal_column(str(_GOLDEN)) % literal_column(str(_WHOLE))
    columns = [column for column in numbered.c if column.name != _position(table)]
    return total, select(*columns).where(mixed < literal_column(str(int(_WHOLE * _ROWS_FOR * limit / total))))


def _position(table: TableClause) -> str:
    name = "kopru_position"
    while name in table.c:
        name += "_"
    return name
