"""The one way to a connection: a transaction scoped to a tenant, or a named crossing.

The scope is `set_config('hub.tenant_id', id, true)` with a bound parameter, so it ends with the transaction; every
connection is also reset when it is taken from the pool. Row-level security does the rest (hub/db/roles.py).
`hub.scope_lint` rejects any other way to a connection.
"""

from __future__ import annotations

import re
import select
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from hub.db.endpoints import endpoint, login_endpoint
from hub.db.fitness import refuse_unfinished_restore, refuse_unfit
from hub.db.listener import Listener
from hub.db.pool import open_pool, taken
from hub.db.roles import CROSSINGS, KEYS_CROSSINGS, TENANT_SETTING
from hub.db.sending import send_all
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    import psycopg

    from hub.db.pool import Pool
    from hub.settings import Settings

    Connection = psycopg.Connection[tuple[Any, ...]]

TenantRole = Literal["app", "loader", "reader", "eraser", "forgetter", "vault", "provisioner"]
CrossingName = Literal["scheduler", "dispatcher", "resolver", "janitor", "platform", "transformer"]

_TENANT_ID = re.compile(r"t[a-z2-7]{11}")
_CONNECT_TIMEOUT_SECONDS = 10


class Database:
    """A process's pools, one a role, opened when first used. Threads may share it.

    Raises HubError 'database_down' when the server does not let us in, 'database_busy' when the pool stays empty,
    'role_too_powerful', 'server_too_old' or 'restore_unfinished' when the database must not be used at all.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pools: dict[str, Pool] = {}
        self._lock = threading.Lock()
        self._kept = _Kept()

    @property
    def settings(self) -> Settings:
        """The installation whose databases these are."""
        return self._settings

    @contextmanager
    def holding(self) -> Generator[None]:
        """Let this thread's transactions in the block share one connection a role, each in a scope of its own.

        A batch has a transaction for every tenant: taking a connection from its pool and making its temporary tables
        anew would cost more than most of them. Temporary tables live as long as the block; scopes end as ever.
        """
        if self._kept.connections is not None:
            yield
            return
        self._kept.connections = {}
        try:
            yield
        finally:
            kept, self._kept.connections = self._kept.connections, None
            for pool, connection in kept.values():
                pool.putconn(connection)

    @contextmanager
    def tenant(self, tenant_id: str, role: TenantRole) -> Generator[Connection]:
        """A transaction that sees one tenant. Commits on success, rolls back on an exception.

        Raises HubError 'tenant_id_malformed'.
        """
        with self._scoped(tenant_id, role) as connection:
            yield connection

    def each_tenant(
        self, role: TenantRole, statements: Iterable[tuple[str, bytes, Mapping[str, Any]]]
    ) -> Generator[list[tuple[Any, ...]]]:
        """One statement for each of several tenants, in a transaction of its own; its rows, once that is committed.

        One round trip a tenant, on one connection: scope and statement are sent together, and what stands between two
        Syncs of the protocol is one transaction (PostgreSQL 15, 55.2.4 and 34.5). The first error ends it; what was
        given out before is committed. Raises HubError 'tenant_id_malformed'.
        """
        with self._connected(role) as connection, connection.pipeline() as pipeline:
            for tenant_id, statement, given in statements:
                if not _TENANT_ID.fullmatch(tenant_id):
                    raise HubError("tenant_id_malformed")
                connection.execute("SELECT set_config(%s, %s, true)", (TENANT_SETTING, tenant_id))
                cursor = connection.execute(statement, given)
                send_all(connection)  # before the Sync, which psycopg follows by waiting for answers
                pipeline.sync()
                yield cursor.fetchall()

    @contextmanager
    def tenant_keys(self, tenant_id: str) -> Generator[Connection]:
        """The same on the key cluster."""
        with self._scoped(tenant_id, "keys") as connection:
            yield connection

    @contextmanager
    def forgetting_keys(self, tenant_id: str) -> Generator[Connection]:
        """The same for hub/kvkk/forget alone: it may delete the tenant's rows there, and read no key."""
        with self._scoped(tenant_id, "keys_forgetter") as connection:
            yield connection

    @contextmanager
    def master_keys(self) -> Generator[Connection]:
        """A transaction on the key cluster without a tenant: only the master key's fingerprint can be seen."""
        with self._transaction("keys") as connection:
            yield connection

    @contextmanager
    def custody(self) -> Generator[Connection]:
        """A transaction on the key cluster that sees which master key wrapped whose rows, and no key."""
        with self._crossed("custodian", KEYS_CROSSINGS["custodian"]) as connection:
            yield connection

    @contextmanager
    def without_tenant(self) -> Generator[Connection]:
        """A transaction of the application role without a tenant: it sees only tables that belong to none."""
        with self._transaction("app") as connection:
            yield connection

    @contextmanager
    def crossing(self, name: CrossingName) -> Generator[Connection]:
        """A transaction in one of the roles that may look across tenants, at the columns granted to it."""
        with self._crossed(name, CROSSINGS[name]) as connection:
            yield connection

    @contextmanager
    def listening(self, channel: str) -> Generator[Listener]:
        """A connection of its own, outside the pools, to which Postgres sends what is notified on a channel."""
        import psycopg
        from psycopg import sql

        way = endpoint(self._settings, "app")
        try:
            connection = psycopg.connect(way.conninfo(connect_timeout=str(_CONNECT_TIMEOUT_SECONDS)), autocommit=True)  # noqa: TID251 - the one way
        except psycopg.OperationalError as error:
            raise HubError("database_down", role="app", sqlstate=error.sqlstate or "unreached") from None
        with connection:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            yield Listener(connection)

    @contextmanager
    def analyst(self, role_name: str, password: str) -> Generator[Connection]:
        """A read-only session as one analyst's login, outside the pools."""
        import psycopg

        way = login_endpoint(self._settings, "data", user=role_name, password=password)
        try:
            connection = psycopg.connect(way.conninfo(connect_timeout=str(_CONNECT_TIMEOUT_SECONDS)))  # noqa: TID251 - the one way
        except psycopg.OperationalError:
            raise HubError("analyst_login_refused", role=role_name) from None
        with connection:
            yield connection

    def pool_stats(self) -> dict[str, dict[str, int]]:
        """The numbers of psycopg for each open pool of this process, by role."""
        with self._lock:
            pools = dict(self._pools)
        return {role: dict(pool.get_stats()) for role, pool in pools.items()}

    def close(self) -> None:
        """Close every pool; a later use opens them again."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    @contextmanager
    def _crossed(self, name: str, login: str) -> Generator[Connection]:
        from psycopg import sql

        with self._transaction(login) as connection:
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self._settings.role(name))))
            yield connection

    @contextmanager
    def _scoped(self, tenant_id: str, role: str) -> Generator[Connection]:
        if not _TENANT_ID.fullmatch(tenant_id):
            raise HubError("tenant_id_malformed")
        with self._transaction(role) as connection:
            connection.execute("SELECT set_config(%s, %s, true)", (TENANT_SETTING, tenant_id))
            yield connection

    @contextmanager
    def _transaction(self, role: str) -> Generator[Connection]:
        with self._connected(role) as connection, connection.transaction():
            yield connection

    @contextmanager
    def _connected(self, role: str) -> Generator[Connection]:
        kept = self._kept.connections
        # Taken out while it is in use: a transaction inside another one has a connection of its own.
        pool, connection = self._from_kept(role) or self._from_pool(role)
        try:
            yield connection
        finally:
            if kept is None or role in kept or connection.closed:
                pool.putconn(connection)
            else:
                kept[role] = pool, connection

    def _from_kept(self, role: str) -> tuple[Pool, Connection] | None:
        # Taken out while it is in use: a transaction inside another one has a connection of its own.
        found = self._kept.connections.pop(role, None) if self._kept.connections is not None else None
        if found is None or not _has_something_to_say(found[1]):
            return found
        found[1].close()
        found[0].putconn(found[1])
        return None

    def _from_pool(self, role: str) -> tuple[Pool, Connection]:
        pool = self._pool(role)
        connection = taken(pool, self._settings.pool_wait_seconds)
        if connection is None:
            self._explain(role)
            raise HubError("database_busy", role=role)
        return pool, connection

    def _pool(self, role: str) -> Pool:
        with self._lock:
            pool = self._pools.get(role)
            if pool is None:
                pool = self._pools[role] = self._open_pool(role)
            return pool

    def _open_pool(self, role: str) -> Pool:
        way = endpoint(self._settings, role)
        self._explain(role)
        return open_pool(
            way.conninfo(application_name=self._settings.role(role)),
            name=role,
            most=self._settings.pool_size,
            connect_timeout=_CONNECT_TIMEOUT_SECONDS,
        )

    def _explain(self, role: str) -> None:
        """Connect once by hand: the pool would hide the reason behind its time-out."""
        import psycopg

        way = endpoint(self._settings, role)
        try:
            with psycopg.connect(way.conninfo(connect_timeout=str(_CONNECT_TIMEOUT_SECONDS))) as connection:  # noqa: TID251 - the one way
                refuse_unfit(connection, may_create_roles=role == "provisioner")
                if not self._settings.restores:
                    refuse_unfinished_restore(connection)
        except psycopg.OperationalError as error:
            # The sqlstate is missing when the server was not reached at all.
            raise HubError("database_down", role=role, sqlstate=error.sqlstate or "unreached") from None


class _Kept(threading.local):
    """Connections that a thread keeps between transactions, by role; None outside `holding`."""

    connections: dict[str, tuple[Pool, Connection]] | None = None


def _has_something_to_say(connection: Connection) -> bool:
    """Whether the server spoke to an idle connection: it closed it, as a rule. Costs no round trip."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
