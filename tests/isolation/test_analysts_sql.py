"""An analyst may run any SQL; the login binds, not a setting."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from hub.db import roles
from hub.migrations.hardening import exposed_functions, exposed_views
from tests.isolation.probe import attempt
from tests.isolation.sessions import on_the_wire

if TYPE_CHECKING:
    from tests.isolation.conftest import World


def attempt_kept(connection: Any, statement: str) -> None:
    """Carry a statement out if it is allowed; where it is not, nothing was set."""
    with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
        connection.execute(statement.encode())


class TestAnalysts:
    """Whoever may run any SQL is bound by the login, not by a setting."""

    @pytest.mark.parametrize("role", [*roles.CROSSINGS, *roles.LOGINS, roles.OWNER, roles.ANALYST])
    def test_step_into_no_other_role(self, world: World, role: str) -> None:
        for statement in ("SET ROLE {}", "SET SESSION AUTHORIZATION {}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                world.analyst.execute(
                    sql.SQL(statement).format(sql.Identifier(world.settings.role(role)))  # pyright: ignore[reportArgumentType]
                )

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TEMPORARY TABLE mine (x int)",
            "CREATE TABLE marts.mine (x int)",
            "CREATE TABLE public.mine (x int)",
            "CREATE SCHEMA mine",
            "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE ROLE mine",
            "SELECT * FROM pg_catalog.pg_authid",
            "SELECT * FROM pg_catalog.pg_stat_activity",
            "SELECT * FROM pg_catalog.pg_stat_user_tables",
            "SELECT * FROM pg_catalog.pg_stats",
            "SELECT * FROM pg_catalog.pg_locks",
            "SELECT * FROM pg_catalog.pg_statistic",
            "SELECT pg_catalog.pg_relation_size(oid) FROM pg_catalog.pg_class",
            "SELECT pg_catalog.pg_database_size(current_database())",
            "SELECT pg_catalog.pg_stat_get_live_tuples(oid) FROM pg_catalog.pg_class",
            "SELECT pg_catalog.pg_advisory_lock(1)",
            "SELECT pg_catalog.lo_create(0)",
            "SELECT pg_catalog.pg_notify('x', 'y')",
            "SELECT pg_catalog.pg_read_file('/etc/passwd')",
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "COPY (SELECT 1) TO '/tmp/x'",
            "TABLE hub.tenants",
            "TABLE hub.analyst_logins",
            "TABLE vault.originals",
        ],
    )
    def test_are_refused(self, world: World, statement: str) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            world.analyst.execute(statement.encode())

    @pytest.mark.parametrize("name", ["postgres", "template1", "dagster"])
    def test_reach_no_other_database(self, world: World, name: str) -> None:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            on_the_wire(
                host=world.analyst.info.host,
                port=world.analyst.info.port,
                dbname=name,
                user=world.analyst.info.user,
                password=world.analyst.info.password,
            )

    @pytest.mark.parametrize(
        "words",
        [
            "SET hub.tenant_id = '{other}'",
            "SET SESSION hub.tenant_id = '{other}'",
            "SELECT set_config('hub.tenant_id', '{other}', false)",
            "ALTER ROLE CURRENT_USER SET hub.tenant_id = '{other}'",
            "SET row_security = off",
            "SET session_replication_role = replica",
            "SET SESSION AUTHORIZATION DEFAULT",
            "SET search_path = marts, landing",
        ],
    )
    def test_see_their_own_rows_or_none_whatever_they_set(self, world: World, words: str) -> None:
        tables = [name for name in world.tables if name.startswith(("landing.", "marts."))]
        with world.analyst.transaction(force_rollback=True):
            attempt_kept(world.analyst, words.format(other=world.other))
            for name in tables:
                seen = attempt(world.analyst, sql.SQL("SELECT tenant_id FROM {}").format(world.tables[name].identifier))
                refused = words.endswith("row_security = off") and seen.sqlstate == "42501"
                assert refused or {row[0] for row in seen.rows} == {world.own}, name

    def test_copy_out_their_own_rows_and_no_others(self, world: World) -> None:
        table = next(name for name in world.tables if name.startswith("landing."))
        with world.analyst.cursor().copy(f"COPY {table} (tenant_id) TO STDOUT".encode()) as copy:
            assert {bytes(line).decode().strip() for line in copy} == {world.own}

    def test_learn_nothing_from_estimates(self, world: World) -> None:
        """EXPLAIN shows what the planner expects; it keeps no samples of these tables to expect from."""
        rows = world.admin.execute(
            """
            SELECT a.attrelid::regclass::text, a.attname FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('landing', 'marts') AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attstattarget IS DISTINCT FROM 0
            """
        ).fetchall()
        assert rows == []
        table = next(name for name in world.tables if name.startswith("landing."))
        world.admin.execute(f"ANALYZE {table}".encode())

        def expected(tenant_id: str) -> Any:
            statement = f"EXPLAIN (FORMAT JSON) SELECT FROM {table} WHERE tenant_id = '{tenant_id}'"
            row = world.analyst.execute(statement.encode()).fetchone()
            assert row is not None
            return row[0][0]["Plan"]["Plan Rows"]

        assert expected(world.other) == expected("taaaaaaaaaaa")

    def test_learn_nothing_from_conditions_that_cost_nothing(self, world: World) -> None:
        """Postgres tries those before a policy that costs something; what follows them tells whether they held."""

        def held(relation: sql.Composable, tenant_id: str) -> bool:
            world.analyst.execute("SELECT set_config('seen.held', 'no', true)")
            world.analyst.execute(
                sql.SQL(
                    "SELECT FROM {relation} WHERE ({wanted}::jsonb)[tenant_id] IS NOT NULL AND"
                    " (('{{}}'::jsonb)[tenant_id] IS NOT NULL OR (SELECT set_config('seen.held', 'yes', true) = 'yes'))"
                ).format(relation=relation, wanted=sql.Literal(json.dumps({tenant_id: True})))
            )
            row = world.analyst.execute("SELECT current_setting('seen.held')").fetchone()
            return row == ("yes",)

        tables = {
            name: table.identifier for name, table in world.tables.items() if name.startswith(("landing.", "marts."))
        }
        with world.analyst.transaction(force_rollback=True):
            # An index would lead to the analyst's own rows alone.
            world.analyst.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
            assert {name for name, table in tables.items() if held(table, world.other)} == set()
            assert {name for name, table in tables.items() if not held(table, world.own)} == set()

    def test_nothing_of_the_list_is_left_to_everybody(self, world: World) -> None:
        for admin in (world.admin, world.keys_admin):
            assert exposed_functions(admin) == []
            assert exposed_views(admin) == []
