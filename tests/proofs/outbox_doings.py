"""What each trial asks for, and the stage it needs at the far end: a payment to give back, a conversation to answer in.

Where the hub's own rules stand before an action (a basis for a report, an open conversation), they are satisfied as a
user satisfies them, so that the trials go through every gate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from connectors.findeks.ordering import ConsentRequest
from connectors.findeks.streams.reports import PURPOSE
from connectors.sandbox.findeks.bureau import known_subject
from connectors.sandbox.findeks.desk import orders_of
from connectors.sandbox.gib import taxpayers
from connectors.sandbox.gib.invoices import ARCHIVE, Invoice
from connectors.sandbox.gib.office import office_of
from connectors.sandbox.iyzico.acts import Link, acts_of
from connectors.sandbox.meta import keys, people
from connectors.sandbox.netgsm.desk import unnamed
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.control import consents, grounds
from hub.control.consent_record import NewConsent
from hub.db.database import Database
from hub.findeks_orders.order import Admitted, enqueued
from hub.inbox.conversations import heard_from
from hub.keys.keyring import Keyring
from hub.kvkk.audit import SYSTEM
from hub.outbox.enqueue import NewAction, enqueue
from hub.validation import checked
from tests.connectors.iyzico.shop import untouched
from tests.connectors.iyzico.test_checks import PNG
from tests.hub.einvoice import samples

SEED, COMPANY = 7, "denemeler"
"""Of the sandbox, and of the business in it."""
_CUSTOMER = 2
"""Of the business: the one whose reports are ordered."""

Payload = Callable[[Sandbox, int], dict[str, Any]]


@dataclass(frozen=True)
class Hub:
    """The tenant that asks."""

    database: Database
    keyring: Keyring
    tenant: str


def queued(hub: Hub, kind: str, payload: dict[str, Any], index: int) -> UUID:
    """The action, asked for and nothing else."""
    new = NewAction(kind, f"{kind}-{index}", payload)
    with hub.database.tenant(hub.tenant, "app") as connection:
        return enqueue(connection, hub.keyring.tenant(hub.tenant), new, created_by="test").action_id


def meta_ids() -> Mapping[str, Any]:
    """Settings of the business's WhatsApp account."""
    return keys.ids(SEED, COMPANY)


def sms(_sandbox: Sandbox, index: int) -> dict[str, Any]:
    """An SMS."""
    return {"to": f"+90532{index:07d}", "text": f"Siparişiniz {index} kargoda"}


def otp(_sandbox: Sandbox, index: int) -> dict[str, Any]:
    """A password by SMS."""
    return {"to": f"+90533{index:07d}", "text": f"Kodunuz {100000 + index}"}


def by_text(_action_id: UUID, payload: Mapping[str, Any]) -> str:
    """A one-time password has no reference at Netgsm."""
    return unnamed(payload["to"].removeprefix("+90"), payload["text"])


def code(_sandbox: Sandbox, index: int) -> dict[str, Any]:
    """A password by WhatsApp."""
    return {"to": f"+90535{index:07d}", "code": f"{100000 + index}"}


def by_code(_action_id: UUID, payload: Mapping[str, Any]) -> str:
    """Nor has one by WhatsApp."""
    return unnamed(payload["to"].removeprefix("+90"), payload["code"])


def earchive(sandbox: Sandbox, index: int) -> dict[str, Any]:
    """An invoice to somebody who is on no list."""
    return _invoice(sandbox, "EARSIVFATURA", "none", index)


def einvoice(sandbox: Sandbox, index: int) -> dict[str, Any]:
    """An invoice to a registered taxpayer."""
    return _invoice(sandbox, "TEMELFATURA", "one", index)


def _invoice(sandbox: Sandbox, profile: str, standing: taxpayers.Standing, index: int) -> dict[str, Any]:
    found = samples.values(profile, "SATIS")
    for name in ("profile", "supplier", "issue_date"):
        found.pop(name)
    found["customer"]["identity"] = taxpayers.someone(sandbox.world.seed, standing, index % 3)
    found["notes"] = [f"Sipariş {index}"]
    return found


def to_cancel(provider: str) -> Payload:
    """An e-Arşiv invoice that the integrator has."""

    def payload(sandbox: Sandbox, index: int) -> dict[str, Any]:
        found = _taken(sandbox, provider, index)
        return {"ettn": found.ettn, "number": found.number, "reason": "Yanlış alıcı"}

    return payload


def to_take_back(provider: str) -> Payload:
    """One that was cancelled."""

    def payload(sandbox: Sandbox, index: int) -> dict[str, Any]:
        found = _taken(sandbox, provider, index)
        assert office_of(sandbox.world).cancel(provider, COMPANY, found.ettn)
        return {"ettn": found.ettn, "number": found.number}

    return payload


def _taken(sandbox: Sandbox, provider: str, index: int) -> Invoice:
    world = sandbox.world
    invoice = Invoice(
        ettn=str(uuid4()),
        number=f"IPT2026{index:09d}",
        profile=ARCHIVE,
        type="SATIS",
        issued=date(2026, 1, 1),
        supplier=world.company(COMPANY).vkn,
        customer=taxpayers.someone(world.seed, "none"),
        payable="120.00",
        currency="TRY",
        xml=b"<Invoice/>",
        fate=1300,
        reply="",
    )
    office_of(world).take(provider, COMPANY, invoice, "")
    return invoice


