"""The second act: a payment has arrived, an invoice is issued for it, sealed, checked and delivered, an SMS follows.

All of it as a tenant would do it: a profile, a seal, a template, and the outbox; the stand-ins of Nilvera and Netgsm
keep the ledger that says what really went out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from connectors.sandbox.gib import taxpayers
from connectors.secret import Secret
from hub.control import integrations
from hub.einvoice.check.checker import warm_checker
from hub.einvoice.issue import archive
from hub.einvoice.issue.issuing import Asked, Issuing, issue
from hub.einvoice.issue.profile import IssuerProfile, set_profile
from hub.einvoice.issue.seals import set_file_seal
from hub.einvoice.seal.verify import verify
from hub.kvkk.audit import SYSTEM
from hub.outbox.ask import ask
from hub.outbox.decide import look_now
from hub.outbox.drain import Pace, drain
from hub.outbox.enqueue import NewAction
from hub.outbox.listing import get
from hub.outbox.open import open_outbox
from hub.sync.fetch import http_client
from hub.templates.asking import worded
from hub.templates.new_template import checked_template
from hub.templates.store import add as add_template
from kvkk_policies.phone import canonical_phone

if TYPE_CHECKING:
    from uuid import UUID

    from connectors.sandbox.server import Sandbox
    from hub.db.database import Database
    from hub.demo.cast import Part
    from hub.einvoice.issue.archive import Document
    from hub.keys.keyring import Keyring

VAT_PERCENT = Decimal(20)
BUYER = 7
"""The customer of the shop who paid."""
TEMPLATE = {
    "name": "fatura_hazir",
    "channel": "sms",
    "kind": "transactional",
    "text": "Sayın {{ ad }}, {{ numara }} numaralı e-Arşiv faturanız hazır: {{ baglanti }}",
    "variables": {"ad": "text", "numara": "text", "baglanti": "text"},
}
_LOOKS = 6
"""A day each: what a stand-in has to report, it has reported by then."""


@dataclass(frozen=True)
class Sale:
    """What came of it. Numbers, states and counts only."""

    tenant: str
    payment: str
    paid: str
    invoice: str
    invoice_state: str
    check_errors: int
    seal_holds: bool
    reported: bool
    sms_state: str
    sms_parts: int
    ledger: Mapping[str, int]
    """How often each stand-in did what was asked for: once."""

    @property
    def problems(self) -> list[str]:
        """Expectations that were not met, by name."""
        expected = {
            "invoice_not_delivered": self.invoice_state == "delivered",
            "invoice_has_errors": self.check_errors == 0,
            "invoice_seal_broken": self.seal_holds,
            "sms_not_delivered": self.sms_state == "delivered",
            "not_once": set(self.ledger.values()) == {1},
        }
        return [name for name, met in expected.items() if not met]


def sell(database: Database, keyring: Keyring, sandbox: Sandbox, part: Part) -> Sale:
    """From the newest payment in the warehouse to two receipts."""
    keys = keyring.tenant(part.tenant_id)
    _prepare(database, keyring, sandbox, part)
    payment, paid = _newest_payment(database, part.tenant_id)
    document = _issue(database, keyring, sandbox, part, payment, paid)
    message = _message(database, keyring, sandbox, part, document)
    outbox = open_outbox(database, keyring)
    pace = Pace(lingers=timedelta(0), least_wait=0.05)
    asyncio.run(drain(outbox, pace=pace))
    for _ in range(_LOOKS):
        sandbox.advance(days=1)
        for action in (document.action_id, message):
            if action is not None and get(database, part.tenant_id, action)[0].state == "accepted":
                look_now(database, part.tenant_id, action, SYSTEM)
        asyncio.run(drain(outbox, pace=pace))
    with database.tenant(part.tenant_id, "app") as connection:
        document = archive.find(connection, part.tenant_id, document.number)
        content = archive.content(connection, keys, document.document_id)
    sms, _ = get(database, part.tenant_id, message)
    ledger = sandbox.world.ledger.counts(company=part.company)
    return Sale(
        tenant=part.subdomain,
        payment=payment,
        paid=f"{paid:.2f} TRY",
        invoice=document.number,
        invoice_state=document.state,
        check_errors=sum(each.severity == "error" for each in warm_checker().check(content)),
        seal_holds=all(each.holds for each in verify(content)),
        reported=bool(document.facts.get("reported")),
        sms_state=sms.state,
        sms_parts=sms.units,
        ledger={"nilvera": ledger[str(document.ettn)], "netgsm": ledger[message.hex]},
    )


def _prepare(database: Database, keyring: Keyring, sandbox: Sandbox, part: Part) -> None:
    """Accounts, the issuer's profile, a seal that is made for this demo, a template."""
    for name in ("nilvera", "netgsm"):
        provider = integrations.provider_named(name)
        credentials = {field: Secret(value) for field, value in sandbox.credentials(part.company, name).items()}
        wished = {"msgheader": "FIRMA", "requests_per_minute": 60_000, "sms_part_price": "0.20"}
        settings = {key: value for key, value in wished.items() if key in provider.setting_names}
        account = integrations.Account("sandbox", credentials, base_url=sandbox.url, settings=settings)
        integrations.connect(database, keyring, provider, part.tenant_id, account)
    profile = {
        "integrator": "nilvera",
        "einvoice_series": "KPR",
        "earchive_series": "KPA",
        "address": {"district": "Kadıköy", "city": "İstanbul"},
    }
    set_profile(database, part.tenant_id, IssuerProfile.model_validate(profile), actor=SYSTEM)
    key, certificate = _seal(part.name)
    set_file_seal(database, keyring.tenant(part.tenant_id), key=key, certificates=certificate, actor=SYSTEM)
    add_template(database, part.tenant_id, checked_template(TEMPLATE))


