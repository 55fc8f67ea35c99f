"""Analysts' logins: one role per person and tenant, from which row-level security takes the tenant.

Names are random. The provisioner makes them: it may create roles and grant the analysts' group, and can step into no
other role. It cannot write to the audit log either: an act is entered there, and committed, before it is done. The log
has the login's name; the label stays out of it, for people call logins after people.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from hub.db.endpoints import login_endpoint
from hub.db.roles import ANALYST
from hub.errors import HubError
from hub.kvkk import audit
from hub.migrations.cluster import set_password

if TYPE_CHECKING:
    from collections.abc import Generator

    from psycopg import sql

    from hub.db.database import Connection, Database
    from hub.db.endpoints import Endpoint
    from hub.kvkk.audit import Actor
    from hub.settings import Settings

_NAME_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_NAME_LENGTH = 16
_MOST_CONNECTIONS = 5
_IDLE_TRANSACTION_SECONDS = 300
_UNUSED_SECONDS = 60
SHORT_LIVED = "hub sql"
"""Label of the logins that `hub sql` makes and takes away; a person's login cannot have it."""


class Label(BaseModel):
    """What a person's login is called."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    label: Annotated[str, Field(min_length=1, max_length=200)]

    @field_validator("label")
    @classmethod
    def _is_free(cls, value: str) -> str:
        if value == SHORT_LIVED:
            raise PydanticCustomError("field_reserved", "")
        return value


@dataclass(frozen=True)
class AnalystLogin:
    """One login as it stands. The password is nowhere in it: it is shown once, when made or rotated."""

    tenant_id: str
    role_name: str
    label: str
    created_at: datetime
    rotated_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Login:
    """What a person needs to log in; shown once and stored nowhere. Printing it shows no password."""

    role_name: str
    password: str = field(repr=False)
    way: Endpoint = field(repr=False)

    def environment(self) -> dict[str, str]:
        """PG* variables for psql and other programs on libpq."""
        return self.way.environment()


def require_room(database: Database, tenant_id: str) -> None:
    """HubError `plan_limit_reached` when the plan allows no further login of a person's."""
    from hub.control import plans, tenants

    plan, limits = tenants.limits(database, tenant_id)
    used = sum(each.revoked_at is None and each.label != SHORT_LIVED for each in listed(database, tenant_id))
    plans.require_room("analysts", used=used, allowed=limits.analysts, plan=plan)


def add(settings: Settings, database: Database, tenant_id: str, *, label: str, actor: Actor = audit.SYSTEM) -> Login:
    """Make a login that sees this tenant and no other. `label` says whose it is. HubError `tenant_unknown`."""
    import psycopg

    name = "an_" + "".join(secrets.choice(_NAME_ALPHABET) for _ in range(_NAME_LENGTH))
    login = _login(settings, settings.role(name))
    try:
        _enter(database, tenant_id, "sql_opened" if label == SHORT_LIVED else "added", login.role_name, actor)
        with database.tenant(tenant_id, "provisioner") as connection:
            connection.execute(
                "INSERT INTO hub.analyst_logins (tenant_id, role_name, label) VALUES (%s, %s, %s)",
                (tenant_id, login.role_name, label),
            )
            _create_role(connection, settings, login)
    except psycopg.errors.ForeignKeyViolation:
        raise HubError("tenant_unknown", tenant=tenant_id) from None
    return login


def rotate(
    settings: Settings, database: Database, tenant_id: str, role_name: str, *, actor: Actor = audit.SYSTEM
) -> Login:
    """Give a login a new password and end its sessions: whoever had the old one is out. HubError `analyst_unknown`."""
    login = _login(settings, role_name)
    _enter_known(database, tenant_id, "rotated", role_name, actor)
    with database.tenant(tenant_id, "provisioner") as connection:
        _stamp(connection, tenant_id, role_name, "rotated_at")
        set_password(connection, role_name, login.password)
    # Only now: until the new password is committed, an ended session could come back with the old one.
    with database.tenant(tenant_id, "provisioner") as connection:
        _end_sessions(connection, settings, role_name)
        connection.execute(_composed("REVOKE {} FROM {}", role_name, settings.role("provisioner")))
    return login


def remove(
    settings: Settings, database: Database, tenant_id: str, role_name: str, *, actor: Actor = audit.SYSTEM
) -> None:
    """Drop a login and end its sessions. HubError `analyst_unknown`."""
    _enter_known(database, tenant_id, "removed", role_name, actor)
    with database.tenant(tenant_id, "provisioner") as connection:
        _require(connection, tenant_id, role_name)
        connection.execute(_composed("ALTER ROLE {} NOLOGIN", role_name))
    # Only now, as above. Should this fail, the login is closed all the same and can be removed once more.
    with database.tenant(tenant_id, "provisioner") as connection:
        _stamp(connection, tenant_id, role_name, "revoked_at")
        _end_sessions(connection, settings, role_name)
        connection.execute(_composed("DROP ROLE {}", role_name))


