"""Who is calling, as a credential proved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hub.identity.permissions import PLATFORM_ROLES
from hub.identity.scope import PLATFORM_SCOPE
from hub.kvkk.audit import Actor

if TYPE_CHECKING:
    from uuid import UUID

    from hub.i18n import Language
    from hub.identity.permissions import Permission, Role

__all__ = ["PLATFORM_SCOPE", "Caller"]


@dataclass(frozen=True)
class Caller:
    """A person or a machine whose credential held. Nothing in it comes from the request itself."""

    home: str
    """The tenant it belongs to; `PLATFORM_SCOPE` for the operator's staff."""
    kind: Literal["user", "machine"]
    subject: UUID
    """The user's or the key's id."""
    role: Role
    permissions: frozenset[Permission]
    """What it may do: its role's, of which a token or a key may hold fewer."""
    second_factor: bool
    session: UUID | None = None
    """The family of refresh tokens it signed in with; None for a key."""
    language: Language | None = None
    tenant_suspended: bool = False
    """Whether its tenant is suspended, and so does little more than read (`permissions.WHILE_SUSPENDED`)."""

    @property
    def is_platform(self) -> bool:
        """Whether it is one of the operator's staff."""
        return self.role in PLATFORM_ROLES

    def actor(self, ip: str | None) -> Actor:
        """As the audit log names it: by id, never by name or address."""
        return Actor(f"{self.kind}:{self.subject}", self.role.value, ip)
