"""Sessions: what a sign-in begins and refresh tokens carry on, one living token at a time.

A refresh token is used once and gives the next. One that comes a second time was copied, or its answer was lost on the
way: within `GRACE`, from the same network and while its successor is unused, the successor is replaced, so that there
still is one living token; in every other case the session ends, for the thief and for the person. Whichever of two
holders of one token comes second to the token after it ends the session, so a theft never goes on beside its victim.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from hub.errors import HubError
from hub.identity import opaque
from hub.identity.attempts import network_hash
from hub.identity.networks import network_of
from hub.identity.permissions import Role
from hub.kvkk import audit

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.identity.opaque import Opaque
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.audit import Actor

LIVES_FOR = timedelta(days=30)
"""After this a person signs in again, however busy the session was."""
IDLE_FOR = timedelta(days=14)
GRACE = timedelta(seconds=10)
"""How long the answer to a refresh may have been lost."""
KEPT_FOR = timedelta(days=30)
"""How long an ended session stays on the list of its person."""
_PURPOSE = "session-origin"
_LONGEST_AGENT = 200


@dataclass(frozen=True)
class Session:
    """One session as its person may see it. `network` is where it began, cut as `network_of` cuts."""

    session_id: UUID
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime
    second_factor: bool
    network: str
    user_agent: str
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True)
class Refreshed:
    """Whose session was carried on, and the token that does so next."""

    home: str
    session_id: UUID
    user_id: UUID
    role: Role
    second_factor: bool
    token: str = field(repr=False)


def start(
    connection: Connection,
    keys: TenantKeys,
    user_id: UUID,
    *,
    second_factor: bool,
    source: str | None,
    user_agent: str | None,
) -> tuple[UUID, Opaque]:
    """A new session with its first refresh token, in the caller's transaction (role app, the user's scope)."""
    session_id = uuid4()
    origin = {"network": network_of(source), "user_agent": (user_agent or "")[:_LONGEST_AGENT]}
    connection.execute(
        "DELETE FROM hub.sessions WHERE tenant_id = %s AND user_id = %s"
        " AND least(ended_at, expires_at, last_used_at + %s) < now() - %s",
        (keys.tenant_id, user_id, IDLE_FOR, KEPT_FOR),
    )
    connection.execute(
        "INSERT INTO hub.sessions (tenant_id, session_id, user_id, second_factor, origin_cipher, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, now() + %s)",
        (
            keys.tenant_id,
            session_id,
            user_id,
            second_factor,
            keys.seal(_PURPOSE, str(session_id), json.dumps(origin).encode()),
            LIVES_FOR,
        ),
    )
    token = opaque.new("hubr", keys.tenant_id)
    _insert(connection, token, session_id)
    return session_id, token


def refresh(database: Database, keyring: Keyring, text: str, *, source: str | None) -> Refreshed:
    """Carry a session on. HubError `token_invalid`, `token_expired`, `token_reused`."""
    token = opaque.read(text)
    if token is None or token.kind != "hubr":
        raise HubError("token_invalid")
    network = network_hash(keyring, source)
    with database.tenant(token.tenant_id, "app") as connection:
        done = _refresh(connection, token, network, source)
    if isinstance(done, str):  # outside the transaction: that the session has ended must be committed
        raise HubError(done)
    return done


def end(
    connection: Connection, tenant_id: str, session_id: UUID, *, reason: str, actor: Actor, user_id: UUID | None = None
) -> bool:
    """End a session, of this user if one is named; False if there was none to end."""
    row = connection.execute(
        "UPDATE hub.sessions SET ended_at = clock_timestamp(), end_reason = %(reason)s"
        " WHERE tenant_id = %(tenant)s AND session_id = %(session)s AND ended_at IS NULL"
        " AND (%(user)s::uuid IS NULL OR user_id = %(user)s) RETURNING user_id",
        {"reason": reason, "tenant": tenant_id, "session": session_id, "user": user_id},
    ).fetchone()
    if row is None:
        return False
    _enter(connection, tenant_id, row[0], "session_ended", actor, {"reason": reason, "session": str(session_id)})
    return True


def end_all(
    connection: Connection, tenant_id: str, user_id: UUID, *, reason: str, actor: Actor, but: UUID | None = None
) -> int:
    """End every session of a user, save one; how many."""
    count = connection.execute(
        "UPDATE hub.sessions SET ended_at = clock_timestamp(), end_reason = %(reason)s WHERE tenant_id = %(tenant)s"
        " AND user_id = %(user)s AND ended_at IS NULL AND session_id IS DISTINCT FROM %(but)s",
        {"reason": reason, "tenant": tenant_id, "user": user_id, "but": but},
    ).rowcount
    if count:
        _enter(connection, tenant_id, user_id, "sessions_ended", actor, {"reason": reason, "sessions": count})
    return count


def listed(database: Database, keyring: Keyring, tenant_id: str, user_id: UUID) -> list[Session]:
    """A user's sessions, the latest first; those that ended in the last `KEPT_FOR` too."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT session_id, started_at, last_used_at, least(expires_at, last_used_at + %s), second_factor,"
            " origin_cipher, ended_at, end_reason FROM hub.sessions WHERE tenant_id = %s AND user_id = %s"
            " ORDER BY started_at DESC, session_id",
            (IDLE_FOR, tenant_id, user_id),
        ).fetchall()
    keys = keyring.tenant(tenant_id)
    found: list[Session] = []
    for session_id, started, used, expires, second_factor, cipher, ended, reason in rows:
        origin = json.loads(keys.open(_PURPOSE, str(session_id), bytes(cipher)))
        found.append(
            Session(
                session_id,
                started,
                used,
                expires,
                second_factor,
                origin["network"],
                origin["user_agent"],
                ended,
                reason,
            )
        )
    return found


