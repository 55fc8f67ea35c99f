"""What a restored database must not let in: what was ended, used or replaced since its dump was made.

A dump knows nothing of a session that ended after it, a link or a code that was used, a key that was given up because
somebody else had it. So every session ends, links and recovery codes work no more, and tokens are signed by new keys.
A user who was disabled, a role that was taken away and an API key that was revoked since then are as they were in the
dump: the restore tells by how much the logs are shorter, and whoever manages users looks (docs/sign-in.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.identity.scope import PLATFORM_SCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.db.database import Database


def end_all(database: Database, tenants: Sequence[str]) -> int:
    """End what a dump may have brought back to life, in these tenants and the platform; how many sessions."""
    ended = 0
    for scope in (*tenants, PLATFORM_SCOPE):
        with database.tenant(scope, "app") as connection:
            ended += connection.execute(
                "UPDATE hub.sessions SET ended_at = now(), end_reason = 'restored'"
                " WHERE tenant_id = %s AND ended_at IS NULL",
                (scope,),
            ).rowcount
            connection.execute(
                "UPDATE hub.user_tokens SET used_at = now() WHERE tenant_id = %s AND used_at IS NULL", (scope,)
            )
            connection.execute("UPDATE hub.user_credentials SET recovery_hashes = '{}' WHERE tenant_id = %s", (scope,))
            # Tokens of machines live on their own for a quarter of an hour; those of before the restore do not.
            connection.execute("UPDATE hub.api_keys SET tokens_from = now() WHERE tenant_id = %s", (scope,))
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        connection.execute("DELETE FROM hub.signing_keys WHERE tenant_id = %s", (PLATFORM_SCOPE,))
    return ended


def stands(database: Database) -> bool:
    """Whether the platform has people or keys of its own, and so keys under which they are sealed."""
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        row = connection.execute(
            "SELECT EXISTS (SELECT FROM hub.users WHERE tenant_id = %(scope)s)"
            " OR EXISTS (SELECT FROM hub.signing_keys WHERE tenant_id = %(scope)s)",
            {"scope": PLATFORM_SCOPE},
        ).fetchone()
    return bool(row and row[0])
