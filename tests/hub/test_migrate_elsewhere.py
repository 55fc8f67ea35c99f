"""Clusters that are not ours to start: reached by URL, migrated by an administrator who is no superuser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from hub.backup.dump import back_up
from hub.backup.restore import Dumps, restore
from hub.control import analysts
from hub.db import postgres
from hub.db.catalogue_gate import findings
from hub.db.database import Database
from hub.db.endpoints import admin_endpoint
from hub.db.migrate import migrate
from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.migrations import restored
from hub.migrations.connections import outside_transaction
from hub.models.dbt_process import ensure_manifest
from hub.settings import Settings
from tests.fixtures import siparis
from tests.isolation.sessions import on_the_wire
from tests.support.rooms import new_directory

ACTOR = Actor("Ayşe Yetkili", "operator")
PROVIDERS = {siparis.PROVIDER.name: siparis.PROVIDER}
_POLICIES = Path(__file__).parents[1] / "fixtures" / "siparis"


@pytest.fixture(scope="module")
def landlord() -> Iterator[Settings]:
    """The home of two servers on which `dba` may make roles and databases."""
    servers = new_directory("kopru-far-")
    settings = Settings.apart(servers)
    with postgres.running(settings, tcp_port=_free_port()):
        as_superuser(settings, "CREATE ROLE dba LOGIN CREATEROLE CREATEDB PASSWORD 'dba'")
        as_superuser(settings, "GRANT CONNECT ON DATABASE postgres TO dba")
        yield settings
    shutil.rmtree(servers, ignore_errors=True)


@pytest.fixture(scope="module")
def elsewhere(landlord: Settings) -> Iterator[Settings]:
    """Settings of a home without servers, whose URLs name two servers of another home."""
    home = new_directory("kopru-far-")
    data, keys = (admin_endpoint(landlord, cluster) for cluster in ("data", "keys"))
    urls: dict[str, Any] = {
        "database_url": f"postgresql://127.0.0.1:{data.port}/warehouse",
        "admin_database_url": f"postgresql://dba:dba@127.0.0.1:{data.port}/postgres",
        "keys_database_url": f"postgresql:///wrapped?host={keys.host}&port={keys.port}",
        "keys_admin_database_url": f"postgresql://dba:dba@/postgres?host={keys.host}&port={keys.port}",
    }
    yield Settings.apart(home, role_prefix="acme", policies_dir=_POLICIES, **urls)
    shutil.rmtree(home, ignore_errors=True)


def as_superuser(landlord: Settings, statement: str) -> None:
    for cluster in ("data", "keys"):
        with on_the_wire(admin_endpoint(landlord, cluster).conninfo(), autocommit=True) as connection:
            connection.execute(statement.encode())


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_everything_is_made_under_the_prefix_without_a_superuser(elsewhere: Settings) -> None:
    ensure_manifest(elsewhere)
    report = migrate(elsewhere, providers=PROVIDERS)
    assert {"warehouse", "wrapped", "dagster", "acme_app", "acme_owner"} <= set(report.made)
    assert not report.hardened
    assert migrate(elsewhere, providers=PROVIDERS).made == []
    assert not (elsewhere.home / "postgres").exists()
    for cluster in ("data", "keys"):
        with outside_transaction(elsewhere, cluster) as admin:
            assert findings(admin, elsewhere) == []

    tenant_id = "t" + "a" * 11
    pools = Database(elsewhere)
    try:
        with pools.tenant(tenant_id, "app") as connection:
            connection.execute(
                "INSERT INTO hub.tenants (tenant_id, name, subdomain, tax_number_kind, tax_number_cipher,"
                " tax_number_hash, tax_office, kvkk_consent_date, plan)"
                " VALUES (%s, 'x', 'x', 'vkn', '', '', 'x', '2026-01-01', 'trial')",
                (tenant_id,),
            )
        with pools.tenant_keys(tenant_id) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("acme_keys",)
        login = analysts.add(elsewhere, pools, tenant_id, label="Ayşe")
        with pools.analyst(login.role_name, login.password) as connection:
            assert connection.execute("SELECT count(*) FROM landing.siparis_orders").fetchone() == (0,)
        analysts.remove(elsewhere, pools, tenant_id, login.role_name)
    finally:
        pools.close()


def test_without_the_admin_url_it_says_which_variable_is_missing(elsewhere: Settings) -> None:
    blind = elsewhere.model_copy(update={"admin_database_url": None})
    with pytest.raises(HubError, match="admin_url_missing name=HUB_ADMIN_DATABASE_URL"):
        migrate(blind, providers=PROVIDERS)


def test_one_home_may_serve_two_installations_under_two_prefixes(elsewhere: Settings) -> None:
    second = Settings.apart(
        elsewhere.home / "second",
        **elsewhere.model_dump(include={"admin_database_url", "keys_admin_database_url", "policies_dir"}),
        role_prefix="acme_two",
        database_url=elsewhere.database_url.get_secret_value().replace("/warehouse", "/second"),  # pyright: ignore
        keys_database_url=elsewhere.keys_database_url.get_secret_value().replace("/wrapped", "/second"),  # pyright: ignore
        dagster_database_url=elsewhere.database_url.get_secret_value().replace("/warehouse", "/second_runs"),  # pyright: ignore
    )
    migrate(second, providers=PROVIDERS, with_dagster=False)
    for settings in (elsewhere, second):
        with outside_transaction(settings, "data") as admin:
            assert findings(admin, settings) == []


@pytest.fixture
def emptied(landlord: Settings, elsewhere: Settings) -> Settings:
    """Two databases beside those of `elsewhere`, for an administrator who sees every row and is no superuser."""
    as_superuser(landlord, "ALTER ROLE dba BYPASSRLS")
    return elsewhere.model_copy(
        update={
            "database_url": SecretStr(elsewhere.database_url.get_secret_value().replace("/warehouse", "/emptied")),  # pyright: ignore
            "keys_database_url": SecretStr(
                elsewhere.keys_database_url.get_secret_value().replace("/wrapped", "/emptied")  # pyright: ignore
            ),
        }
    )


def test_a_backup_is_restored_without_a_superuser_and_stays_closed_however_often_it_is_killed(
    elsewhere: Settings, emptied: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGSTER_HOME", "HUB_HOME", "HUB_DAGSTER_STORAGE_URL", "DAGSTER_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "")
    pools = Database(elsewhere)
    data = back_up(elsewhere, pools, "data", tmp_path / "data", actor=ACTOR)
    keys = back_up(elsewhere, pools, "keys", tmp_path / "keys", actor=ACTOR)
    pools.close()

    def bring_back() -> None:
        restore(emptied, Dumps(data.path, keys.path), actor=ACTOR, providers=PROVIDERS)

    # The tenant's row was written without any keys, as where the keys are those of another installation.
    with pytest.raises(HubError, match="restore_keys_lack tenants=1"):
        bring_back()
    assert_closed(emptied)
    with outside_transaction(emptied, "data") as admin:
        assert admin.execute("SELECT count(*) FROM hub.tenants").fetchone() == (1,)
        assert findings(admin, emptied) == []

    with restored.alone(emptied), pytest.raises(HubError, match="restore_under_way"):
        bring_back()

    marked = restored._mark  # pyright: ignore[reportPrivateUsage]
    opened: list[str] = []

    def mark_and_die(settings: Settings, cluster: Any, mark: str | None) -> None:
        marked(settings, cluster, mark)
        opened.append(cluster)
        if len(opened) == 2:
            raise InterruptedError

    with monkeypatch.context() as patched:
        patched.setattr(restored, "_mark", mark_and_die)
        with pytest.raises(InterruptedError):
            restored.open_again(emptied)
    assert opened == ["data", "keys"]
    assert_closed(emptied)
    assert restored.prepare(emptied), "what was cut short while it opened is begun again"
    restored.open_again(emptied)
    with pytest.raises(HubError, match="restore_not_empty"):
        restored.prepare(elsewhere)


def assert_closed(settings: Settings) -> None:
    pools = Database(settings)
    with pytest.raises(HubError, match="restore_unfinished"), pools.without_tenant():
        pass
    pools.close()
    with pytest.raises(HubError, match="restore_unfinished"):
        migrate(settings, providers=PROVIDERS)
