"""The addresses that providers call: one a tenant and provider, known to nobody else, stored as a hash.

A provider that signs nothing leaves the secret in the path as the only proof, and no provider says when its settings
have taken a new address. So an old secret goes on working for a while after a new one is made.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hub.control import integrations
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.kvkk.audit import Actor

PATH = "/hooks/"
OVERLAP = timedelta(days=7)
"""As long as the most patient provider (WhatsApp) sends an event again to the address that it knew."""
_SECRET_BYTES = 32


@dataclass(frozen=True)
class Issued:
    """A new address. `secret` is stored nowhere; `repr` hides it. `others_until` is when the one before ends."""

    provider: str
    secret: str
    others_until: datetime | None

    @property
    def path(self) -> str:
        """What stands behind the installation's address."""
        return f"{PATH}{self.provider}/{self.secret}"

    def __repr__(self) -> str:
        return f"Issued({self.provider})"


def issue(
    database: Database, tenant_id: str, provider: str, *, actor: Actor, rotate: bool = False, at_once: bool = False
) -> Issued:
    """A new address for a provider's calls. HubError `integration_missing`, `webhook_never_sent`, `webhook_exists`.

    With `rotate` the present one ends after `OVERLAP`, or now with `at_once` (somebody else knows it).
    """
    from connectors.webhook_registry import source_named, sources

    if source_named(provider) is None:
        raise HubError("webhook_never_sent", provider=provider, known=", ".join(sorted(sources())))
    integrations.get(database, tenant_id, provider)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    given = {
        "tenant": tenant_id,
        "provider": provider,
        "hash": hash_of(secret),
        "overlap": timedelta(0) if at_once else OVERLAP,
    }
    with database.tenant(tenant_id, "app") as connection:
        # The account's row is the lock: of two who come at once, the second finds the first one's address.
        connection.execute(
            "SELECT 1 FROM hub.integrations WHERE tenant_id = %(tenant)s AND provider = %(provider)s FOR UPDATE", given
        )
        connection.execute(
            "DELETE FROM hub.webhook_endpoints WHERE tenant_id = %(tenant)s AND provider = %(provider)s"
            " AND valid_until <= now()",
            given,
        )
        if (
            not rotate
            and connection.execute(
                "SELECT 1 FROM hub.webhook_endpoints WHERE tenant_id = %(tenant)s AND provider = %(provider)s"
                " AND valid_until IS NULL",
                given,
            ).fetchone()
        ):
            raise HubError("webhook_exists", provider=provider)
        ending = connection.execute(
            "UPDATE hub.webhook_endpoints SET valid_until = least(valid_until, now() + %(overlap)s)"
            " WHERE tenant_id = %(tenant)s AND provider = %(provider)s RETURNING valid_until",
            given,
        ).fetchall()
        connection.execute(
            "INSERT INTO hub.webhook_endpoints (tenant_id, provider, secret_hash)"
            " VALUES (%(tenant)s, %(provider)s, %(hash)s)",
            given,
        )
        details = {"at_once": at_once, "ending": len(ending)}
        integrations.enter(connection, tenant_id, "webhook_issued", provider, actor=actor, details=details)
    return Issued(provider, secret, max((row[0] for row in ending), default=None))


@dataclass(frozen=True)
class Address:
    """An address without its secret. `valid_until` is None for the present one."""

    provider: str
    created_at: datetime
    valid_until: datetime | None


def listed(database: Database, tenant_id: str) -> list[Address]:
    """Addresses that work now, by provider, newest first."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT provider, created_at, valid_until FROM hub.webhook_endpoints WHERE tenant_id = %s"
            " AND (valid_until IS NULL OR valid_until > now()) ORDER BY provider, created_at DESC",
            (tenant_id,),
        ).fetchall()
    return [Address(*row) for row in rows]


def end(database: Database, tenant_id: str, provider: str, *, actor: Actor) -> int:
    """Let none of a provider's addresses work any more; how many did. HubError `webhook_missing`."""
    with database.tenant(tenant_id, "app") as connection:
        ended = connection.execute(
            "DELETE FROM hub.webhook_endpoints WHERE tenant_id = %s AND provider = %s"
            " RETURNING valid_until IS NULL OR valid_until > now()",
            (tenant_id, provider),
        ).fetchall()
        count = sum(row[0] for row in ended)
        if not count:
            raise HubError("webhook_missing", provider=provider)
        integrations.enter(connection, tenant_id, "webhook_ended", provider, actor=actor, details={"ended": count})
    return count


def tenant_of(database: Database, provider: str, secret: str) -> str | None:
    """Whose address this is; None for one that never was, has ended, or is another provider's, without telling which.

    The index is searched by the hash of a secret of 256 bits, so the time that takes tells nothing about any other.
    """
    return whose(database, provider, hash_of(secret))


def whose(database: Database, provider: str, sought: bytes) -> str | None:
    """The same by `hash_of` the secret."""
    with database.crossing("resolver") as connection:
        rows = connection.execute(
            "SELECT tenant_id, provider, secret_hash FROM hub.webhook_endpoints"
            " WHERE secret_hash = %s AND (valid_until IS NULL OR valid_until > now())",
            (sought,),
        ).fetchall()
    for tenant_id, whose, stored in rows:
        if hmac.compare_digest(bytes(stored), sought) and hmac.compare_digest(whose.encode(), provider.encode()):
            return str(tenant_id)
    return None


def all_hashes(database: Database) -> set[bytes]:
    """`hash_of` the secrets of all addresses that have not ended, whoever's they are."""
    with database.crossing("resolver") as connection:
        rows = connection.execute(
            "SELECT secret_hash FROM hub.webhook_endpoints WHERE valid_until IS NULL OR valid_until > now()"
        ).fetchall()
    return {bytes(row[0]) for row in rows}


def hash_of(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
