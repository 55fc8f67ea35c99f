"""A policy that goes missing or loose turns the isolation check red: each one in the catalogue, in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from hub import roles
from hub.catalogue_gate import findings
from hub.migrations.security import read_policies

if TYPE_CHECKING:
    from tests.isolation.conftest import Connection, World
    from tests.isolation.seeds import Table

_LOGINS = "hub.analyst_logins"


def _admin(world: World, table: Table) -> Connection:
    return world.keys_admin if table.name.startswith("keys.") else world.admin


def _judged(world: World, table: Table) -> list[str]:
    """What the isolation check says. Analysts reach the table of logins through every other table's policy."""
    watched = [table]
    if table.name == _LOGINS:
        watched += [each for name, each in world.tables.items() if name.startswith("marts.")]
    return [leak for each in watched for leak in world.leaks(each)]


def test_every_policy_dropped_in_turn_turns_the_check_red(world: World) -> None:
    unnoticed = []
    for table in world.tables.values():
        admin = _admin(world, table)
        for policy in read_policies(admin, table.name):
            admin.execute(sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(policy), table.identifier))
            try:
                if not _judged(world, table) or not findings(admin, world.settings):
                    unnoticed.append(f"{table.name} {policy}")
            finally:
                world.restore(table)
    assert unnoticed == []


def test_every_policy_loosened_in_turn_turns_the_check_red(world: World) -> None:
    unnoticed = []
    for table in world.tables.values():
        admin = _admin(world, table)
        for policy, (command, _, using, _) in read_policies(admin, table.name).items():
            if using == roles.CROSSING_EXPRESSION:
                continue
            check = "" if command == "SELECT" else " WITH CHECK (true)"
            statement = sql.SQL("ALTER POLICY {} ON {} USING (true)" + check)  # pyright: ignore[reportArgumentType]
            admin.execute(statement.format(sql.Identifier(policy), table.identifier))
            try:
                # The policies that read the table of logins name the login themselves, so nothing is shown by this one.
                shown = _judged(world, table) or (table.name, policy) == (_LOGINS, "login_analyst")
                if not shown or not findings(admin, world.settings):
                    unnoticed.append(f"{table.name} {policy}")
            finally:
                world.restore(table)
    assert unnoticed == []


def test_a_table_without_row_level_security_turns_the_check_red(world: World) -> None:
    unnoticed = []
    for table in world.tables.values():
        admin = _admin(world, table)
        admin.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(table.identifier))
        try:
            if not world.leaks(table) or not findings(admin, world.settings):
                unnoticed.append(table.name)
        finally:
            world.restore(table)
    assert unnoticed == []


def test_a_grant_too_much_turns_the_check_red(world: World) -> None:
    table = world.tables["vault.originals"]
    loader = sql.Identifier(world.settings.role("loader"))
    world.admin.execute(sql.SQL("GRANT SELECT (ciphertext) ON {} TO {}").format(table.identifier, loader))
    try:
        assert [finding.code for finding in findings(world.admin, world.settings)] == ["grant_differs"]
    finally:
        world.restore(table)
    assert findings(world.admin, world.settings) == []