def listed(database: Database, tenant_id: str) -> list[AnalystLogin]:
    """A tenant's logins, removed ones too, oldest first."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT tenant_id, role_name, label, created_at, rotated_at, revoked_at FROM hub.analyst_logins"
            " WHERE tenant_id = %s ORDER BY created_at, role_name",
            (tenant_id,),
        ).fetchall()
    return [AnalystLogin(*row) for row in rows]


@contextmanager
def short_lived(
    settings: Settings, database: Database, tenant_id: str, *, label: str, actor: Actor = audit.SYSTEM
) -> Generator[Login]:
    """A login for the length of a block (`hub sql`). Those of the same label that a killed process left are removed."""
    for left_over in _left_over(database, tenant_id, label):
        with suppress(HubError):  # somebody else was faster
            remove(settings, database, tenant_id, left_over, actor=actor)
    login = add(settings, database, tenant_id, label=label, actor=actor)
    try:
        yield login
    finally:
        remove(settings, database, tenant_id, login.role_name, actor=actor)


def _left_over(database: Database, tenant_id: str, label: str) -> list[str]:
    """Short-lived logins without a session. One that was just made may not have come to it yet."""
    with database.tenant(tenant_id, "provisioner") as connection:
        rows = connection.execute(
            "SELECT role_name FROM hub.analyst_logins l WHERE tenant_id = %s AND label = %s AND revoked_at IS NULL"
            " AND created_at < now() - make_interval(secs => %s)"
            " AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = l.role_name)",
            (tenant_id, label, _UNUSED_SECONDS),
        ).fetchall()
    return [row[0] for row in rows]


def _enter_known(database: Database, tenant_id: str, what: str, role_name: str, actor: Actor) -> None:
    """Only a login that is there: a name that somebody typed amiss may be a person's."""
    with database.tenant(tenant_id, "app") as connection:
        _require(connection, tenant_id, role_name)
    _enter(database, tenant_id, what, role_name, actor)


def _enter(database: Database, tenant_id: str, what: str, role_name: str, actor: Actor) -> None:
    audit.record(database, tenant_id, audit.Entry(actor, f"analyst.{what}", f"login:{role_name}"))


def _create_role(connection: Connection, settings: Settings, login: Login) -> None:
    name = login.role_name
    connection.execute(
        _composed(f"CREATE ROLE {{}} LOGIN INHERIT CONNECTION LIMIT {_MOST_CONNECTIONS}", name),
    )
    set_password(connection, name, login.password)
    connection.execute(_composed("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE", settings.role(ANALYST), name))
    # Good manners for honest people; whoever may run SQL can change them, so nothing rests on them.
    for setting, value in (
        ("statement_timeout", f"{settings.analyst_statement_timeout_seconds}s"),
        ("idle_in_transaction_session_timeout", f"{_IDLE_TRANSACTION_SECONDS}s"),
        ("default_transaction_read_only", "on"),
        ("search_path", "marts"),
    ):
        connection.execute(_composed(f"ALTER ROLE {{}} SET {setting} = {value!r}", name))


def _stamp(connection: Connection, tenant_id: str, role_name: str, column: str) -> None:
    """Mark the row first: it proves that the role is this tenant's before anything is done to it."""
    statement = (
        "UPDATE hub.analyst_logins SET {} = now()"
        " WHERE tenant_id = %s AND role_name = %s AND revoked_at IS NULL RETURNING role_name"
    )
    row = connection.execute(_composed(statement, column), (tenant_id, role_name)).fetchone()
    if row is None:
        raise HubError("analyst_unknown", role=role_name)


def _require(connection: Connection, tenant_id: str, role_name: str) -> None:
    found = connection.execute(
        "SELECT 1 FROM hub.analyst_logins WHERE tenant_id = %s AND role_name = %s AND revoked_at IS NULL",
        (tenant_id, role_name),
    ).fetchone()
    if found is None:
        raise HubError("analyst_unknown", role=role_name)


def _end_sessions(connection: Connection, settings: Settings, role_name: str) -> None:
    """Leaves the provisioner with a membership that ending sessions takes; the caller ends it in the same breath."""
    connection.execute(
        _composed("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE", role_name, settings.role("provisioner"))
    )
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role_name,))


def _login(settings: Settings, role_name: str) -> Login:
    password = secrets.token_urlsafe(24)
    return Login(role_name, password, login_endpoint(settings, "data", user=role_name, password=password))


def _composed(statement: str, *names: str) -> sql.Composed:
    from psycopg import sql

    return sql.SQL(statement).format(*map(sql.Identifier, names))  # pyright: ignore[reportArgumentType] - our own words
