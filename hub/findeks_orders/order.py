"""What stands before and behind the conversation with the gateway: may this report be ordered, and the order itself.

The identity number is used and forgotten: the order keeps the gateway's consent, and of the person a pseudonym. The
same report on the same subject is one order a day, whoever asks for it, unless another one is asked for in so many
words: a second conversation is refused before the person gets a PIN for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from connectors.findeks.actions import REPORT
from connectors.findeks.ordering import ConsentRequest
from connectors.findeks.settings import COMPANY_BASIS, ORDERABLE
from connectors.findeks.streams.reports import PURPOSE
from connectors.istanbul import day_of
from connectors.secret import Secret
from hub.errors import HubError
from hub.findeks_orders.basis import legal_basis
from hub.kvkk import audit
from hub.kvkk.identifiers import identified
from hub.outbox.caps.spending import reserve
from hub.outbox.enqueue import Enqueued, NewAction, enqueue

if TYPE_CHECKING:
    from uuid import UUID

    from connectors.findeks.ordering import IdentityType
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.audit import Actor

SubjectKind = Literal["tckn", "vkn"]
_WIRE: dict[str, IdentityType] = {"tckn": "TCKN", "vkn": "VKN"}


@dataclass(frozen=True)
class Wanted:
    """A report as somebody asks for it. `repr` shows nobody."""

    kind: SubjectKind
    number: Secret
    report_type: str = "RISK"
    company: bool = False
    """That the VKN is a legal person's; a sole trader's is a person's."""
    birth_date: date | None = field(default=None, repr=False)
    customer_ref: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Admitted:
    """A report that may be ordered, and under which key. `subject` is a pseudonym; None for a company."""

    request: ConsentRequest
    kind: SubjectKind
    subject: str | None
    report_type: str
    key: str


def admitted(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    wanted: Wanted,
    *,
    settings: Mapping[str, Any],
    at: datetime,
    again: bool = False,
) -> Admitted:
    """Whether the conversation may begin; `settings` are the integration's.

    HubError `subject_malformed`, `order_report_unknown`, `order_company_needs_vkn`, `order_basis_missing`,
    `order_basis_inactive`, `report_already_ordered`, or a cap's (`spend_cap_count` and its like).
    """
    if wanted.report_type not in ORDERABLE:
        raise HubError("order_report_unknown", known=", ".join(ORDERABLE))
    if wanted.company and wanted.kind != "vkn":
        raise HubError("order_company_needs_vkn")
    _, pseudonym = identified(keyring, tenant_id, wanted.kind, wanted.number)
    basis = COMPANY_BASIS if wanted.company else legal_basis(database, tenant_id, pseudonym, at)
    with database.tenant(tenant_id, "app") as connection:
        key = _key(connection, keyring.tenant(tenant_id), pseudonym, wanted.report_type, day_of(at), again=again)
        _require_room(connection, tenant_id, settings, day_of(at))
    request = ConsentRequest(_WIRE[wanted.kind], _plain(wanted), PURPOSE, basis, wanted.birth_date, wanted.customer_ref)
    return Admitted(request, wanted.kind, None if wanted.company else pseudonym, wanted.report_type, key)


def begun(database: Database, tenant_id: str, order: Admitted, actor: Actor) -> None:
    """Enter in the audit log that the bureau is asked about somebody, and on what ground, before it is."""
    with database.tenant(tenant_id, "app") as connection:
        _enter(connection, tenant_id, "findeks.bureau_asked", f"integration:{REPORT.provider}", order, actor)


def enqueued(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    order: Admitted,
    consent_id: str,
    *,
    settings: Mapping[str, Any],
    actor: Actor,
) -> Enqueued:
    """Queue the order on a confirmed consent. HubError `report_already_ordered` when somebody was faster."""
    new = NewAction(REPORT.name, order.key, {"consent_id": consent_id, "report_type": order.report_type}, priority=2)
    with database.tenant(tenant_id, "app") as connection:
        try:
            queued = enqueue(connection, keyring.tenant(tenant_id), new, created_by=actor.name, prices=settings)
        except HubError as error:
            if error.code != "idempotency_key_reused":
                raise
            raise _faster(connection, tenant_id, order.key) from None
        if order.subject is not None:
            _name(connection, tenant_id, queued.action_id, order.kind, order.subject)
        _enter(connection, tenant_id, "findeks.report_ordered", f"action:{queued.action_id}", order, actor)
    return queued


def _faster(connection: Connection, tenant_id: str, key: str) -> HubError:
    row = connection.execute(
        "SELECT action_id, state FROM hub.actions WHERE tenant_id = %s AND idempotency_key = %s", (tenant_id, key)
    ).fetchone()
    return HubError("report_already_ordered", action=str(row[0]) if row else "-", state=row[1] if row else "accepted")


def _enter(connection: Connection, tenant_id: str, what: str, about: str, order: Admitted, actor: Actor) -> None:
    entry = audit.Entry(
        actor,
        what,
        about,
        purpose=order.request.purpose,
        legal_basis=order.request.legal_basis,
        count=1,
        details={"report_type": order.report_type},
    )
    audit.append(connection, tenant_id, entry)


def _plain(wanted: Wanted) -> Secret:
    from kvkk_policies.canonical import canonical

    return Secret(canonical(wanted.kind, wanted.number.reveal()) or "")


def _key(connection: Connection, keys: TenantKeys, pseudonym: str, report_type: str, day: date, *, again: bool) -> str:
    """The day's key for this report, or one behind those that stand already. HubError `report_already_ordered`."""
    mark = keys.keyed_hash("findeks-order", f"{pseudonym}|{PURPOSE}|{report_type}".encode()).hex()[:32]
    key = f"{REPORT.name}:{day.isoformat()}:{mark}"
    standing = connection.execute(
        "SELECT action_id, state, accepted_at FROM hub.actions WHERE tenant_id = %s"
        " AND (idempotency_key = %s OR idempotency_key LIKE %s) ORDER BY created_at DESC",
        (keys.tenant_id, key, f"{key}:%"),
    ).fetchall()
    # One that was refused before anything was bought stands in nobody's way.
    bought = [row for row in standing if row[1] != "failed" or row[2] is not None]
    if bought and not again:
        raise HubError("report_already_ordered", action=str(bought[0][0]), state=bought[0][1])
    return f"{key}:{len(standing) + 1}" if standing else key


def _require_room(connection: Connection, tenant_id: str, settings: Mapping[str, Any], day: date) -> None:
    """HubError with a cap's code. Looked at only: it is counted when the report is bought."""
    with connection.transaction(force_rollback=True):
        refusal = reserve(connection, tenant_id, REPORT.provider, day, REPORT.cost({}, settings))
    if refusal is not None:
        raise HubError(refusal)


def _name(connection: Connection, tenant_id: str, action_id: UUID, kind: SubjectKind, subject: str) -> None:
    """Say whom the order is about, by the pseudonym: for the gate, and for whoever must find the person's data."""
    connection.execute(
        "UPDATE hub.actions SET recipient_kind = %s, recipient = %s WHERE tenant_id = %s AND action_id = %s",
        (kind, subject, tenant_id, action_id),
    )
