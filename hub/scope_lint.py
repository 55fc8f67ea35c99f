"""Rejects every way to a connection but the one: `python -m hub.scope_lint`, exit status 1 with file:line.

A transaction without a tenant's scope, or with one that outlives it, is how one tenant comes to read another's rows,
and no reviewer sees it every time. Connections are opened in hub/db and hub/migrations alone; whoever else
needs one asks `Database`. There is no marker that switches a line off: an exception is a line in `EXCEPTIONS`, here.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LEFT_OUT = ("tests", "build", "dist")
"""Whatever else stands in the tree is checked, so that a new package is from its first line on."""

ALLOWED = (
    "hub/db/database.py",
    "hub/db/pool.py",
    "hub/db/postgres.py",
    "hub/db/migrate.py",
    "hub/migrations/",
    "hub/scope_lint.py",
)

EXCEPTIONS = {
    # Great Expectations and its row counts take a URL and nothing else. They log in as `transform` and read landing as
    # the crossing `transformer`, for a batch of tenants at once, as hub/db/roles.py says that crossing may.
    ("assets/quality/run.py", "import sqlalchemy.create_engine"),
    ("assets/quality/run.py", ".add_sql"),
    # `hub sql` hands the terminal to psql, logged in as an analyst of one tenant.
    ("hub/cli/sql.py", "psql"),
    # A backup holds every row, so the administrator makes it and brings it back, with Postgres's own programs.
    ("hub/backup/clusters.py", "import hub.migrations.connections"),
    ("hub/backup/clusters.py", "pg_dump"),
    ("hub/backup/clusters.py", "pg_restore"),
    ("hub/backup/clusters.py", "psql"),
    # `hub pii scan` reads a stranger's database by a URL and login that the caller gives it, in read-only transactions.
    ("hub/discovery/sources/databases.py", "import sqlalchemy.create_engine"),
    # Measuring needs states and a table for raw COPY that no role of ours may make.
    ("benchmarks/api_bench.py", "import hub.migrations.connections"),
    ("benchmarks/load_bench.py", "import hub.migrations.connections"),
    ("benchmarks/population.py", "import hub.migrations.connections"),
}
"""(path, what) of the only ways around, each with its reason."""

_DRIVERS = (
    "psycopg_pool",
    "psycopg2",
    "asyncpg",
    "pg8000",
    "dlt.destinations.impl.postgres",
    "hub.migrations.connections",
)
"""Modules that nothing else may import at all. The last one opens connections as the administrator."""

_OPENING_NAMES = {
    "psycopg": {"connect", "Connection", "AsyncConnection", "PGconn"},
    "sqlalchemy": {
        "create_engine",
        "create_async_engine",
        "create_pool_from_url",
        "engine_from_config",
        "async_engine_from_config",
    },
    "dlt": {"postgres"},
    "hub": {"TENANT_SETTING"},
}
"""What opens a connection, by the package it comes from, from whichever module of it. The setting opens a scope."""

_TYPES = {"Connection", "AsyncConnection"}
"""Harmless as an annotation; a call, an attribute or another name of theirs is not."""

_OPENING_METHODS = {
    "add_postgres",
    "add_or_update_postgres",
    "update_postgres",
    "add_sql",
    "add_or_update_sql",
    "_transaction",
    "_scoped",
    "_from_pool",
    "_from_kept",
    "_open_pool",
}
"""Great Expectations' own data sources open connections of their own, and `Database` has an inside."""

_PROGRAMS = {"psql", "pg_dump", "pg_restore"}

_SCOPING = re.compile(
    r"""\bset\s+(?:local\s+|session\s+)?["']?(?:role\b|session\s+authorization\b|hub["']?\.)"""
    r"|\breset\s+role\b|\bset_config\s*\("
    r"|(?:^|;)\s*set\s+(?:local\s+|session\s+)?\{",
    re.IGNORECASE,
)
"""The last line is a statement whose very subject is filled in."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """One way around. `line` counts from 1."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: use hub.db.database, the one way to a connection"


def check_tree(root: Path) -> list[Finding]:
    """Findings in every Python and SQL file below `root`, by path and line. Raises SyntaxError on a broken file."""
    findings: list[Finding] = []
    tops = [top for top in root.iterdir() if top.name not in LEFT_OUT and not top.name.startswith(".")]
    for file in sorted(file for top in tops for file in (top.rglob("*") if top.is_dir() else [top])):
        path = file.relative_to(root).as_posix()
        if path.startswith(ALLOWED) or "/target/" in path:
            continue
        if file.suffix == ".py":
            findings.extend(check_python(path, file.read_text(encoding="utf-8")))
        elif file.suffix == ".sql" or (path.startswith("dbt/") and file.suffix in {".yml", ".yaml"}):
            findings.extend(check_sql(path, file.read_text(encoding="utf-8")))
    return findings


