"""Every other way to a connection is found, with file and line; what merely mentions one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.scope_lint import check_python, check_sql, check_tree, main

_WAYS = [
    "import psycopg\npsycopg.connect('x')",
    "import psycopg as p\np.connect('x')",
    "from psycopg import connect",
    "from psycopg import connect as c\nc('x')",
    "from psycopg import Connection\nConnection.connect('x')",
    "import psycopg\npsycopg.AsyncConnection.connect('x')",
    "import psycopg\nf = psycopg.connect",
    "import psycopg\ngetattr(psycopg, 'connect')('x')",
    "import psycopg2",
    "import psycopg2.pool as pool",
    "from psycopg2 import pool",
    "from psycopg_pool import ConnectionPool",
    "def f():\n    import psycopg_pool",
    "import importlib\nimportlib.import_module('psycopg_pool')",
    "__import__('psycopg2')",
    "import asyncpg",
    "from sqlalchemy import create_engine",
    "import sqlalchemy\nsqlalchemy.create_engine('x')",
    "import sqlalchemy as sa\nsa.engine_from_config({})",
    "from sqlalchemy.ext.asyncio import create_async_engine",
    "from dlt.destinations import postgres",
    "import dlt\ndlt.destinations.postgres('x')",
    "context.data_sources.add_postgres(name='x')",
    "c.execute('SET ROLE hub_platform')",
    "c.execute('set local role hub_platform')",
    "c.execute(f'SET SESSION AUTHORIZATION {x}')",
    "c.execute(b'SELECT set_config(%s, %s, false)')",
    "c.execute('RESET ROLE')",
    "from psycopg import Connection\nOther = Connection\nOther.connect('x')",
    "import psycopg\nOther = psycopg.Connection",
    "from psycopg.connection import Connection\nConnection.connect('x')",
    "import psycopg\npsycopg.connection.Connection.connect('x')",
    "from psycopg import pq\npq.PGconn.connect(b'x')",
    "import psycopg\npsycopg.pq.PGconn.connect(b'x')",
    "from psycopg import *\nconnect('x')",
    "import psycopg\ngetattr(psycopg, 'con' + 'nect')('x')",
    "import psycopg\nvars(psycopg)['connect']('x')",
    "import psycopg\npsycopg.__dict__['connect']('x')",
    "import sqlalchemy.engine.create\nsqlalchemy.engine.create.create_engine('x')",
    "exec('import psycopg2')",
    "from hub.migrations.connections import maintenance",
    "from hub.migrations import connections",
    "from hub.db.roles import TENANT_SETTING",
    "from hub import roles\nroles.TENANT_SETTING",
    "database._transaction('app')",
    "with database._scoped('t', 'app') as c: ...",
    "import subprocess\nsubprocess.run(['psql', '-c', 'x'])",
    "import subprocess\nsubprocess.run(['/usr/bin/psql'])",
    "c.execute(\"SET hub.tenant_id = 'x'\")",
    "c.execute(\"SET LOCAL hub.tenant_id TO 'x'\")",
    "c.execute('SET ' + 'ROLE x')",
    "c.execute(f\"SET {'ROLE'} x\")",
    "c.execute('SET /* */ ROLE x')",
    "c.execute('SET \"role\" TO x')",
    "sql.SQL('SET LOCAL {} TO {}')",
    "STATEMENT = '''\nSELECT 1;\nset   role x'''",
]

_HARMLESS = [
    '"""A module that never writes SET ROLE by itself."""',
    "def f(connection: 'psycopg.Connection[tuple]') -> None: ...",
    "import psycopg\ndef f(c: psycopg.Connection[tuple]) -> None: ...",
    "import psycopg\ntry: ...\nexcept psycopg.OperationalError: ...",
    "from psycopg import sql\nsql.SQL('SELECT 1')",
    "database.tenant('t', 'app')",
    "from psycopg.types.json import Jsonb",
    "import sqlalchemy\nsqlalchemy.text('SELECT 1')",
    "print('the role is set here')",
    "connect('mqtt')",
    "c.execute('UPDATE hub.tenants SET active = true')",
    "sql.SQL('ALTER ROLE {} SET {} = 1')",
    "if TYPE_CHECKING:\n    Connection = psycopg.Connection[tuple[Any, ...]]",
    "def f(c: object) -> bool:\n    return isinstance(c, psycopg.Connection)",
]


@pytest.mark.parametrize("source", _WAYS)
def test_a_way_around_is_found(source: str) -> None:
    assert check_python("assets/x.py", source)


@pytest.mark.parametrize("source", _HARMLESS)
def test_a_harmless_mention_is_not(source: str) -> None:
    assert check_python("assets/x.py", source) == []


def test_models_may_not_change_their_role() -> None:
    assert [finding.line for finding in check_sql("dbt/x.sql", "select 1\nset role x")] == [2]


def test_the_command_names_file_and_line_and_exits_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (
        "assets/a.py",
        "hub/db/database.py",
        "hub/migrations/b.py",
        "hub/migrations_too.py",
        "dbt/target/c.sql",
        "dbt/d.yml",
        "api/e.py",
        "tests/f.py",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x = 1\nimport psycopg2\n" if path.endswith("py") else "models: 1\nset role x")
    assert main([str(tmp_path)]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[0] for line in shown] == [
        "api/e.py:2",
        "assets/a.py:2",
        "dbt/d.yml:2",
        "hub/migrations_too.py:2",
    ]


def test_our_own_tree_has_one_way_to_a_connection() -> None:
    root = Path(__file__).resolve().parents[2]
    assert check_tree(root) == []
