"""The address of a payment link that an action made: what the tenant sends on, and what nobody else needs.

Whoever has the address sees what is asked of whom and can pay, and a link's words may name a buyer. So it stands sealed
with its action, in no list, and each reading is in the audit log; it goes with the action's payload.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.errors import HubError
from hub.kvkk import audit
from hub.outbox.prepare import open_private

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

KINDS = ("iyzico.payment_link",)


@dataclass(frozen=True, repr=False)
class PaymentLink:
    """Where to pay; `token` is what `iyzico.payment_link_disable` takes. Its `repr` shows nothing of it."""

    url: str
    image_url: str | None
    token: str | None

    def __repr__(self) -> str:
        """Says that there is one."""
        return "PaymentLink(...)"


def read_link(database: Database, keyring: Keyring, tenant_id: str, action_id: UUID, *, actor: Actor) -> PaymentLink:
    """The link that an action made.

    HubError `action_unknown`; `action_link_unknown` for an action that makes none, `action_link_not_made`,
    `action_link_gone` where its address is not held (any more); `ciphertext_invalid`.
    """
    named = {"action": str(action_id)}
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT kind, state, private_cipher FROM hub.actions WHERE tenant_id = %s AND action_id = %s",
            (tenant_id, action_id),
        ).fetchone()
        if row is None:
            raise HubError("action_unknown", **named)
        kind, state, cipher = row
        if kind not in KINDS:
            raise HubError("action_link_unknown", **named)
        private: dict[str, Any] = open_private(keyring.tenant(tenant_id), action_id, cipher)
        if "url" not in private:
            raise HubError("action_link_gone" if state == "delivered" else "action_link_not_made", **named)
        audit.append(connection, tenant_id, audit.Entry(actor, "action.link_read", f"action:{action_id}"))
    return PaymentLink(private["url"], private.get("image_url"), private.get("provider_reference"))
