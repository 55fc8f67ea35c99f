"""One installation for the whole test session: two real clusters in a temporary home, migrated once."""

from __future__ import annotations

import gc
import secrets
import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import certifi
import pytest

from hub.control import analysts
from hub.db import postgres
from hub.db.database import Database
from hub.models import dbt_process
from hub.settings import Settings
from tests.support.cheap_passwords import make_passwords_cheap
from tests.support.dbt_forks import DbtForks
from tests.support.homes import HOMES
from tests.support.rooms import new_directory

if TYPE_CHECKING:
    import psycopg

MakeTenant = Callable[..., str]

# What is collected stays to the end: looking for garbage in it is a quarter of the collection's CPU.
gc.disable()

# No test cuts the power: what a killed server has given to the kernel is there when it starts again. And nobody guesses
# at the roles' passwords, which are random: a connection costs half of what it does with 4096 iterations.
postgres._CONFIGURATION += "fsync = off\nscram_iterations = 1\n"

make_passwords_cheap()


def pytest_configure(config: pytest.Config) -> None:
    HOMES.share(getattr(config, "workerinput", {}).get("homes"))


def pytest_configure_node(node: Any) -> None:
    """xdist is about to start a worker."""
    node.workerinput["homes"] = str(HOMES.directory)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        HOMES.close()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


_create_context = ssl.create_default_context
_TRUSTED: dict[str | None, ssl.SSLContext] = {}


def _create_context_once(*arguments: Any, **named: Any) -> ssl.SSLContext:
    """Of the machine's or certifi's authorities one context a process: 18 ms of CPU each, in nearly every test of HTTP.

    A context of a test's own authority, or of a server, is made anew.
    """
    if arguments or named.keys() - {"cafile"} or named.get("cafile") not in {None, certifi.where()}:
        return _create_context(*arguments, **named)
    authorities = named.get("cafile")
    if authorities not in _TRUSTED:
        _TRUSTED[authorities] = _create_context(cafile=authorities)
    return _TRUSTED[authorities]


ssl.create_default_context = _create_context_once


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules marked `long(seconds)` come first, the longest ahead: none is left alone at the end of a parallel run."""

    def seconds(item: pytest.Item) -> float:
        marker = item.get_closest_marker("long")
        return float(marker.args[0]) if marker else 0.0

    items.sort(key=seconds, reverse=True)


START_DBT = dbt_process._exit_status


@pytest.fixture(scope="session", autouse=True)
def dbt_forks() -> Iterator[None]:
    """dbt is imported once a session. `own_dbt` starts it as the hub does."""
    forks = DbtForks()
    dbt_process._exit_status = forks.run
    yield
    dbt_process._exit_status = START_DBT
    forks.close()


@pytest.fixture
def own_dbt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run of dbt is a process of its own, as outside of tests."""
    monkeypatch.setattr(dbt_process, "_exit_status", START_DBT)


@pytest.fixture(scope="session")
def installation() -> Iterator[Settings]:
    """The settings of a migrated home with running clusters. Everything in it is gone afterwards."""
    home = new_directory("kopru-test-")
    settings = Settings.apart(home)
    try:
        HOMES.lay_whole(home)
        with postgres.running(settings):
            yield settings
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def settings(installation: Settings) -> Settings:
    """The installation's settings."""
    return installation


@pytest.fixture(scope="session")
def database(installation: Settings) -> Iterator[Database]:
    """The process's pools on the installation."""
    pools = Database(installation)
    yield pools
    pools.close()


@pytest.fixture(scope="session")
def make_tenant(database: Database) -> MakeTenant:
    """A factory: `make_tenant(**columns)` inserts a tenant row with invented values and returns its id."""

    def make(*, prefix: str = "", **columns: Any) -> str:
        letters = (secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(11 - len(prefix)))
        tenant_id = "t" + prefix + "".join(letters)
        values: dict[str, Any] = {
            "tenant_id": tenant_id,
            "name": "Deneme Ltd. Şti.",
            "subdomain": tenant_id,
            "tax_number_kind": "vkn",
            "tax_number_cipher": b"sealed",
            "tax_number_hash": b"hashed",
            "tax_office": "Kadıköy",
            "kvkk_consent_date": "2026-01-01",
            "plan": "professional",
            **columns,
        }
        names, holes = ", ".join(values), ", ".join(["%s"] * len(values))
        with database.tenant(tenant_id, "app") as connection:
            connection.execute(
                f"INSERT INTO hub.tenants ({names}) VALUES ({holes})",  # noqa: S608 - our own words
                list(values.values()),
            )
        return tenant_id

    return make


@pytest.fixture
def free_port() -> int:
    """A TCP port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def analyst_session(settings: Settings, database: Database) -> Callable[[str], Any]:
    """`with analyst_session(tenant_id) as connection:` logs in over the wire with a password, never by SET ROLE."""

    @contextmanager
    def session(tenant_id: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        with (
            analysts.short_lived(settings, database, tenant_id, label="test") as login,
            database.analyst(login.role_name, login.password) as connection,
        ):
            yield connection

    return session
