"""How a user, a session or an API key stands now: what a token says may be a quarter of an hour old.

Each process keeps what it read for `KNOWN_SECONDS`, so that a busy client costs one reading in that time; a session
that was ended, or a person who was disabled, is out everywhere after it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from hub.identity.permissions import Permission, Role
from hub.identity.sessions import IDLE_FOR

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Database
    from hub.i18n import Language

KNOWN_SECONDS = 5.0
_KEPT = 20_000

Value = TypeVar("Value")


@dataclass(frozen=True)
class UserStanding:
    """A user who may act, in a session that has not ended."""

    role: Role
    language: Language
    second_factor: bool
    tenant_suspended: bool


@dataclass(frozen=True)
class KeyStanding:
    """An API key that works."""

    key_id: UUID
    scopes: frozenset[Permission]
    tokens_from: datetime
    tenant_suspended: bool


class Remembered(Generic[Value]):
    """Values that are read at most once in `KNOWN_SECONDS` a process. None is remembered too."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, tuple[float, Value | None]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], Value | None]) -> Value | None:
        """The value, read anew if it is older."""
        now = time.monotonic()
        with self._lock:
            found = self._found.get(key)
            if found is not None and now - found[0] < KNOWN_SECONDS:
                return found[1]
        value = read()
        with self._lock:
            self._found[key] = now, value
            self._found.move_to_end(key)
            if len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return value

    def forget(self, key: Hashable) -> None:
        """Read it anew the next time: this process has changed it."""
        with self._lock:
            self._found.pop(key, None)


def of_user(database: Database, tenant_id: str, user_id: UUID, session_id: UUID) -> UserStanding | None:
    """None for one who may not act: disabled, removed, or the session has ended."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            # The platform's own people have no row of a tenant.
            "SELECT u.role, u.language, s.second_factor, NOT coalesce(t.active, true) FROM hub.users u"
            " JOIN hub.sessions s ON s.tenant_id = u.tenant_id AND s.user_id = u.user_id"
            " LEFT JOIN hub.tenants t ON t.tenant_id = u.tenant_id"
            " WHERE u.tenant_id = %s AND u.user_id = %s AND u.state = 'active' AND s.session_id = %s"
            " AND s.ended_at IS NULL AND least(s.expires_at, s.last_used_at + %s) > clock_timestamp()",
            (tenant_id, user_id, session_id, IDLE_FOR),
        ).fetchone()
    return UserStanding(Role(row[0]), cast("Language", row[1]), row[2], row[3]) if row else None


def of_key(database: Database, tenant_id: str, *, key_id: UUID | None, secret_hash: bytes | None) -> KeyStanding | None:
    """By its id (of a token that was got with it) or by its secret; None for one that does not work now.

    By its secret it counts as used, noted once a minute at most.
    """
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT k.key_id, k.scopes, k.tokens_from, NOT t.active,"
            " coalesce(k.last_used_at < clock_timestamp() - interval '1 minute', true)"
            " FROM hub.api_keys k JOIN hub.tenants t ON t.tenant_id = k.tenant_id"
            " WHERE k.tenant_id = %(tenant)s AND k.revoked_at IS NULL AND k.expires_at > clock_timestamp()"
            " AND (k.key_id = %(key)s OR k.secret_hash = %(hash)s"
            "  OR (k.previous_hash = %(hash)s AND k.previous_until > clock_timestamp()))",
            {"tenant": tenant_id, "key": key_id, "hash": secret_hash},
        ).fetchone()
        if row is None:
            return None
        if row[4]:
            connection.execute(
                "UPDATE hub.api_keys SET last_used_at = clock_timestamp() WHERE tenant_id = %s AND key_id = %s"
                " AND coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)",
                (tenant_id, row[0]),
            )
    return KeyStanding(row[0], frozenset(map(Permission, row[1])), row[2], row[3])
