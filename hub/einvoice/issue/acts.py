"""What is done with issued documents: void one that was refused, cancel an e-Arşiv invoice, fetch its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from hub.einvoice.issue import archive
from hub.errors import HubError
from hub.kvkk import audit
from hub.outbox.enqueue import NewAction, enqueue

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

_OVER = ("failed", "dead")


def void(database: Database, tenant_id: str, reference: str, *, actor: Actor) -> archive.Document:
    """A refused document whose number is used and never goes out again.

    HubError `einvoice_document_cannot` (it is not refused), `einvoice_document_tried` (its delivery is not over). Its
    delivery loses what it would take to try it again.
    """
    with database.tenant(tenant_id, "app") as connection:
        document = archive.find(connection, tenant_id, reference)
        # The delivery first, as whoever delivers locks it: nobody can be trying it again behind this.
        delivery = connection.execute(
            "SELECT state FROM hub.actions WHERE tenant_id = %s AND action_id = %s FOR UPDATE",
            (tenant_id, document.action_id),
        ).fetchone()
        over = delivery is None or delivery[0] in _OVER
        changed = connection.execute(
            "UPDATE hub.documents SET state = 'void' WHERE tenant_id = %s AND document_id = %s AND state = 'refused'"
            " AND %s",
            (tenant_id, document.document_id, over),
        ).rowcount
        if not changed:
            if document.state == "refused":
                raise HubError("einvoice_document_tried", document=document.number)
            raise HubError("einvoice_document_cannot", document=document.number, state=document.state)
        connection.execute(
            "UPDATE hub.actions SET payload_cipher = ''::bytea WHERE tenant_id = %s AND action_id = %s",
            (tenant_id, document.action_id),
        )
        audit.append(connection, tenant_id, audit.Entry(actor, "einvoice.void", f"document:{document.document_id}"))
        return archive.find(connection, tenant_id, reference)


def cancel(database: Database, keyring: Keyring, tenant_id: str, reference: str, reason: str, *, actor: Actor) -> UUID:
    """Ask the integrator to cancel an e-Arşiv invoice; the action's id.

    HubError `einvoice_cancel_by_both` for an e-Fatura, which is not cancelled by one side: a commercial one is rejected
    by its receiver, others on GİB's portal; `einvoice_cancel_early` for one that the integrator does not have yet;
    `einvoice_document_cannot` for one that is refused, void or cancelled.
    """
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        document = archive.find(connection, tenant_id, reference)
        if document.kind != "earchive":
            raise HubError("einvoice_cancel_by_both", document=document.number)
        if document.state not in {"sent", "delivered"}:
            code = "einvoice_cancel_early" if document.state == "issued" else "einvoice_document_cannot"
            raise HubError(code, document=document.number, state=document.state)
        provider = connection.execute(
            "SELECT provider FROM hub.actions WHERE tenant_id = %s AND action_id = %s", (tenant_id, document.action_id)
        ).fetchone()
        if provider is None:
            raise HubError("einvoice_document_cannot", document=document.number, state=document.state)
        queued = enqueue(
            connection,
            keys,
            NewAction(
                kind=f"{provider[0]}.cancel",
                idempotency_key=f"cancel:{document.document_id}",
                payload={"ettn": str(document.ettn), "number": document.number, "reason": reason},
                about=f"document:{document.document_id}",
                priority=2,
            ),
            created_by=actor.name,
        )
        audit.append(connection, tenant_id, audit.Entry(actor, "einvoice.cancel", f"document:{document.document_id}"))
    return queued.action_id


def content(database: Database, keyring: Keyring, tenant_id: str, reference: str, *, actor: Actor) -> bytes:
    """The document's bytes as they were signed. The reading is in the audit log: an invoice names people."""
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        document = archive.find(connection, tenant_id, reference)
        clear = archive.content(connection, keys, document.document_id)
        audit.append(connection, tenant_id, audit.Entry(actor, "einvoice.read", f"document:{document.document_id}"))
    return clear