def answer(sandbox: Sandbox, index: int) -> dict[str, Any]:
    """A word on a commercial invoice that has just come in."""
    found = office_of(sandbox.world).receive(COMPANY)
    verdict = {"answer": "rejected", "note": "Sipariş verilmedi"} if index % 2 else {"answer": "accepted"}
    return {"ettn": found.ettn, "number": found.number, **verdict}


def by_ettn(_action_id: UUID, payload: Mapping[str, Any]) -> str:
    """Documents are known by their ETTN."""
    return payload["ettn"]


def refund(sandbox: Sandbox, _index: int) -> dict[str, Any]:
    """Ten kuruş of the same payment again and again: only the reference tells one from another."""
    payment = untouched(sandbox, COMPANY)
    return {
        "payment_id": str(payment.payment_id),
        "payment_transaction_id": str(payment.item_id(0)),
        "amount": "0.10",
        "currency": "TRY",
    }


def cancel(sandbox: Sandbox, _index: int) -> dict[str, Any]:
    """A payment of this day."""
    return {"payment_id": str(acts_of(sandbox.world).pay(sandbox.world, COMPANY).payment_id)}


def link(_sandbox: Sandbox, index: int) -> dict[str, Any]:
    """A link with its picture."""
    return {
        "name": f"Sipariş {index}",
        "description": "Bir adet",
        "amount": "120.50",
        "currency": "TRY",
        "image": PNG,
    }


def link_to_disable(sandbox: Sandbox, index: int) -> dict[str, Any]:
    """A link that is in use."""
    world = sandbox.world
    made = Link(f"k{index:05d}", "Sipariş", "Bir adet", "120.50", "TRY", None, "IYZILINK", world.clock.now())
    acts_of(world).make_link(world, COMPANY, made)
    return {"token": made.token}


def template(_sandbox: Sandbox, index: int) -> dict[str, Any]:
    """A message that may open a conversation."""
    return {
        "to": f"+90534{index:07d}",
        "template": "siparis_durumu",
        "language": "tr",
        "category": "utility",
        "body": ["Ayşe", str(index)],
    }


def text(sandbox: Sandbox, index: int) -> dict[str, Any]:
    """An answer in words."""
    return {"to": _writer(sandbox, index), "text": f"Siparişiniz {index} kargoda"}


def media(sandbox: Sandbox, index: int) -> dict[str, Any]:
    """A picture that must be with Meta before the message that shows it."""
    return {"to": _writer(sandbox, index), "type": "image", "content": PNG, "mime_type": "image/png"}


def interactive(sandbox: Sandbox, index: int) -> dict[str, Any]:
    """A question with two buttons."""
    buttons = [{"id": "evet", "title": "Evet"}, {"id": "hayir", "title": "Hayır"}]
    return {"to": _writer(sandbox, index), "text": f"Sipariş {index} uygun mu?", "buttons": buttons}


def _writer(sandbox: Sandbox, index: int) -> str:
    phone = f"+90536{index:07d}"
    people.writes(sandbox.world, COMPANY, phone)
    return phone


def within_the_window(hub: Hub, kind: str, payload: dict[str, Any], index: int) -> UUID:
    """The recipient has just written."""
    contact = hub.keyring.tenant(hub.tenant).pseudonymiser().one("phone", payload["to"])
    with hub.database.tenant(hub.tenant, "app") as connection:
        heard_from(connection, hub.tenant, channel="whatsapp", contacts=[contact], at=datetime.now(UTC))
    return queued(hub, kind, payload, index)


def report(sandbox: Sandbox, _index: int) -> dict[str, Any]:
    """An order on a consent that the person has confirmed with their PIN."""
    tckn = sandbox.world.company(COMPANY).customer(_CUSTOMER).tckn
    subject = known_subject(sandbox.world, COMPANY, "TCKN", tckn)
    assert subject is not None
    consent = orders_of(sandbox.world).consent(COMPANY, subject, purpose=PURPOSE, legalBasis="ACIK_RIZA")
    consent.confirmed = True
    return {"consent_id": consent.consent_id, "report_type": "RISK", "tckn": tckn}


def ordered(hub: Hub, kind: str, payload: dict[str, Any], index: int) -> UUID:
    """By somebody with a recorded consent; under a key of its own, as one that is ordered once more."""
    number = Secret(payload["tckn"])
    subject = grounds.subject_pseudonym(hub.keyring, hub.tenant, "tckn", number)
    if not consents.listed(hub.database, hub.tenant, subject=subject):
        consents.record(hub.database, hub.tenant, kind="tckn", subject=subject, new=_consent())
    request = ConsentRequest("TCKN", number, PURPOSE, "ACIK_RIZA")
    order = Admitted(request, "tckn", subject, payload["report_type"], f"{kind}-{index}")
    consent_id = payload["consent_id"]
    return enqueued(hub.database, hub.keyring, hub.tenant, order, consent_id, settings={}, actor=SYSTEM).action_id


def _consent() -> NewConsent:
    values = {
        "purpose": PURPOSE,
        "data_categories": ["KIMLIK", "FINANS"],
        "retention_period": "P1Y",
        "consent_text": "Kredi raporumun sorgulanmasına açık rıza veriyorum.",
        "text_version": "v1",
        "notice_id": "aydinlatma-1",
        "given_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
        "channel": "web",
        "evidence_ref": "form-1",
    }
    return checked(NewConsent, values)
