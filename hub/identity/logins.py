"""From an e-mail address as typed to the keyed hash by which its users are found, in whichever tenants they are.

A person may be a user of several tenants (an accountant), each of which seals the address under its own keys. What
leads from a login to tenants is a hash under the platform's key, so that nobody without it can try addresses out.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from hub.identity.scope import PLATFORM_SCOPE
from kvkk_policies.canonical import canonical

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

_LONGEST_LOGIN = 320
"""Characters of an address (RFC 3696); what is longer is nobody's."""
MOST_TENANTS = 8
"""Tenants of one login whose passwords are tried when none is named: each costs as much as the first."""


def folded(login: str) -> str | None:
    """The address in the form under which it is one with its other spellings; None for what is no address."""
    plain = unicodedata.normalize("NFKC", login).strip()
    form = canonical("email", plain) if len(plain) <= _LONGEST_LOGIN else None
    return form if form is not None and form.isascii() else None


def login_hash(keyring: Keyring, login: str) -> bytes:
    """HMAC-SHA-256 under the platform's key; what is no address has a hash too, so that it is refused alike. 32 bytes.

    `login` may be of any length and content.
    """
    form = folded(login) or "?" + login[:_LONGEST_LOGIN]
    return keyring.tenant(PLATFORM_SCOPE).keyed_hash("user-login", form.encode("utf-8", "surrogatepass"))


def tenants_of(database: Database, sought: bytes) -> list[str]:
    """Where somebody with this login may sign in, `MOST_TENANTS` at most, in a fixed order."""
    with database.crossing("resolver") as connection:
        rows = connection.execute(
            "SELECT tenant_id FROM hub.users WHERE login_hash = %s AND state = 'active' ORDER BY tenant_id LIMIT %s",
            (sought, MOST_TENANTS),
        ).fetchall()
    return [str(row[0]) for row in rows]


def named_tenant(database: Database, reference: str) -> str | None:
    """The tenant that a person named by id or subdomain, in whichever case; None if there is none.

    The platform's id names itself.
    """
    from hub.control import tenants
    from hub.errors import HubError

    named = reference.strip().lower()
    if named == PLATFORM_SCOPE:
        return named
    try:
        return tenants.find(database, named)
    except HubError as error:
        if error.code != "tenant_unknown":
            raise
        return None
