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
    """A refused document whose number is used and never goes out again. HubError `einvoice_document_cannot`.

    Its delivery loses what it would take to try it again.
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
            state = document.state if over or delivery is None else f"{document.state}/{delivery[0]}"
            raise HubError("einvoice_document_cannot", document=document.number, state=state)
        connection.execute(
            "UPDATE hub.actions SET payload_cipher = ''::bytea WHERE tenant_id = %s AND action_id = %s",
            (tenant_id, document.action_id),
        )
        audit.append(connection, tenant_id, audit.Entry(actor, "einvoice.void", f"document:{document.document_id}"))
        return archive.find(connection, tenant_id, reference)


def cancel(database: Database, keyring: Keyring, tenant_id: str, reference: str, reason: str, *, actor: Actor) -> UUID:
    """Ask the integrator to cancel an e-Arşiv invoice; the action's id. HubError `einvoice_document_cannot`.

    An e-Fatura is not cancelled by one side: a commercial one is rejected by its receiver, others on GİB's portal.
    """
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        document = archive.find(connection, tenant_id, reference)
        if document.kind != "earchive" or document.state not in {"sent", "delivered"}:
            raise HubError(
                "einvoice_document_cannot", document=document.number, state=f"{document.kind}/{document.state}"
            )
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
