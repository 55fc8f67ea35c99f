"""The store of users: an employee's account at the hub is personal data of theirs, too.

An account is found by the pseudonym of its address. Erasing it ends it: the row goes with password, second factor,
sessions and the mails about it; the log keeps an id that leads to nobody. A tenant's last owner is no exception; the
operator lets another one in (`hub users add`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.identity.scope import PLATFORM_SCOPE
from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.traces import traces_of

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection
    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub

_USERS = "hub.users"
_CATEGORY = "KIMLIK"
_THEIRS = " AND contact = ANY(%(pseudonyms)s) AND (%(before)s::timestamptz IS NULL OR created_at < %(before)s)"


class UserStore:
    """Accounts with all that hangs on them."""

    name = "users"

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def tables(self) -> frozenset[str]:
        """What goes with the account's row stands and falls with it; failed attempts are of the platform."""
        return frozenset(
            {
                _USERS,
                "hub.user_credentials",
                "hub.sessions",
                "hub.refresh_tokens",
                "hub.user_tokens",
                "hub.sign_in_sources",
            }
        )

    def find(self, person: Person) -> list[Held]:
        """The person's account."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            count = _count(connection, self._given(person, None))
        return [Held(_USERS, _CATEGORY, count)] if count else []

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Delete the account, and what was counted of its login in whichever tenant."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            rows = connection.execute(
                f"DELETE FROM hub.users WHERE tenant_id = %(tenant)s{_THEIRS}"  # noqa: S608 - our own text
                " RETURNING login_hash, user_id::text".encode(),
                self._given(person, before),
            ).fetchall()
            if not rows:
                return []
            connection.execute(
                "DELETE FROM hub.mails WHERE tenant_id = %s AND starts_with(about, 'user:')"
                " AND split_part(about, ':', 2) = ANY(%s)",
                (person.tenant_id, [row[1] for row in rows]),
            )
        with self._hub.database.tenant(PLATFORM_SCOPE, "app") as connection:
            connection.execute(
                "DELETE FROM hub.sign_in_sources WHERE tenant_id = %s AND login_hash = ANY(%s)",
                (PLATFORM_SCOPE, [row[0] for row in rows]),
            )
        return [Destroyed(_USERS, _CATEGORY, len(rows), "delete")]

    def verify(self, person: Person, *, before: datetime) -> int:
        """Accounts that are still there."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            return _count(connection, self._given(person, before))

    def _given(self, person: Person, before: datetime | None) -> dict[str, Any]:
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        pseudonyms = sorted(pseudonym for _, pseudonym in traces.anchors | traces.named)
        return {"tenant": person.tenant_id, "pseudonyms": pseudonyms, "before": before}


def _count(connection: Connection, given: dict[str, Any]) -> int:
    row = connection.execute(
        f"SELECT count(*) FROM hub.users WHERE tenant_id = %(tenant)s{_THEIRS}".encode(),  # noqa: S608 - our own text
        given,
    ).fetchone()
    return int(row[0]) if row else 0
