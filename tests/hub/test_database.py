"""The pools: one transaction a scope, usable from threads, alive again after the server dropped their connections."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import psycopg
import pytest

from hub.db.database import Database
from hub.db.sending import send_all
from hub.errors import HubError
from hub.migrations.connections import outside_transaction

if TYPE_CHECKING:
    from hub.settings import Settings


def test_threads_share_the_pools_and_keep_their_tenants(database: Database, make_tenant: Any) -> None:
    tenants = [make_tenant() for _ in range(6)]

    def seen(tenant_id: str) -> list[tuple[Any, ...]]:
        with database.tenant(tenant_id, "app") as connection:
            return connection.execute("SELECT tenant_id FROM hub.tenants").fetchall()

    with ThreadPoolExecutor(12) as threads:
        for tenant_id, rows in zip(tenants * 20, threads.map(seen, tenants * 20), strict=True):
            assert rows == [(tenant_id,)]


def test_each_of_several_tenants_is_seen_by_its_own_statement_alone(database: Database, make_tenant: Any) -> None:
    tenants = [make_tenant() for _ in range(8)]  # more than it takes until psycopg prepares a statement
    seen = b"SELECT tenant_id, %(tenant)s FROM hub.tenants"

    with database.holding():
        rows = list(database.each_tenant("app", [(each, seen, {"tenant": each}) for each in tenants]))
        with database.without_tenant() as connection:
            left = connection.execute("SELECT tenant_id FROM hub.tenants").fetchall()

    assert rows == [[(each, each)] for each in tenants]
    assert left == []


def test_a_statement_may_be_larger_than_what_a_socket_takes_at_once(database: Database, make_tenant: Any) -> None:
    """Both sides would wait for each other, for ever and unseen."""
    tenants = [make_tenant() for _ in range(2)]
    length = b"SELECT octet_length(%(text)s::text)"
    done: list[Any] = []

    def run() -> None:
        done.extend(database.each_tenant("app", [(each, length, {"text": "a" * 6_000_000}) for each in tenants]))

    running = threading.Thread(target=run, daemon=True)
    running.start()
    running.join(30)
    assert done == [[(6_000_000,)]] * 2


def test_a_server_that_takes_no_more_is_given_up() -> None:
    ours, theirs = socket.socketpair()
    closed: list[bool] = []
    with ours, theirs:
        ours.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                ours.send(b"a" * 65_536)
        server = SimpleNamespace(flush=lambda: 1, socket=ours.fileno())
        connection = SimpleNamespace(pgconn=server, close=lambda: closed.append(True))
        with pytest.raises(psycopg.OperationalError):
            send_all(cast("Any", connection), gives_up_after=0.05)
    assert closed


def test_each_statement_is_a_transaction_and_an_error_is_its_own(database: Database, make_tenant: Any) -> None:
    first, second, third = (make_tenant() for _ in range(3))
    named = b"UPDATE hub.tenants SET name = %(name)s WHERE tenant_id = %(tenant)s RETURNING name"
    statements = [
        (first, named, {"name": "Bir", "tenant": first}),
        (second, named, {"name": None, "tenant": second}),
        (third, named, {"name": "Üç", "tenant": third}),
    ]
    done: list[Any] = []

    def run() -> None:
        for rows in database.each_tenant("app", statements):
            done.append(rows)
            with database.tenant(first, "app") as connection:  # another connection: it is committed
                assert connection.execute("SELECT name FROM hub.tenants").fetchone() == ("Bir",)

    with pytest.raises(psycopg.errors.NotNullViolation):
        run()
    assert done == [[("Bir",)]]
    for tenant_id in (second, third):
        with database.tenant(tenant_id, "app") as connection:
            assert connection.execute("SELECT name FROM hub.tenants").fetchone() == ("Deneme Ltd. Şti.",)
    with pytest.raises(HubError, match="tenant_id_malformed"):
        list(database.each_tenant("app", [("t' OR 1", named, {})]))


def test_a_connection_that_the_server_dropped_is_replaced(settings: Settings, make_tenant: Any) -> None:
    tenant_id = make_tenant()
    pools = Database(settings)
    try:
        with pools.tenant(tenant_id, "app") as connection:
            process = connection.info.backend_pid
        with outside_transaction(settings, "data") as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 10000)", (process,))
        with pools.tenant(tenant_id, "app") as connection:
            assert connection.info.backend_pid != process
            assert connection.execute("SELECT tenant_id FROM hub.tenants").fetchall() == [(tenant_id,)]
    finally:
        pools.close()


def test_a_server_that_dropped_every_connection_keeps_nobody_waiting(settings: Settings, make_tenant: Any) -> None:
    """As after a crash: the pool is full of dead connections, of which each cost a longer pause than the one before."""
    tenant_id = make_tenant()
    pools = Database(settings.model_copy(update={"pool_size": 8, "pool_wait_seconds": 5.0}))
    together = Barrier(8, timeout=30)

    def use(_: int) -> int:
        with pools.tenant(tenant_id, "eraser") as connection:
            together.wait()
            return connection.info.backend_pid

    try:
        with ThreadPoolExecutor(8) as threads:
            processes = list(threads.map(use, range(8)))
        with outside_transaction(settings, "data") as admin:
            admin.execute("SELECT pg_terminate_backend(pid, 10000) FROM unnest(%s::int[]) AS pid", (processes,))
        with pools.tenant(tenant_id, "eraser") as connection:
            assert connection.info.backend_pid not in processes
    finally:
        pools.close()


def test_an_exhausted_pool_says_busy_and_not_down(settings: Settings, make_tenant: Any) -> None:
    tenant_id = make_tenant()
    pools = Database(settings.model_copy(update={"pool_size": 1, "pool_wait_seconds": 0.2}))
    try:
        with pools.tenant(tenant_id, "app"), pytest.raises(HubError, match="database_busy"), pools.crossing("platform"):
            pass
    finally:
        pools.close()


def test_the_callers_commit_is_refused_inside_a_scope(database: Database, make_tenant: Any) -> None:
    with database.tenant(make_tenant(), "app") as connection, pytest.raises(psycopg.ProgrammingError):
        connection.commit()


def test_a_crossing_ends_with_its_transaction(settings: Settings) -> None:
    pools = Database(settings.model_copy(update={"pool_size": 1}))
    try:
        with pools.crossing("platform") as connection:
            assert connection.execute("SELECT current_user, session_user").fetchone() == ("hub_platform", "hub_app")
        with pools.tenant("t" + "a" * 11, "app") as connection:
            assert connection.execute("SELECT current_user, session_user").fetchone() == ("hub_app", "hub_app")
    finally:
        pools.close()


def test_temporary_tables_and_settings_of_one_user_are_gone_for_the_next(settings: Settings) -> None:
    pools = Database(settings.model_copy(update={"pool_size": 1}))
    try:
        with pools.tenant("t" + "a" * 11, "loader") as connection:
            connection.execute("CREATE TEMPORARY TABLE left_behind (x int)")
            connection.execute("SET work_mem = '1MB'")
        with pools.tenant("t" + "b" * 11, "loader") as connection:
            assert connection.execute("SELECT to_regclass('left_behind')").fetchone() == (None,)
            assert connection.execute("SHOW work_mem").fetchone() == ("4MB",)
    finally:
        pools.close()


def test_each_connection_names_its_role_to_the_server(database: Database) -> None:
    with database.tenant("t" + "a" * 11, "vault") as connection:
        assert connection.execute("SHOW application_name").fetchone() == ("hub_vault",)


# A plan's numbers are the scheduler's business: it holds what is due against them.
KEPT = [
    (crossing, column)
    for crossing in ("platform", "scheduler", "janitor", "resolver", "dispatcher", "transformer")
    for column in ("tax_number_cipher", "tax_number_hash", "settings", "limits", "tax_office")
    if (crossing, column) != ("scheduler", "limits")
]


@pytest.mark.parametrize(("crossing", "column"), KEPT)
def test_no_crossing_reads_what_a_tenant_keeps_to_itself(database: Database, crossing: Any, column: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.crossing(crossing) as connection:
        connection.execute(f"SELECT {column} FROM hub.tenants".encode())  # noqa: S608


@pytest.mark.parametrize(
    "relation", ["vault.originals", "vault.subjects", "hub.policy_overrides", "hub.analyst_logins"]
)
@pytest.mark.parametrize("crossing", ["platform", "scheduler", "janitor", "resolver", "dispatcher", "transformer"])
def test_no_crossing_reaches_these_tables(database: Database, crossing: Any, relation: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.crossing(crossing) as connection:
        connection.execute(f"SELECT count(*) FROM {relation}".encode())  # noqa: S608


@pytest.mark.parametrize("crossing", ["platform", "janitor"])
def test_no_crossing_learns_whose_record_was_refused(database: Database, crossing: Any) -> None:
    for column in ("data_subject", "record_key"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), database.crossing(crossing) as connection:
            connection.execute(f"SELECT {column} FROM hub.refusals".encode())  # noqa: S608
