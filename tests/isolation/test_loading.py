"""How rows get in: no COPY past the policies, no table swapped, no cursor moved by another role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

if TYPE_CHECKING:
    from tests.isolation.conftest import World


class TestLoading:
    def test_copy_into_a_table_is_refused_and_a_temporary_table_serves(self, world: World) -> None:
        table = next(each for name, each in world.tables.items() if name.startswith("landing."))
        row = table.row(world.own, "copied")
        names = ", ".join(f'"{name}"' for name in row)
        with world.database.tenant(world.own, "loader") as connection:
            into = f"COPY {table.name} ({names}) FROM STDIN".encode()
            with (
                pytest.raises(psycopg.errors.FeatureNotSupported),
                connection.transaction(force_rollback=True),
                connection.cursor().copy(into),
            ):
                pass
            with connection.transaction(force_rollback=True):
                connection.execute(
                    f"CREATE TEMP TABLE batch (LIKE {table.name} INCLUDING DEFAULTS) ON COMMIT DROP".encode()
                )
                with connection.cursor().copy(f"COPY batch ({names}) FROM STDIN".encode()) as copy:
                    copy.write_row(list(row.values()))
                loaded = connection.execute(
                    f"INSERT INTO {table.name} ({names}) SELECT {names} FROM batch ON CONFLICT DO NOTHING".encode()  # noqa: S608
                )
                assert loaded.rowcount == 1
                connection.execute("UPDATE batch SET tenant_id = %s", (world.other,))
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM batch".encode())  # noqa: S608

    @pytest.mark.parametrize(
        "text", ["DROP TABLE {}", "TRUNCATE {}", "ALTER TABLE {} ADD COLUMN x int", "DELETE FROM {}"]
    )
    def test_the_loader_can_neither_swap_nor_empty_a_table(self, world: World, text: str) -> None:
        table = next(each for name, each in world.tables.items() if name.startswith("landing."))
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            world.database.tenant(world.own, "loader") as connection,
        ):
            connection.execute(sql.SQL(text).format(table.identifier))  # pyright: ignore[reportArgumentType]

    def test_the_cursor_is_the_loaders_alone(self, world: World) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), world.database.tenant(world.own, "app") as connection:
            connection.execute("UPDATE hub.sync_state SET synced_until = now()")
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            world.database.tenant(world.own, "loader") as connection,
        ):
            connection.execute("UPDATE hub.sync_state SET state = 'ok'")

    def test_dbt_makes_temporary_tables_and_no_others(self, world: World) -> None:
        with world.database.crossing("transformer") as connection:
            connection.execute("CREATE TEMPORARY TABLE model_batch ON COMMIT DROP AS SELECT 1 AS x")
            for schema in ("marts", "landing", "hub", "public"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(f"CREATE TABLE {schema}.mine (x int)".encode())