def _refresh(connection: Connection, token: Opaque, network: bytes, source: str | None) -> Refreshed | str:
    found = connection.execute(
        "SELECT session_id FROM hub.refresh_tokens WHERE tenant_id = %s AND token_hash = %s",
        (token.tenant_id, token.hash),
    ).fetchone()
    if found is None:
        return "token_invalid"
    # The session's row is the lock: of two who bring one token at once, the second finds it used.
    session = connection.execute(
        "SELECT s.session_id, s.user_id, s.second_factor, s.ended_at IS NOT NULL OR u.state <> 'active',"
        " least(s.expires_at, s.last_used_at + %s) <= clock_timestamp(), u.role FROM hub.sessions s"
        " JOIN hub.users u ON u.tenant_id = s.tenant_id AND u.user_id = s.user_id"
        " WHERE s.tenant_id = %s AND s.session_id = %s FOR UPDATE OF s",
        (IDLE_FOR, token.tenant_id, found[0]),
    ).fetchone()
    if session is None or session[3]:
        return "token_invalid"
    session_id, user_id, second_factor, _, expired, role = session
    if expired:
        return "token_expired"
    used = connection.execute(
        "SELECT t.used_at IS NOT NULL, t.used_from, t.replaced_by, t.used_at > clock_timestamp() - %s,"
        " n.used_at IS NULL FROM hub.refresh_tokens t LEFT JOIN hub.refresh_tokens n"
        " ON n.tenant_id = t.tenant_id AND n.token_hash = t.replaced_by WHERE t.tenant_id = %s AND t.token_hash = %s",
        (GRACE, token.tenant_id, token.hash),
    ).fetchone()
    successor = opaque.new("hubr", token.tenant_id)
    if used is not None and used[0]:
        _, used_from, replaced_by, lately, successor_unused = used
        lost = lately and successor_unused and hmac.compare_digest(bytes(used_from), network)
        if not lost:
            actor = audit.Actor(f"user:{user_id}", role, source)
            end(connection, token.tenant_id, session_id, reason="token_reused", actor=actor)
            return "token_reused"
        _use(connection, token.tenant_id, bytes(replaced_by), network, successor)
    _use(connection, token.tenant_id, token.hash, network, successor)
    _insert(connection, successor, session_id)
    connection.execute(
        "UPDATE hub.sessions SET last_used_at = clock_timestamp() WHERE tenant_id = %s AND session_id = %s",
        (token.tenant_id, session_id),
    )
    return Refreshed(token.tenant_id, session_id, user_id, Role(role), second_factor, successor.text)


def _use(connection: Connection, tenant_id: str, token_hash: bytes, network: bytes, successor: Opaque) -> None:
    # The time of the first use stands: a grace that each use prolongs would have no end.
    connection.execute(
        "UPDATE hub.refresh_tokens SET used_at = coalesce(used_at, clock_timestamp()),"
        " used_from = coalesce(used_from, %s), replaced_by = %s WHERE tenant_id = %s AND token_hash = %s",
        (network, successor.hash, tenant_id, token_hash),
    )


def _insert(connection: Connection, token: Opaque, session_id: UUID) -> None:
    connection.execute(
        "INSERT INTO hub.refresh_tokens (tenant_id, token_hash, session_id) VALUES (%s, %s, %s)",
        (token.tenant_id, token.hash, session_id),
    )


def _enter(
    connection: Connection, tenant_id: str, user_id: UUID, action: str, actor: Actor, details: dict[str, Any]
) -> None:
    audit.append(connection, tenant_id, audit.Entry(actor, action, f"user:{user_id}", details=details))
