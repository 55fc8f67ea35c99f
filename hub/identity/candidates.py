"""Who a login may be: the same address may stand in several tenants, each with a password of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hub.identity import logins
from hub.identity.permissions import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from hub.db.database import Database


class Candidate(NamedTuple):
    """An active user with that login, whose password is to be tried."""

    tenant_id: str
    home_name: str
    """What a person calls the tenant where several have this login: its subdomain."""
    user_id: UUID
    role: Role
    password_hash: str | None
    wants_code: bool


def of_login(database: Database, sought: bytes, tenant: str | None) -> Sequence[Candidate]:
    """Everybody whom a login's hash may mean, in the tenant that was named (id or subdomain) if one was."""
    homes = logins.tenants_of(database, sought) if tenant is None else []
    if tenant is not None and (named := logins.named_tenant(database, tenant)) is not None:
        homes = [named]
    return [found for home in homes if (found := _in(database, home, sought)) is not None]


def _in(database: Database, home: str, sought: bytes) -> Candidate | None:
    with database.tenant(home, "app") as connection:
        row = connection.execute(
            "SELECT coalesce(t.subdomain, u.tenant_id), u.user_id, u.role, c.password_hash,"
            " c.totp_confirmed_at IS NOT NULL FROM hub.users u"
            " JOIN hub.user_credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.user_id"
            " LEFT JOIN hub.tenants t ON t.tenant_id = u.tenant_id"
            " WHERE u.tenant_id = %s AND u.login_hash = %s AND u.state = 'active'",
            (home, sought),
        ).fetchone()
    return Candidate(home, row[0], row[1], Role(row[2]), row[3], row[4]) if row else None
