"""The ways row-level security leaks (reliability.md), each shown first and then shown to be closed."""

from __future__ import annotations

import socket
import stat
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from hub.db.catalogue_gate import findings
from hub.db.database import Database
from hub.db.endpoints import endpoint, socket_directory
from hub.db.fitness import refuse_old_server, refuse_unfit
from hub.db.roles import TENANT_SETTING
from hub.errors import HubError
from tests.isolation.probe import ONLY_THEIRS, attempt
from tests.isolation.sessions import TABLE, as_app, on_the_wire, tenants_seen, undone

if TYPE_CHECKING:
    from tests.isolation.conftest import World


class TestOwnersAndSuperusers:
    def test_force_hides_every_row_from_the_owner(self, world: World) -> None:
        with undone(world) as owner:
            assert tenants_seen(owner) == set()
            owner.execute("ALTER TABLE hub.refusals NO FORCE ROW LEVEL SECURITY")
            assert tenants_seen(owner) >= {world.own, world.other}
            assert "security_not_forced" in {finding.code for finding in findings(owner, world.settings)}

    def test_a_superuser_sees_all_and_is_refused_as_a_runtime_role(self, world: World) -> None:
        assert tenants_seen(world.admin) >= {world.own, world.other}
        with pytest.raises(HubError, match="role_too_powerful"):
            refuse_unfit(world.admin)

    @pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS", "CREATEDB", "REPLICATION", "CREATEROLE"])
    def test_a_runtime_role_that_was_given_powers_is_refused_at_start(self, world: World, power: str) -> None:
        loader = sql.Identifier(world.settings.role("loader"))
        world.admin.execute(sql.SQL("ALTER ROLE {} " + power).format(loader))  # pyright: ignore[reportArgumentType]
        fresh = Database(world.settings)
        try:
            with pytest.raises(HubError, match=power), fresh.tenant(world.own, "loader"):
                pass
            assert [finding.code for finding in findings(world.admin, world.settings)] == ["role_too_powerful"]
        finally:
            world.admin.execute(sql.SQL("ALTER ROLE {} NO" + power).format(loader))  # pyright: ignore[reportArgumentType]
            fresh.close()

    def test_a_runtime_role_that_owns_a_table_is_refused_at_start(self, world: World) -> None:
        loader = sql.Identifier(world.settings.role("loader"))
        world.admin.execute("CREATE TABLE landing.stray (tenant_id text PRIMARY KEY)")
        world.admin.execute(sql.SQL("ALTER TABLE landing.stray OWNER TO {}").format(loader))
        fresh = Database(world.settings)
        try:
            with pytest.raises(HubError, match="OWNER"), fresh.tenant(world.own, "loader"):
                pass
            assert "table_owner" in {finding.code for finding in findings(world.admin, world.settings)}
        finally:
            world.admin.execute("DROP TABLE landing.stray")
            fresh.close()


class TestTheSetting:
    def test_what_a_user_sets_for_a_session_does_not_reach_the_next_user_of_the_connection(self, world: World) -> None:
        pools = Database(world.settings.model_copy(update={"pool_size": 1}))
        try:
            with pools.tenant(world.own, "app") as connection:
                first = connection.info.backend_pid
                connection.execute("SELECT set_config(%s, %s, false)", (TENANT_SETTING, world.other))
            with pools.crossing("resolver") as connection:
                assert connection.info.backend_pid == first
                left = connection.execute("SELECT current_setting(%s, true)", (TENANT_SETTING,)).fetchone()
                assert left in {("",), (None,)}
        finally:
            pools.close()

    def test_a_scope_ends_with_its_transaction_and_leaves_no_rows_and_no_error(self, world: World) -> None:
        way = endpoint(world.settings, "app")
        with on_the_wire(way.conninfo(), autocommit=True) as connection:
            with connection.transaction():
                connection.execute("SELECT set_config(%s, %s, true)", (TENANT_SETTING, world.own))
                assert tenants_seen(connection) == {world.own}
            assert connection.execute("SELECT current_setting(%s, true)", (TENANT_SETTING,)).fetchone() == ("",)
            assert tenants_seen(connection) == set()

    def test_a_scope_ends_with_its_transaction_on_a_connection_that_a_batch_keeps(self, world: World) -> None:
        """Between the transactions of a batch nothing is reset: the scope must end by itself."""
        pools = Database(world.settings.model_copy(update={"pool_size": 1}))
        try:
            with pools.holding():
                with pools.tenant(world.own, "app") as connection:
                    first = connection.info.backend_pid
                with pools.crossing("resolver") as connection:
                    assert connection.info.backend_pid == first
                    left = connection.execute("SELECT current_setting(%s, true)", (TENANT_SETTING,)).fetchone()
                    assert left == ("",)
        finally:
            pools.close()

    def test_without_any_scope_nothing_is_seen(self, world: World) -> None:
        with on_the_wire(endpoint(world.settings, "app").conninfo()) as connection:
            assert tenants_seen(connection) == set()

    def test_an_exception_rolls_back_and_passes_through(self, world: World) -> None:
        def fail() -> None:
            with world.database.tenant(world.own, "app") as connection:
                connection.execute("DELETE FROM hub.refusals")
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        with world.database.tenant(world.own, "app") as connection:
            assert tenants_seen(connection) == {world.own}

    @pytest.mark.parametrize("role", ["app", "loader", "vault"])
    def test_switching_row_security_off_is_an_error_and_shows_nothing(self, world: World, role: Any) -> None:
        with on_the_wire(endpoint(world.settings, role).conninfo(), autocommit=True) as connection:
            connection.execute("SELECT set_config(%s, %s, false)", (TENANT_SETTING, world.own))
            connection.execute("SET row_security = off")
            readable = {"app": TABLE, "loader": "hub.sync_state", "vault": "vault.originals"}[role]
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                connection.execute(f"SELECT tenant_id FROM {readable}".encode())  # noqa: S608

    @pytest.mark.parametrize(
        "tenant_id", ["", "t", "T" + "a" * 11, "taaaaaaaaaa1", "taaaaaaaaaaa' OR true", "taaaaaaaaaaa\n"]
    )
    def test_a_malformed_id_is_refused_before_it_reaches_the_database(self, world: World, tenant_id: str) -> None:
        with pytest.raises(HubError, match="tenant_id_malformed"), world.database.tenant(tenant_id, "app"):
            pass