def check_python(path: str, source: str) -> list[Finding]:
    """Findings in one Python file."""
    tree = ast.parse(source, filename=path)
    names = _imported_names(tree)
    found = {
        (node.lineno, what)
        for node in ast.walk(tree)
        for what in _faults(node, names)
        if isinstance(node, ast.stmt | ast.expr)
    }
    spoken = {id(node) for node in _docstrings(tree)} | {id(node) for node in _annotations(tree)}
    found |= {
        (node.lineno, "role or scope set by hand")
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and id(node) not in spoken and _SCOPING.search(_COMMENT.sub(" ", _text(node)))
    }
    return [Finding(path, line, what) for line, what in sorted(found) if (path, what) not in EXCEPTIONS]


def check_sql(path: str, source: str) -> list[Finding]:
    """Findings in one SQL file (dbt's models and macros)."""
    return [
        Finding(path, number, "role or scope set by hand")
        for number, line in enumerate(source.splitlines(), 1)
        if _SCOPING.search(line)
    ]


def _faults(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"import {alias.name}" for alias in node.names if _is_driver(alias.name))
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield from _import_faults(node.module, [alias.name for alias in node.names])
    elif isinstance(node, ast.Attribute):
        yield from _attribute_faults(node, names)
    elif isinstance(node, ast.Call):
        yield from _call_faults(node, names)
    elif isinstance(node, ast.Assign) and _opens(full := _resolved(node.value, names)):
        if not isinstance(node.value, ast.Subscript):
            yield full
    elif isinstance(node, ast.Constant) and str(node.value).rpartition("/")[2] in _PROGRAMS:
        yield str(node.value).rpartition("/")[2]


def _import_faults(module: str, imported: list[str]) -> Iterator[str]:
    if _is_driver(module):
        yield f"import {module}"
        return
    for name in imported:
        full = f"{module}.{name}"
        everything = name == "*" and module.partition(".")[0] in _OPENING_NAMES
        if everything or _is_driver(full) or (_opens(full) and name not in _TYPES):
            yield f"import {full}"


def _attribute_faults(node: ast.Attribute, names: dict[str, str]) -> Iterator[str]:
    full = _resolved(node, names)
    owner, _, name = full.rpartition(".")
    of_type = _opens(owner) and owner.rpartition(".")[2] in _TYPES
    inside = owner in _OPENING_NAMES and name == "__dict__"
    if of_type or inside or _is_driver(full) or (_opens(full) and name not in _TYPES):
        yield full
    elif node.attr in _OPENING_METHODS:
        yield f".{node.attr}"


def _call_faults(node: ast.Call, names: dict[str, str]) -> Iterator[str]:
    called = _resolved(node.func, names)
    if _opens(called) and called.rpartition(".")[2] in _TYPES:
        yield called
    texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    by_name = called.rpartition(".")[2] in {"import_module", "__import__", "find_spec"}
    yield from (f"import {text}" for text in texts if by_name and isinstance(text, str) and _is_driver(text))
    if called in {"exec", "eval"}:
        yield called
    reached = _resolved(node.args[0], names) if node.args else ""
    if called == "vars" and reached in _OPENING_NAMES:
        yield reached
    if called == "getattr" and len(node.args) > 1:
        attribute = f"{reached}.{texts[0] if texts else '?'}"
        if _opens(attribute) or _is_driver(attribute) or (not texts and reached.partition(".")[0] in _OPENING_NAMES):
            yield attribute


def _is_driver(module: str) -> bool:
    return any(module == driver or module.startswith(f"{driver}.") for driver in _DRIVERS)


def _opens(full: str) -> bool:
    package, dot, rest = full.partition(".")
    return bool(dot) and rest.rpartition(".")[2] in _OPENING_NAMES.get(package, ())


def _imported_names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for, so that an alias hides nothing."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _resolved(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_resolved(node.value, names)}.{node.attr}"
    if isinstance(node, ast.Subscript):
        return _resolved(node.value, names)
    return ""


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    yield from (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))


def _annotations(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield from ast.walk(node.annotation)


def _text(node: ast.expr) -> str:
    """A literal's text, pieces of it put together; `{}` stands for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.FormattedValue):
        return _text(node.value) or "{}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    if not isinstance(node, ast.Constant):
        return ""
    if isinstance(node.value, bytes):
        return node.value.decode(errors="replace")
    return node.value if isinstance(node.value, str) else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the tree given (default: the working directory); 0 when nothing is found."""
    given = sys.argv[1:] if arguments is None else arguments
    findings = check_tree(Path(given[0]) if given else Path.cwd())
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
