"""One person, one name: who signs in is `user:<id>`, and so is whoever states that user's name on the hub's machine.

Without it somebody could act as themselves through the API and approve it as `ayse@...` on the machine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hub.identity import logins, record
from hub.identity.scope import PLATFORM_SCOPE

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Database
    from hub.keys.keyring import Keyring

_USER = re.compile(r"user:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def user_name(user_id: UUID) -> str:
    """How the logs name a user."""
    return f"user:{user_id}"


def is_user(name: str) -> bool:
    """Whether a name is that of somebody who can sign in."""
    return _USER.fullmatch(name) is not None


def known_as(database: Database, keyring: Keyring, tenant_id: str, stated: str) -> str:
    """`user:<id>` where the stated name is the id, the address or the full name of one user; else what was stated.

    Users are the tenant's and the operator's staff. A name that several have is nobody's: they state their address.
    """
    if is_user(stated):
        return stated
    address, said = logins.folded(stated), stated.strip().casefold()
    found = {
        each.user_id
        for scope in (tenant_id, PLATFORM_SCOPE)
        for each in record.listed(database, keyring, scope)
        if (address is not None and logins.folded(each.email) == address) or each.name.strip().casefold() == said
    }
    return user_name(found.pop()) if len(found) == 1 else stated
