"""Databases and roles: names carry the installation's prefix, since a cluster may serve more than one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.db import roles
from hub.db.endpoints import DAGSTER_DATABASE, database_name
from hub.secrets_file import role_password

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import sql

    from hub.db.database import Connection
    from hub.settings import ClusterName, Settings

_ROLE_LOCK = 0x4B6F7072C3BC
"""Roles are the cluster's: one installation at a time changes them ("Köprü" in UTF-8)."""


def prepare_cluster(admin: Connection, settings: Settings, cluster: ClusterName) -> tuple[str, ...]:
    """Make or mend the cluster's roles and databases; returns the names of what was new."""
    admin.execute("SELECT pg_advisory_lock(%s)", (_ROLE_LOCK,))
    try:
        made = _make_roles(admin, settings, cluster)
        made += _make_database(admin, database_name(settings, cluster), settings.role(roles.OWNER))
        if cluster == "data" and settings.dagster_database_url is None:
            made += _make_database(admin, DAGSTER_DATABASE, settings.role("dagster"))
        _grant_databases(admin, settings, cluster)
        return tuple(made)
    finally:
        admin.execute("SELECT pg_advisory_unlock(%s)", (_ROLE_LOCK,))


def login_roles(settings: Settings, cluster: ClusterName) -> tuple[str, ...]:
    """The login roles of a cluster by short name."""
    return roles.LOGINS if cluster == "data" else roles.KEYS_LOGINS


def _make_roles(admin: Connection, settings: Settings, cluster: ClusterName) -> list[str]:
    logins = login_roles(settings, cluster)
    crossings = roles.CROSSINGS if cluster == "data" else roles.KEYS_CROSSINGS
    groups = (roles.OWNER, *crossings, *((roles.ANALYST,) if cluster == "data" else ()))
    made: list[str] = []
    for role in (*groups, *logins):
        name = settings.role(role)
        if _execute_unless(admin, "SELECT FROM pg_roles WHERE rolname = %s", name, "CREATE ROLE {}", name):
            made.append(name)
        creator = "CREATEROLE" if role == "provisioner" else "NOCREATEROLE"
        login = "LOGIN" if role in logins else "NOLOGIN"
        _execute(admin, f"ALTER ROLE {{}} {login} {creator} NOCREATEDB NOINHERIT", name)
        _refuse_powers(admin, name)
    for role in logins:
        set_password(admin, settings.role(role), role_password(settings, role))
    # The administrator acts as owner of tables; a superuser may anyway, any other must be a member.
    _become_member(admin, [settings.role(roles.OWNER), *([settings.role("dagster")] if cluster == "data" else [])])
    for crossing, login in crossings.items():
        names = (settings.role(crossing), settings.role(login))
        _execute(admin, "GRANT {} TO {} WITH ADMIN FALSE, INHERIT FALSE, SET TRUE", *names)
    if cluster == "data":
        provisioner = settings.role("provisioner")
        _execute(
            admin,
            "GRANT {} TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE",
            settings.role(roles.ANALYST),
            provisioner,
        )
    return made


def set_password(connection: Connection, role: str, password: str) -> None:
    """Give a role a password. Only its SCRAM verifier travels, so neither log nor pg_stat_activity can hold it."""
    from psycopg import sql

    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)),
    )


def _refuse_powers(admin: Connection, role: str) -> None:
    """A role that was there before us may be more than it should; taking that away needs a superuser."""
    row = admin.execute(
        "SELECT rolsuper OR rolbypassrls OR rolreplication FROM pg_roles WHERE rolname = %s", (role,)
    ).fetchone()
    if row and row[0]:
        _execute(admin, "ALTER ROLE {} NOSUPERUSER NOBYPASSRLS NOREPLICATION", role)


def _become_member(admin: Connection, names: Iterable[str]) -> None:
    row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if row and row[0]:
        return
    for name in names:
        _execute(admin, "GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE", name)


def _make_database(admin: Connection, database: str, owner: str) -> list[str]:
    """Databases belong to a role that cannot log in (Dagster's to Dagster, which makes its own tables)."""
    exists = "SELECT FROM pg_database WHERE datname = %s"
    made = _execute_unless(admin, exists, database, "CREATE DATABASE {} OWNER {}", database, owner)
    return [database] if made else []


def _grant_databases(admin: Connection, settings: Settings, cluster: ClusterName) -> None:
    database = database_name(settings, cluster)
    owner = settings.role(roles.OWNER)
    _execute(admin, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    _execute(admin, "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {} TO {}", database, owner)
    present = set(login_roles(settings, cluster)) - {"dagster"}
    if cluster == "data":
        present |= set(roles.CROSSINGS) | {roles.ANALYST}
        if settings.dagster_database_url is None:
            _execute(admin, "REVOKE ALL ON DATABASE {} FROM PUBLIC", DAGSTER_DATABASE)
            _execute(admin, "GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", DAGSTER_DATABASE, settings.role("dagster"))
    else:
        present |= set(roles.KEYS_CROSSINGS)
    for role in sorted(present):
        rights = "CONNECT, TEMPORARY" if role in roles.TEMPORARY else "CONNECT"
        _execute(admin, f"GRANT {rights} ON DATABASE {{}} TO {{}}", database, settings.role(role))
    if settings.is_embedded(cluster):
        for default in ("postgres", "template1"):
            _execute(admin, "REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC", default)


def _execute_unless(admin: Connection, question: str, value: str, statement: str, *names: str) -> bool:
    if admin.execute(question.encode(), (value,)).fetchone() is not None:
        return False
    _execute(admin, statement, *names)
    return True


def _execute(admin: Connection, statement: str, *names: str) -> None:
    admin.execute(_composed(statement, *names))


def _composed(statement: str, *names: str) -> sql.Composed:
    from psycopg import sql

    return sql.SQL(statement).format(*map(sql.Identifier, names))  # pyright: ignore[reportArgumentType] - our own words
