"""A policy that goes missing or loose turns the isolation check red: each one in the catalogue.

Each table is judged by itself and by the role whose policy it is, so policies of one name are taken from all tables at
once, and every table must show it. `make prove` takes them one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from hub.db import roles
from hub.db.catalogue_gate import findings
from hub.migrations.security import read_policies

if TYPE_CHECKING:
    from tests.isolation.conftest import Connection, World
    from tests.isolation.seeds import Table

Named = tuple[str, str]
"""Table and policy."""
_LOGINS = "hub.analyst_logins"
_DROP = "DROP POLICY {policy} ON {table}"
_LOOSEN = "ALTER POLICY {policy} ON {table} USING (true)"
_LOOSEN_BOTH = _LOOSEN + " WITH CHECK (true)"

AT_ONCE = pytest.mark.parametrize(
    "one_by_one", [pytest.param(False, id="by_name"), pytest.param(True, id="one_by_one", marks=pytest.mark.prove)]
)


def _admin(world: World, table: Table) -> Connection:
    return world.keys_admin if table.name.startswith("keys.") else world.admin


@contextmanager
def _changed(world: World, statements: dict[str, str], policy: str) -> Iterator[set[str]]:
    """Carry out a statement on each table, and give the tables which the catalogue gate then names."""
    tables = [world.tables[name] for name in statements]
    try:
        for table in tables:
            statement = sql.SQL(statements[table.name])  # pyright: ignore[reportArgumentType]
            _admin(world, table).execute(statement.format(policy=sql.Identifier(policy), table=table.identifier))
        admins = {id(admin): admin for admin in (_admin(world, table) for table in tables)}.values()
        yield {finding.name for admin in admins for finding in findings(admin, world.settings)}
    finally:
        for table in tables:
            world.restore(table)


def _shown(world: World, name: str, policy: str) -> bool:
    """Whether the isolation check goes red for a table. Analysts reach the table of logins through all others."""
    role = policy.partition("_")[2]
    watched = [world.tables[name]]
    if (name, policy) == (_LOGINS, "login_analyst"):
        watched += [each for other, each in world.tables.items() if other.startswith("marts.")]
    return any(True for table in watched for _ in world.leaks(table, role=role))


def _unnoticed(world: World, statements: dict[Named, str], *, one_by_one: bool, excused: frozenset[Named]) -> list[str]:
    groups: dict[object, dict[str, str]] = defaultdict(dict)
    for (name, policy), statement in statements.items():
        # Whoever cannot read the table of logins sees nothing elsewhere, so it is never one of several.
        alone = one_by_one or name == _LOGINS
        groups[policy, name if alone else None][name] = statement
    unnoticed: list[str] = []
    for (policy, _), group in groups.items():  # pyright: ignore[reportGeneralTypeIssues]
        with _changed(world, group, policy) as named:
            unnoticed += [f"gate: {name} {policy}" for name in group if name not in named]
            blind = [name for name in group if (name, policy) not in excused and not _shown(world, name, policy)]
            unnoticed += [f"check: {name} {policy}" for name in blind]
    return unnoticed


@AT_ONCE
def test_every_policy_dropped_turns_the_check_red(world: World, one_by_one: bool) -> None:
    statements = {
        (table.name, policy): _DROP
        for table in world.tables.values()
        for policy in read_policies(_admin(world, table), table.name)
    }
    assert {name for name, _ in statements} == set(world.tables)
    assert _unnoticed(world, statements, one_by_one=one_by_one, excused=frozenset()) == []


@AT_ONCE
def test_every_policy_loosened_turns_the_check_red(world: World, one_by_one: bool) -> None:
    statements = {
        (table.name, policy): _LOOSEN if command == "SELECT" else _LOOSEN_BOTH
        for table in world.tables.values()
        for policy, (command, _, using, _) in read_policies(_admin(world, table), table.name).items()
        if using != roles.CROSSING_EXPRESSION
    }
    assert {name for name, _ in statements} == set(world.tables)
    # The policies that read the table of logins name the login themselves, so nothing is shown by this one.
    excused = frozenset({(_LOGINS, "login_analyst")})
    assert _unnoticed(world, statements, one_by_one=one_by_one, excused=excused) == []


def test_a_table_without_row_level_security_turns_the_check_red(world: World) -> None:
    statements = dict.fromkeys(world.tables, "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    with _changed(world, statements, "") as named:
        assert [name for name in world.tables if name not in named] == []
        blind = [name for name, table in world.tables.items() if next(world.leaks(table), None) is None]
    assert blind == []


def test_a_grant_too_much_turns_the_check_red(world: World) -> None:
    table = world.tables["vault.originals"]
    loader = sql.Identifier(world.settings.role("loader"))
    world.admin.execute(sql.SQL("GRANT SELECT (ciphertext) ON {} TO {}").format(table.identifier, loader))
    try:
        assert [finding.code for finding in findings(world.admin, world.settings)] == ["grant_differs"]
    finally:
        world.restore(table)
    assert findings(world.admin, world.settings) == []
