"""Mails to users: invitation, link to a new password, and notice of what was changed about their sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from connectors.secret import Secret
from hub.identity.attempts import database_now
from hub.identity.links import link_of
from hub.identity.scope import PLATFORM_SCOPE
from hub.kvkk.calendar import ISTANBUL
from hub.mail.queue import enqueue

if TYPE_CHECKING:
    from hub.db.database import Connection
    from hub.identity.one_time import OneTime
    from hub.identity.record import User
    from hub.keys.keyring import TenantKeys
    from hub.settings import Settings

_LINKS = {"invitation": "user_invitation", "reset": "user_reset"}


def tenant_name(connection: Connection, tenant_id: str) -> str:
    """What a person calls it."""
    if tenant_id == PLATFORM_SCOPE:
        return "Köprü"
    row = connection.execute("SELECT name FROM hub.tenants WHERE tenant_id = %s", (tenant_id,)).fetchone()
    return str(row[0]) if row else tenant_id


def send_link(connection: Connection, settings: Settings, keys: TenantKeys, user: User, made: OneTime) -> bool:
    """Queue the link to the user; False where no mail server or no public address is set, so it goes another way."""
    if not (settings.public_url and settings.smtp_host):
        return False
    fields = {
        "tenant": tenant_name(connection, user.tenant_id),
        "link": link_of(settings, made),
        "expires": made.expires_at.astimezone(ISTANBUL).strftime("%d.%m.%Y %H:%M"),
    }
    return _queue(connection, keys, user, _LINKS[made.purpose], fields)


def tell_password_changed(connection: Connection, keys: TenantKeys, user: User) -> None:
    """Queue the notice of a new password."""
    _tell(connection, keys, user, "user_password_changed")


def tell_second_factor_changed(connection: Connection, keys: TenantKeys, user: User) -> None:
    """Queue the notice that the second factor was set up or taken away."""
    _tell(connection, keys, user, "user_second_factor_changed")


def tell_recovery_code_used(connection: Connection, keys: TenantKeys, user: User) -> None:
    """Queue the notice that somebody came in with a recovery code."""
    _tell(connection, keys, user, "user_recovery_code_used")


def _tell(connection: Connection, keys: TenantKeys, user: User, template_name: str) -> None:
    at = database_now(connection).astimezone(ISTANBUL).strftime("%d.%m.%Y %H:%M")
    _queue(connection, keys, user, template_name, {"tenant": tenant_name(connection, user.tenant_id), "at": at})


def _queue(connection: Connection, keys: TenantKeys, user: User, template_name: str, fields: dict[str, str]) -> bool:
    return enqueue(
        connection,
        keys,
        template_name=template_name,
        language=user.language,
        recipient=Secret(user.email),
        fields=fields,
        about=f"user:{user.user_id}:{uuid4()}",
    )
