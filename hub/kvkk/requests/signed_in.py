"""The desk of people who sign in: a request is assigned to a user, and not to a name that somebody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.secret import Secret
from hub.errors import HubError
from hub.identity import users
from hub.identity.naming import user_name
from hub.identity.permissions import ROLES, Permission
from hub.kvkk.requests import handling

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.kvkk.requests.record import Request


def assign_to_user(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    request_id: UUID,
    user_id: UUID,
    *,
    warn: bool,
    actor: Actor,
) -> Request:
    """Make a request a user's; with `warn` the warnings go to their address, which is sealed with the request.

    HubError `user_unknown`, `request_handler_unfit`, and what `handling.assign` says.
    """
    user = users.get(database, keyring, tenant_id, user_id)
    if user.state != "active" or Permission.REQUESTS_HANDLE not in ROLES[user.role]:
        fit = sorted(role.value for role, held in ROLES.items() if Permission.REQUESTS_HANDLE in held)
        raise HubError("request_handler_unfit", role=", ".join(fit))
    email = Secret(user.email) if warn else None
    return handling.assign(database, keyring, tenant_id, request_id, user_name(user_id), actor=actor, email=email)
