"""One call: who asks, for which tenant, from where. What routes work with; nothing of it is the request's own word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

from hub.api.services import Services

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.identity.caller import Caller
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor


@dataclass(frozen=True)
class Asked:
    """What the gate found out before the route's function ran (hub/api/gate.py)."""

    services: Services
    request_id: str
    ip: str | None
    caller: Caller | None
    """None at a door that is open to all."""
    tenant_id: str | None
    """The tenant that the call is about; None for a call about none."""
    idempotency_key: str | None = None

    @property
    def database(self) -> Database:
        """The installation's databases."""
        return self.services.database

    @property
    def keyring(self) -> Keyring:
        """The tenants' keys."""
        return self.services.keyring

    @property
    def who(self) -> Caller:
        """The caller of a call that asked for a credential."""
        if self.caller is None:  # a route that is open to all must not ask
            raise RuntimeError("nobody signed in for this call")
        return self.caller

    @property
    def tenant(self) -> str:
        """The tenant of a call that is about one."""
        if self.tenant_id is None:  # `needs(..., of_tenant=False)`
            raise RuntimeError("this call is about no tenant")
        return self.tenant_id

    @property
    def actor(self) -> Actor:
        """As the audit log names the caller."""
        return self.who.actor(self.ip)


def _asked(request: Request) -> Asked:
    return cast("Asked", request.state.asked)


Call = Annotated[Asked, Depends(_asked)]
"""A route's first parameter: `def show(call: Call) -> ...`."""