class TestKeys:
    """A key across tenants answers whether another tenant has a value; one that begins with the tenant does not."""

    def test_a_unique_key_without_the_tenant_can_be_asked_and_one_with_it_cannot(self, world: World) -> None:
        refusals = world.tables[TABLE]
        statement, values = refusals.insert(refusals.row(world.own, ONLY_THEIRS))
        with world.admin.transaction(force_rollback=True):
            as_app(world, world.admin)
            assert attempt(world.admin, statement, values).sqlstate is None
        with world.admin.transaction(force_rollback=True):
            world.admin.execute("CREATE UNIQUE INDEX ON hub.refusals (record_key) WHERE record_key = 'only-theirs'")
            as_app(world, world.admin)
            assert attempt(world.admin, statement, values).sqlstate == "23505"
            assert "unique_without_tenant" in {each.code for each in findings(world.admin, world.settings)}

    def test_a_reference_without_the_tenant_can_be_asked_and_one_with_it_cannot(self, world: World) -> None:
        def answers(reference: str) -> set[str | None]:
            """What the application role hears when it refers to the other tenant's row, and to nobody's."""
            with world.admin.transaction(force_rollback=True):
                world.admin.execute("CREATE TABLE hub.known (tenant_id text, name text, PRIMARY KEY (tenant_id, name))")
                world.admin.execute("CREATE UNIQUE INDEX known_name ON hub.known (name)")
                world.admin.execute("ALTER TABLE hub.known ADD UNIQUE USING INDEX known_name")
                world.admin.execute("INSERT INTO hub.known VALUES (%s, 'theirs')", (world.other,))
                world.admin.execute(f"CREATE TABLE hub.referring (tenant_id text, name text, {reference})".encode())
                world.admin.execute("GRANT SELECT, INSERT ON hub.referring TO PUBLIC")
                codes = {each.code for each in findings(world.admin, world.settings)}
                assert ("reference_without_tenant" in codes) is ("(tenant_id" not in reference)
                as_app(world, world.admin)
                insert = sql.SQL("INSERT INTO hub.referring VALUES (%s, %s)")
                return {
                    attempt(world.admin, insert, (world.own, name)).sqlstate for name in ("theirs", "nobody has this")
                }

        assert answers("FOREIGN KEY (name) REFERENCES hub.known (name)") == {None, "23503"}
        assert answers("FOREIGN KEY (tenant_id, name) REFERENCES hub.known") == {"23503"}


class TestTheServer:
    @pytest.mark.parametrize("version", [150018, 160009, 170005, 140000, 90600])
    def test_one_without_the_fixes_is_refused(self, version: int) -> None:
        with pytest.raises(HubError, match="server_too_old"):
            refuse_old_server(version)

    @pytest.mark.parametrize("version", [160010, 160011, 170006, 180000, 180006, 190000])
    def test_one_with_the_fixes_is_accepted(self, version: int) -> None:
        refuse_old_server(version)

    @pytest.mark.parametrize("role", ["vault", "loader", "app", "owner", "platform", "transformer"])
    def test_the_provisioner_may_make_roles_and_grant_itself_none_of_ours(self, world: World, role: str) -> None:
        with on_the_wire(endpoint(world.settings, "provisioner").conninfo(), autocommit=True) as connection:
            names = [sql.Identifier(world.settings.role(name)) for name in (role, "provisioner")]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("GRANT {} TO {}").format(*names))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("ALTER ROLE {} PASSWORD 'mine'").format(names[0]))
            for power in ("SUPERUSER", "BYPASSRLS", "REPLICATION", "CREATEDB"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.SQL("CREATE ROLE x " + power))  # pyright: ignore[reportArgumentType]

    @pytest.mark.parametrize("user", ["postgres", "hub_app", "hub_owner"])
    @pytest.mark.parametrize("cluster", ["data", "keys"])
    def test_nobody_is_trusted_without_a_password(self, world: World, cluster: Any, user: str) -> None:
        host = str(socket_directory(world.settings, cluster))
        for password in ("", "postgres"):
            with pytest.raises(psycopg.OperationalError, match=r"password|no password supplied"):
                on_the_wire(host=host, user=user, password=password, dbname="postgres", passfile="/dev/null")

    @pytest.mark.parametrize("cluster", ["data", "keys"])
    def test_the_socket_is_the_servers_own_and_nothing_listens_beside_it(self, world: World, cluster: Any) -> None:
        directory = socket_directory(world.settings, cluster)
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        admin = world.admin if cluster == "data" else world.keys_admin
        assert admin.execute("SHOW listen_addresses").fetchone() == ("",)
        rules = admin.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        assert rules == [("scram-sha-256",)]
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(directory / ".s.PGSQL.5432"))
