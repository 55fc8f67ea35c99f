"""Signing out: from a token that somebody brings to the session that it belongs to, and the session's end."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from hub.errors import HubError
from hub.identity import opaque, sessions
from hub.kvkk import audit

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.identity.access_tokens import AccessTokens


def session_of(database: Database, tokens: AccessTokens, token: str) -> tuple[str, UUID] | None:
    """Tenant and session of a refresh or access token; None for what is no token of ours, or of no session."""
    opened = opaque.read(token)
    if opened is not None and opened.kind == "hubr":
        with database.tenant(opened.tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT session_id FROM hub.refresh_tokens WHERE tenant_id = %s AND token_hash = %s",
                (opened.tenant_id, opened.hash),
            ).fetchone()
        return (opened.tenant_id, row[0]) if row else None
    try:
        claims = tokens.read(token)
    except HubError:
        return None
    return (claims.home, claims.session) if claims.session else None


def end(database: Database, tenant_id: str, session_id: UUID, *, source: str | None) -> UUID | None:
    """End a session, as its own person; whose it is, None for one that is not there. Safe to repeat."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT s.user_id, u.role FROM hub.sessions s"
            " JOIN hub.users u ON u.tenant_id = s.tenant_id AND u.user_id = s.user_id"
            " WHERE s.tenant_id = %s AND s.session_id = %s",
            (tenant_id, session_id),
        ).fetchone()
        if row is None:
            return None
        actor = audit.Actor(f"user:{row[0]}", row[1], source)
        sessions.end(connection, tenant_id, session_id, reason="signed_out", actor=actor)
    return row[0]
