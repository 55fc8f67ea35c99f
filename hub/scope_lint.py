"""Rejects every way to a connection but the one: `python -m hub.scope_lint`, exit status 1 with file:line.

A transaction without a tenant's scope, or with one that outlives it, is how one tenant comes to read another's rows,
and no reviewer sees it every time. Connections are opened in hub/database.py and hub/migrations alone; whoever else
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

CHECKED = ("hub", "assets", "resources", "sensors", "schedules", "connectors", "kvkk_policies", "benchmarks", "dbt")
ALLOWED = ("hub/database.py", "hub/postgres.py", "hub/migrate.py", "hub/migrations/", "hub/scope_lint.py")

EXCEPTIONS = {
    # Great Expectations and its row counts take a URL and nothing else. They log in as `transform` and read landing as
    # the crossing `transformer`, for a batch of tenants at once, as hub/roles.py says that crossing may.
    ("assets/quality/run.py", "import sqlalchemy.create_engine"),
    ("assets/quality/run.py", ".add_sql"),
}
"""(path, what) of the only ways around, each with its reason."""

_DRIVERS = ("psycopg_pool", "psycopg2", "asyncpg", "pg8000", "dlt.destinations.impl.postgres")
"""Modules that nothing else may import at all."""

_OPENERS = {
    "psycopg.connect",
    "psycopg.Connection",
    "psycopg.AsyncConnection",
    "sqlalchemy.create_engine",
    "sqlalchemy.engine_from_config",
    "sqlalchemy.create_pool_from_url",
    "sqlalchemy.engine.create_engine",
    "sqlalchemy.ext.asyncio.create_async_engine",
    "dlt.destinations.postgres",
}
_OPENING_METHODS = {"add_postgres", "add_or_update_postgres", "update_postgres", "add_sql", "add_or_update_sql"}
"""Great Expectations' own data sources open connections of their own."""

_TYPES = {"psycopg.Connection", "psycopg.AsyncConnection"}
"""Harmless as an annotation; a call or an attribute of theirs is not."""

_SCOPING = re.compile(
    r"\bset\s+(?:local\s+|session\s+)?(?:role|session\s+authorization)\b|\breset\s+role\b|\bset_config\s*\(",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """One way around. `line` counts from 1."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: use hub.database, the one way to a connection"


def check_tree(root: Path) -> list[Finding]:
    """Findings in every Python and SQL file below `root`, by path and line. Raises SyntaxError on a broken file."""
    findings: list[Finding] = []
    for package in CHECKED:
        for file in sorted((root / package).rglob("*")):
            path = file.relative_to(root).as_posix()
            if path.startswith(ALLOWED) or "/target/" in path:
                continue
            if file.suffix == ".py":
                findings.extend(check_python(path, file.read_text(encoding="utf-8")))
            elif file.suffix == ".sql":
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
        if isinstance(node, ast.Constant) and id(node) not in spoken and _SCOPING.search(_text(node.value))
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
        if _is_driver(node.module):
            yield f"import {node.module}"
        imported = (f"{node.module}.{alias.name}" for alias in node.names)
        yield from (f"import {name}" for name in imported if (name in _OPENERS - _TYPES or _is_driver(name)))
    elif isinstance(node, ast.Attribute):
        yield from _attribute_faults(node, names)
    elif isinstance(node, ast.Call):
        yield from _call_faults(node, names)


def _attribute_faults(node: ast.Attribute, names: dict[str, str]) -> Iterator[str]:
    full = _resolved(node, names)
    owner = full.rpartition(".")[0]
    if full in _OPENERS - _TYPES or owner in _TYPES:
        yield full
    elif node.attr in _OPENING_METHODS:
        yield f".{node.attr}"


def _call_faults(node: ast.Call, names: dict[str, str]) -> Iterator[str]:
    called = _resolved(node.func, names)
    if called in _TYPES:
        yield called
    texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    by_name = called.rpartition(".")[2] in {"import_module", "__import__", "find_spec"}
    yield from (f"import {text}" for text in texts if by_name and isinstance(text, str) and _is_driver(text))
    if called == "getattr" and len(node.args) > 1:
        reached = f"{_resolved(node.args[0], names)}.{texts[0] if texts else '?'}"
        if reached in _OPENERS:
            yield reached


def _is_driver(module: str) -> bool:
    return any(module == driver or module.startswith(f"{driver}.") for driver in _DRIVERS)


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


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str) else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the tree given (default: the working directory); 0 when nothing is found."""
    given = sys.argv[1:] if arguments is None else arguments
    findings = check_tree(Path(given[0]) if given else Path.cwd())
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
