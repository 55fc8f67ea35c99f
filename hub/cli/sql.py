"""`hub sql`: SQL as one tenant's analyst, with a login of its own that ends with the session."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import note, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    import psycopg

_PROMPT = "sql> "


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sql", help=N_("Read one tenant's landing tables and marts with SQL, as its analyst."))(sql)


def sql(
    tenant: TenantOption,
    command: Annotated[
        str | None, typer.Option("-c", "--command", metavar="SQL", help=N_("Run one statement and show its result."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """With psql on the path it opens psql, otherwise a plain prompt."""
    from hub.control import analysts
    from hub.kvkk.audit import operator

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        short_lived = analysts.short_lived(
            hub.settings, hub.database, tenant_id, label=analysts.SHORT_LIVED, actor=operator()
        )
        with short_lived as login:
            psql = shutil.which("psql")
            if command is None and psql and sys.stdin.isatty():
                signal.signal(signal.SIGINT, _leave_to_psql)
                done = subprocess.run([psql], env=os.environ | login.environment(), check=False)  # noqa: S603
                raise typer.Exit(0 if done.returncode == 0 else 1)
            with hub.database.analyst(login.role_name, login.password) as connection:
                statements = [command] if command is not None else _typed()
                for statement in statements:
                    _run(connection, statement, as_json=as_json, stop=command is not None or not sys.stdin.isatty())


def _leave_to_psql(_number: int, _frame: object) -> None:
    """Ctrl-C reaches us too, and is psql's: it cancels a query with it."""


def _typed() -> Any:
    """Statements from a terminal or standard input, each ended by a semicolon at the end of a line."""
    if sys.stdin.isatty():
        note(_("Each statement ends with a semicolon; Ctrl-D leaves."))
    lines: list[str] = []
    while True:
        if sys.stdin.isatty():
            typer.echo(_PROMPT, nl=False, err=True)
        line = sys.stdin.readline()
        lines.append(line)
        if line.rstrip().endswith(";") or (not line and "".join(lines).strip()):
            yield "".join(lines)
            lines = []
        if not line:
            return


def _run(connection: psycopg.Connection[tuple[Any, ...]], statement: str, *, as_json: bool, stop: bool) -> None:
    import psycopg

    try:
        cursor = connection.execute(statement.encode())
    except psycopg.Error as error:
        connection.rollback()
        message = error.diag.message_primary or ""  # the analyst's own statement, and rows that are theirs to see
        note(message)
        if stop:
            raise HubError("sql_failed", sqlstate=error.sqlstate or "?") from None
        return
    for result in cursor.results():
        _show(result, as_json=as_json)


def _show(result: psycopg.Cursor[tuple[Any, ...]], *, as_json: bool) -> None:
    if result.description is None:
        note(result.statusmessage or "")
        return
    names = [column.name for column in result.description]
    rows = result.fetchall()
    if as_json:
        keys = [name if name not in names[:index] else f"{name}_{index + 1}" for index, name in enumerate(names)]
        show_json([{key: _plain(cell) for key, cell in zip(keys, row, strict=True)} for row in rows])
        return
    show_table(names, [["" if cell is None else str(_plain(cell)) for cell in row] for row in rows])
    note(_("Rows: {count}").format(count=len(rows)))


def _plain(cell: Any) -> Any:
    """What JSON has a word for stays; the rest as text: JSON knows neither intervals nor bytes nor infinity."""
    if isinstance(cell, dict):
        return {str(key): _plain(value) for key, value in cast("dict[Any, Any]", cell).items()}
    if isinstance(cell, list | tuple):
        return [_plain(value) for value in cast("list[Any]", cell)]
    if isinstance(cell, bytes):
        return f"\\x{cell.hex()}"
    if isinstance(cell, datetime):
        return cell.isoformat()
    if cell is None or isinstance(cell, bool | int | str) or (isinstance(cell, float) and isfinite(cell)):
        return cell
    return str(cell)