def _newest_payment(database: Database, tenant_id: str) -> tuple[str, Decimal]:
    """A payment that was not given back: its id and what was paid, from the warehouse."""
    with database.tenant(tenant_id, "loader") as connection:
        row = connection.execute(
            "SELECT payment_id, paid_price FROM landing.iyzico_payment_details WHERE tenant_id = %s"
            " AND currency = 'TRY' AND payment_refund_status = 'NOT_REFUNDED' ORDER BY created_date DESC LIMIT 1",
            (tenant_id,),
        ).fetchone()
    if row is None:
        raise LookupError("the shop has no payment")
    return str(row[0]), Decimal(row[1])


def _issue(database: Database, keyring: Keyring, sandbox: Sandbox, part: Part, payment: str, paid: Decimal) -> Document:
    net = (paid * 100 / (100 + VAT_PERCENT)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    values: dict[str, Any] = {
        "type": "SATIS",
        "customer": _buyer(sandbox, part),
        "lines": [
            {
                "name": f"İnternet satışı, ödeme {payment}",
                "quantity": "1",
                "unit": "C62",
                "price": str(net),
                "vat_rate": str(VAT_PERCENT),
            }
        ],
    }
    asked = Asked(f"payment:{payment}", values)

    async def run() -> Document:
        async with http_client() as client:
            done = await issue(Issuing(database, keyring), part.tenant_id, asked, client, issued_by="demo")
        return done.document

    return asyncio.run(run())


def _buyer(sandbox: Sandbox, part: Part) -> dict[str, Any]:
    """A person who is not on the tax office's list: the invoice becomes an e-Arşiv one."""
    company = sandbox.world.company(part.company)
    people = (company.customer(index) for index in range(BUYER, BUYER + 50))
    person = next(each for each in people if taxpayers.user(sandbox.world.seed, each.tckn) is None)
    return {
        "identity": person.tckn,
        "first_name": person.given_name,
        "family_name": person.surname,
        "address": {"district": "Üsküdar", "city": "İstanbul"},
    }


def _message(database: Database, keyring: Keyring, sandbox: Sandbox, part: Part, document: Document) -> UUID:
    person = sandbox.world.company(part.company).customer(BUYER)
    new = NewAction("netgsm.sms", f"invoice-sms:{document.document_id}", {"to": canonical_phone(person.phone)})
    variables = {
        "ad": person.given_name,
        "numara": document.number,
        "baglanti": f"https://fatura.{part.subdomain}.com.tr/{document.ettn}",
    }
    new = worded(database, part.tenant_id, new, template=str(TEMPLATE["name"]), variables=variables)
    return ask(database, keyring, part.tenant_id, [new], created_by="demo")[0].action_id


def _seal(name: str) -> tuple[bytes, bytes]:
    """A key and a certificate that nobody vouches for, as PEM: a real seal comes from Kamu SM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), certificate.public_bytes(Encoding.PEM)
