"""One-time tokens: with one, a person sets the password of an account that is theirs, once and for some days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from hub.errors import HubError
from hub.identity import opaque
from hub.identity.attempts import database_now

if TYPE_CHECKING:
    from hub.db.database import Connection, Database

Purpose = Literal["invitation", "reset"]

PATH = "/account/password#"
"""What stands between the installation's address and the token. A fragment is not sent, and so is in no log."""
_LIVES_FOR: dict[Purpose, timedelta] = {"invitation": timedelta(days=7), "reset": timedelta(hours=2)}
ASKED_AT_ONCE = 3
ASKED_AGAIN_AFTER = timedelta(minutes=15)
"""Links that anybody has mailed to a person by naming their login: so many live, and then one more in that time."""


@dataclass(frozen=True)
class OneTime:
    """A new one. `token` is shown once and stored nowhere; `repr` hides it."""

    purpose: Purpose
    token: str = field(repr=False)
    expires_at: datetime

    @property
    def path(self) -> str:
        """What stands behind the installation's address."""
        return PATH + self.token


@dataclass(frozen=True)
class Target:
    """Whose account a token opens."""

    tenant_id: str
    user_id: UUID
    purpose: Purpose


def issue(connection: Connection, tenant_id: str, user_id: UUID, purpose: Purpose, *, by: str) -> OneTime:
    """A new token; those that the user had before work no more."""
    end_all(connection, tenant_id, user_id)
    return _issue(connection, tenant_id, user_id, purpose, by=by, now=database_now(connection))


def issue_asked(connection: Connection, tenant_id: str, user_id: UUID, *, now: datetime) -> OneTime | None:
    """A token to set a new password with, for a mail that anybody may have asked for; none that lives is ended by it.

    None where `ASKED_AT_ONCE` of them live and the last is younger than `ASKED_AGAIN_AFTER`: the person has links that
    work, and their mail box is not to be filled. The caller holds the user's row, so two at once count each other.
    """
    by = f"user:{user_id}"  # nobody resets their own, so this is no administrator's
    row = connection.execute(
        "SELECT count(*), coalesce(max(created_at) > %(since)s, false) FROM hub.user_tokens"
        " WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND created_by = %(by)s AND used_at IS NULL"
        " AND expires_at > %(now)s",
        {"since": now - ASKED_AGAIN_AFTER, "now": now, "tenant": tenant_id, "user": user_id, "by": by},
    ).fetchone()
    if row is not None and row[0] >= ASKED_AT_ONCE and row[1]:
        return None
    return _issue(connection, tenant_id, user_id, "reset", by=by, now=now)


def _issue(
    connection: Connection, tenant_id: str, user_id: UUID, purpose: Purpose, *, by: str, now: datetime
) -> OneTime:
    token, expires_at = opaque.new("hubt", tenant_id), now + _LIVES_FOR[purpose]
    connection.execute(
        "INSERT INTO hub.user_tokens (tenant_id, token_hash, user_id, purpose, created_by, created_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (tenant_id, token.hash, user_id, purpose, by, now, expires_at),
    )
    return OneTime(purpose, token.text, expires_at)


def target_of(database: Database, text: str) -> Target:
    """Whose account a token opens now; nothing is used up. HubError `one_time_token_invalid`, whatever is wrong."""
    token = opaque.read(text)
    if token is None or token.kind != "hubt":
        raise HubError("one_time_token_invalid")
    with database.tenant(token.tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT t.user_id, t.purpose FROM hub.user_tokens t"
            " JOIN hub.users u ON u.tenant_id = t.tenant_id AND u.user_id = t.user_id"
            " WHERE t.tenant_id = %s AND t.token_hash = %s AND t.used_at IS NULL AND t.expires_at > clock_timestamp()"
            " AND u.state <> 'disabled'",
            (token.tenant_id, token.hash),
        ).fetchone()
    if row is None:
        raise HubError("one_time_token_invalid")
    return Target(token.tenant_id, *row)


def use(connection: Connection, target: Target, text: str) -> None:
    """Use it up, in the transaction that does what it is for. HubError `one_time_token_invalid` if somebody has."""
    token = opaque.read(text)
    used = (
        token is not None
        and connection.execute(
            "UPDATE hub.user_tokens SET used_at = clock_timestamp() WHERE tenant_id = %s AND token_hash = %s"
            " AND used_at IS NULL AND expires_at > clock_timestamp()",
            (target.tenant_id, token.hash),
        ).rowcount
    )
    if not used:
        raise HubError("one_time_token_invalid")


def end_all(connection: Connection, tenant_id: str, user_id: UUID) -> int:
    """Let none of a user's tokens work any more; how many did."""
    return connection.execute(
        "UPDATE hub.user_tokens SET used_at = clock_timestamp()"
        " WHERE tenant_id = %s AND user_id = %s AND used_at IS NULL",
        (tenant_id, user_id),
    ).rowcount
