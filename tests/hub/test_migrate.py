"""`hub migrate` makes everything, again and again, and refuses what it does not know."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.db import postgres
from hub.db.catalogue_gate import findings
from hub.db.database import Database
from hub.db.endpoints import dagster_endpoint, data_directory
from hub.db.migrate import MigrationReport, migrate
from hub.errors import HubError
from hub.migrations.connections import outside_transaction
from hub.models.dbt_process import ensure_manifest
from hub.settings import Settings
from tests.fixtures import siparis
from tests.isolation.conftest import Connection
from tests.isolation.sessions import on_the_wire
from tests.support.rooms import new_directory

PROVIDERS = {siparis.PROVIDER.name: siparis.PROVIDER}
_POLICIES = Path(__file__).parents[1] / "fixtures" / "siparis"


@pytest.fixture(scope="module")
def home() -> Iterator[Settings]:
    """A home of its own with running servers, never migrated."""
    directory = new_directory("kopru-mig-")
    settings = Settings.apart(directory, policies_dir=_POLICIES)
    ensure_manifest(settings)
    with postgres.running(settings):
        yield settings
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def first(home: Settings) -> MigrationReport:
    """What the first migration of that home reported."""
    return migrate(home, providers=PROVIDERS)


@pytest.fixture
def migrated(home: Settings, first: MigrationReport) -> Settings:
    """The home after its first migration."""
    assert first.revisions
    return home


def _run(settings: Settings) -> MigrationReport:
    return migrate(settings, providers=PROVIDERS, with_dagster=False)


class TestAFreshHome:
    def test_gets_everything(self, first: MigrationReport) -> None:
        assert {"hub", "dagster", "keys", "hub_owner", "hub_app", "hub_keys"} <= set(first.made)
        assert all(revisions for revisions in first.revisions.values())
        assert first.tables["landing.siparis_orders"] == "created"
        assert first.hardened
        assert first.master_key_made

    def test_a_second_run_changes_nothing(self, migrated: Settings) -> None:
        steps: list[str] = []
        again = migrate(migrated, providers=PROVIDERS, on_progress=steps.append)
        assert (again.made, again.tables, again.master_key_made) == ([], {}, False)
        assert again.revisions == {"data": (), "keys": ()}
        assert steps == ["migrate_keys", "migrate_data", "migrate_dagster"]

    def test_agrees_with_the_declaration(self, migrated: Settings) -> None:
        for cluster in ("data", "keys"):
            with outside_transaction(migrated, cluster) as admin:
                assert findings(admin, migrated) == []

    def test_gives_dagster_its_tables_in_its_own_database(self, migrated: Settings) -> None:
        with on_the_wire(dagster_endpoint(migrated).conninfo()) as connection:
            assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)
            owners = connection.execute(
                "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
        assert owners == [("hub_dagster",)]

    def test_two_migrations_at_once_both_succeed(self, migrated: Settings) -> None:
        with ThreadPoolExecutor(2) as threads:
            reports = list(threads.map(_run, [migrated, migrated]))
        assert [report.tables for report in reports] == [{}, {}]


class TestWhatItRefuses:
    @pytest.mark.parametrize(("cluster", "schema"), [("data", "hub"), ("keys", "keys")])
    def test_a_newer_schema(self, migrated: Settings, cluster: str, schema: str) -> None:
        with outside_transaction(migrated, cluster) as admin:  # pyright: ignore[reportArgumentType]
            before = admin.execute(f"SELECT version_num FROM {schema}.alembic_version".encode()).fetchone()  # noqa: S608
            assert before is not None
            admin.execute(f"UPDATE {schema}.alembic_version SET version_num = '9999'".encode())  # noqa: S608
            try:
                with pytest.raises(HubError, match=f"schema_newer schema={schema} found=9999"):
                    _run(migrated)
            finally:
                admin.execute(f"UPDATE {schema}.alembic_version SET version_num = %s".encode(), before)  # noqa: S608

    def test_a_newer_dagster(self, migrated: Settings) -> None:
        with on_the_wire(dagster_endpoint(migrated).conninfo(), autocommit=True) as connection:
            before = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
            try:
                with pytest.raises(HubError, match="schema_newer schema=dagster"):
                    migrate(migrated, providers=PROVIDERS)
            finally:
                connection.execute("UPDATE alembic_version SET version_num = %s", before)

    def test_a_landing_table_of_a_newer_policy(self, migrated: Settings) -> None:
        with outside_transaction(migrated, "data") as admin:
            admin.execute("UPDATE hub.generated_tables SET declared_version = declared_version + 1")
            try:
                with pytest.raises(HubError, match=r"schema_newer schema=landing\.siparis_orders"):
                    _run(migrated)
            finally:
                admin.execute("UPDATE hub.generated_tables SET declared_version = declared_version - 1")

    def test_a_master_key_that_is_gone_while_keys_are_wrapped_with_it(self, migrated: Settings) -> None:
        aside = migrated.master_key_file.with_suffix(".aside")
        migrated.master_key_file.rename(aside)
        with outside_transaction(migrated, "keys") as admin:
            admin.execute("INSERT INTO keys.master (fingerprint) VALUES ('test')")
            try:
                with pytest.raises(HubError, match="master_key_missing"):
                    _run(migrated)
                assert not migrated.master_key_file.exists()
            finally:
                admin.execute("DELETE FROM keys.master WHERE fingerprint = 'test'")
                aside.rename(migrated.master_key_file)

    def test_keys_in_the_datas_own_cluster(self, migrated: Settings) -> None:
        from hub.db.endpoints import admin_endpoint

        way = admin_endpoint(migrated, "data")
        url = f"postgresql://{way.user}:{way.password}@/postgres?host={way.host}&port={way.port}"
        shared = migrated.model_copy(
            update={"keys_database_url": _secret(url), "keys_admin_database_url": _secret(url)}
        )
        with pytest.raises(HubError, match="keys_same_cluster"):
            _run(shared)

    def test_a_table_that_nobody_declared(self, migrated: Settings) -> None:
        with outside_transaction(migrated, "data") as admin:
            admin.execute("CREATE TABLE hub.stray (tenant_id text PRIMARY KEY)")
            try:
                with pytest.raises(HubError, match=r"table_undeclared table=hub\.stray"):
                    _run(migrated)
            finally:
                admin.execute("DROP TABLE hub.stray")


class TestWhatItMends:
    def test_a_policy_that_was_loosened_and_a_grant_too_much(self, migrated: Settings) -> None:
        with outside_transaction(migrated, "data") as admin:
            admin.execute("ALTER POLICY tenant_app ON hub.consents USING (true)")
            admin.execute("CREATE POLICY extra ON hub.consents USING (true)")
            admin.execute("ALTER TABLE hub.consents NO FORCE ROW LEVEL SECURITY")
            admin.execute("GRANT ALL ON hub.consents TO PUBLIC")
            admin.execute("GRANT SELECT (ciphertext) ON vault.originals TO hub_loader")
            assert findings(admin, migrated) != []
            _run(migrated)
            assert findings(admin, migrated) == []

    def test_a_column_that_its_policy_drops_by_now_is_gone_from_the_tables_file(
        self, migrated: Settings, tmp_path: Path
    ) -> None:
        policy = (_POLICIES / "siparis.yaml").read_text()
        dropped = "{ category: MUSTERI, legal_basis: contract, retention: P10Y, action: drop }"
        marker = "marker-51c2ee"
        with outside_transaction(migrated, "data") as admin:
            admin.execute(
                "INSERT INTO landing.siparis_orders"
                " (tenant_id, order_id, channel, _version, _loaded_at, _policy_version, _load_id)"
                " VALUES ('t', '1', %s, now(), now(), 1, 'l')",
                (marker,),
            )
            try:
                assert marker.encode() in _file_of(admin, migrated, "landing.siparis_orders")
                stricter = policy.replace("channel: *fact", f"channel: {dropped}").replace("version: 1", "version: 2")
                (tmp_path / "siparis.yaml").write_text(stricter)
                report = _run(migrated.model_copy(update={"policies_dir": tmp_path}))
                assert report.rewritten == ["landing.siparis_orders"]
                assert marker.encode() not in _file_of(admin, migrated, "landing.siparis_orders")
                assert findings(admin, migrated) == []
            finally:
                admin.execute("DELETE FROM landing.siparis_orders")
                admin.execute("UPDATE hub.generated_tables SET declared_version = 1 WHERE schema_name = 'landing'")
                admin.execute("DELETE FROM hub.applied_policies")
                _run(migrated)

    def test_a_runtime_role_that_was_given_powers(self, migrated: Settings) -> None:
        with outside_transaction(migrated, "data") as admin:
            admin.execute("ALTER ROLE hub_app SUPERUSER CREATEROLE CREATEDB")
            _run(migrated)
            assert findings(admin, migrated) == []

    def test_a_password_that_changed_in_the_environment(self, migrated: Settings) -> None:
        changed = migrated.model_copy(update={"passwords": {"app": _secret("another-password")}})
        _run(changed)
        pools = Database(changed)
        with pools.crossing("platform") as connection:
            assert connection.execute("SELECT count(*) FROM hub.tenants").fetchone() == (0,)
        pools.close()
        _run(migrated)

    def test_standing_policies_are_left_alone_so_that_no_reader_waits(self, migrated: Settings) -> None:
        query = "SELECT array_agg(oid ORDER BY oid) FROM pg_policy"
        with outside_transaction(migrated, "data") as admin:
            before = admin.execute(query).fetchone()
            _run(migrated)
            assert admin.execute(query).fetchone() == before


def _file_of(admin: Connection, settings: Settings, table: str) -> bytes:
    admin.execute("CHECKPOINT")
    row = admin.execute("SELECT pg_relation_filepath(%s::regclass)", (table,)).fetchone()
    assert row is not None
    return (data_directory(settings, "data") / row[0]).read_bytes()


def _secret(value: str):
    from pydantic import SecretStr

    return SecretStr(value)
