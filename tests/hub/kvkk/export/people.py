"""One person in four providers under five spellings, a namesake, and somebody else in the same rows and texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from connectors.arvento import PROVIDER as ARVENTO
from connectors.bulutfon import PROVIDER as BULUTFON
from connectors.findeks import PROVIDER as FINDEKS
from connectors.iyzico import PROVIDER as IYZICO
from connectors.secret import Secret
from hub.control import consents, grounds, legal_bases
from hub.control.consent_record import NewConsent
from hub.control.legal_basis_record import NewLegalBasis
from hub.sync.batch import Engine
from hub.validation import checked
from kvkk_policies.canonical import canonical
from tests.support.shop import tckn
from tests.support.told_rows import tell

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
AYSE = {
    "tckn": tckn(100_000_111),
    "phone": "+905320001122",
    "email": "ayse.yilmaz@ornek.com.tr",
    "plate": "34ABC123",
    "name": "Ayşe Yılmaz",
}
SPELLINGS = {
    "tckn": [AYSE["tckn"], f"{AYSE['tckn'][:3]} {AYSE['tckn'][3:6]} {AYSE['tckn'][6:]}"],
    "phone": ["+905320001122", "0532 000 11 22", "0 (532) 000-11-22", "905320001122", "5320001122"],
    "email": ["ayse.yilmaz@ornek.com.tr", "Ayse.Yilmaz@Ornek.com.tr", " AYSE.YILMAZ@ORNEK.COM.TR "],
    "plate": ["34ABC123", "34 ABC 123", "34-abc-123"],
}
NAMESAKE = {"tckn": tckn(200_000_222), "phone": "+905421112233", "email": "ayse2@baska.com.tr"}
OTHER = {"name": "Mehmet Demir", "phone": "0533 444 55 66", "email": "mehmet@baska.com.tr"}
NODE, OTHER_NODE = "A0001", "A0002"


def load_everything(engine: Engine, tenant_id: str) -> None:
    """Ayşe in every provider, her namesake beside her, and others in the same rows and notes."""
    admit(engine, tenant_id, AYSE["tckn"])
    admit(engine, tenant_id, NAMESAKE["tckn"])
    tell(engine, tenant_id, IYZICO, iyzico_rows())
    tell(engine, tenant_id, BULUTFON, bulutfon_rows())
    tell(engine, tenant_id, FINDEKS, findeks_rows())
    tell(engine, tenant_id, ARVENTO, arvento_rows())
    link(engine, tenant_id, subject(engine, tenant_id, "tckn", AYSE["tckn"]), _others(engine, tenant_id))


def _others(engine: Engine, tenant_id: str) -> list[str]:
    device = engine.keyring.tenant(tenant_id).pseudonymiser().one("device", NODE)
    return [
        subject(engine, tenant_id, "phone", AYSE["phone"]),
        subject(engine, tenant_id, "plate", AYSE["plate"]),
        engine.keyring.tenant(tenant_id).subject_id("device", device),
    ]


def pseudonym(engine: Engine, tenant_id: str, kind: str, value: str) -> str:
    """What the tenant's data knows a value as."""
    form = canonical(kind, value)
    assert form is not None, (kind, value)
    return engine.keyring.tenant(tenant_id).pseudonymiser().one(kind, form)


def subject(engine: Engine, tenant_id: str, kind: str, value: str) -> str:
    """The subject that an identifier anchors."""
    return engine.keyring.tenant(tenant_id).subject_id(kind, pseudonym(engine, tenant_id, kind, value))


def link(engine: Engine, tenant_id: str, one: str, others: list[str]) -> None:
    """A reviewer's decision that these are one person."""
    with engine.database.tenant(tenant_id, "vault") as connection:
        for other in others:
            connection.execute(
                "INSERT INTO vault.links (tenant_id, subject_id, other_subject_id, reason, made_by)"
                " VALUES (%s, %s, %s, 'same_person', 'reviewer')",
                (tenant_id, one, other),
            )


def admit(engine: Engine, tenant_id: str, number: str) -> None:
    """A consent and a legal basis to the credit report of this person."""
    person = grounds.subject_pseudonym(engine.keyring, tenant_id, "tckn", Secret(number))
    given = {
        "purpose": "credit_assessment",
        "data_categories": ["KIMLIK", "FINANS"],
        "retention_period": "P1Y",
        "consent_text": "Kredi raporumun sorgulanmasına açık rıza veriyorum.",
        "text_version": "v3",
        "notice_id": "aydinlatma-2026-01",
        "given_at": "2026-03-01T09:30:00+00:00",
        "channel": "web",
        "evidence_ref": f"form-{number[-3:]}",
        "recipients": ["KKB Kredi Kayıt Bürosu A.Ş."],
        "collected_by": "Personel Bir",
    }
    consents.record(engine.database, tenant_id, kind="tckn", subject=person, new=checked(NewConsent, given))
    basis = NewLegalBasis(
        purpose="credit_assessment",
        legal_basis="contract",
        data_categories=("FINANS",),
        proportionality_note="Vadeli satış.",
        notice_id="aydinlatma-1",
        valid_from=datetime(2020, 1, 1, tzinfo=UTC),
        recorded_by="Personel Bir",
    )
    legal_bases.record(engine.database, tenant_id, kind="tckn", subject=person, new=basis)


def iyzico_rows() -> dict[str, list[dict[str, Any]]]:
    """Subscriptions, a payment that a subscription led to, a payment that only a note ties to somebody."""

    def movement(number: int, payment: str, note: str) -> dict[str, Any]:
        return {
            "transaction_type": "PAYMENT",
            "transaction_id": f"T{number}",
            "transaction_date": AT,
            "payment_tx_id": f"X{number}",
            "payment_id": payment,
            "conversation_id": note,
            "price": f"{100 + number}.50",
        }

    def customer(code: str, name: str, person: dict[str, str], **more: Any) -> dict[str, Any]:
        first, last = name.split()
        return {
            "reference_code": code,
            "created_date": AT,
            "name": first,
            "surname": last,
            "identity_number": person["tckn"],
            "email": person["email"],
            "gsm_number": person["phone"],
            **more,
        }

    return {
        "transactions": [
            movement(1, "P1", "SIP-1"),
            movement(2, "P2", f"Ayşe Yılmaz {SPELLINGS['phone'][1]} yerine {OTHER['name']} {OTHER['phone']} aradı"),
            movement(3, "P3", "SIP-3"),
        ],
        "payment_details": [{"payment_id": f"P{n}", "price": f"{100 + n}.50", "created_date": AT} for n in (1, 2, 3)],
        "payment_items": [{"payment_id": f"P{n}", "payment_transaction_id": f"X{n}"} for n in (1, 2, 3)],
        "refunds": [
            {"payment_id": "P1", "payment_transaction_id": "X1", "refund_tx_id": "R1", "refund_price": "10.00"},
            {"payment_id": "P3", "payment_transaction_id": "X3", "refund_tx_id": "R3", "refund_price": "30.00"},
        ],
        "subscriptions": [
            {"reference_code": "S1", "customer_email": SPELLINGS["email"][1], "customer_reference_code": "C1"},
            {"reference_code": "S2", "customer_email": NAMESAKE["email"], "customer_reference_code": "C2"},
        ],
        "subscription_attempts": [
            {
                "subscription_reference_code": "S1",
                "order_reference_code": "O1",
                "attempt_id": "1",
                "payment_id": "P1",
                "conversation_id": "=SUM(A1)",
            },
            {
                "subscription_reference_code": "S2",
                "order_reference_code": "O2",
                "attempt_id": "1",
                "payment_id": "P3",
                # A note about the namesake that mentions Ayşe: its amount is the namesake's.
                "conversation_id": "2. abonelik",
            },
        ],
        "subscription_customers": [
            customer(
                "C1",
                AYSE["name"],
                {"tckn": SPELLINGS["tckn"][1], "email": SPELLINGS["email"][2], "phone": SPELLINGS["phone"][1]},
                billing_address="Moda Caddesi No: 5 Daire 3 Kadıköy İstanbul",
                billing_contact_name=OTHER["name"],
            ),
            customer("C2", AYSE["name"], NAMESAKE),
        ],
        "settlement_files": [
            {
                "report": "transaction",
                "report_date": date(2026, 11, 2),
                "line": line,
                "merchant_id": "M1",
                "buyer_name": name.split()[0],
                "buyer_surname": name.split()[1],
                "buyer_email": email,
                "buyer_phone": phone,
                "conversation_id": note,
                "price": "99.90",
            }
            for line, name, email, phone, note in (
                (1, AYSE["name"], SPELLINGS["email"][0], SPELLINGS["phone"][2], "SIP-9"),
                (2, OTHER["name"], OTHER["email"], OTHER["phone"], f"{SPELLINGS['phone'][2]} numaradan sordu"),
                (3, AYSE["name"], NAMESAKE["email"], NAMESAKE["phone"], "SIP-11"),
            )
        ],
    }


def bulutfon_rows() -> dict[str, list[dict[str, Any]]]:
    """Two calls of Ayşe, one of her namesake; steps and recordings of each."""
    calls = [("K1", SPELLINGS["phone"][0]), ("K2", SPELLINGS["phone"][4]), ("K3", NAMESAKE["phone"])]
    return {
        "calls": [
            {
                "call_id": call,
                "direction": "IN",
                "caller_kind": "phone",
                "callee_kind": "phone",
                "customer_phone": phone,
                "our_number": "+902120000000",
                "call_time": AT,
                "answered": True,
                "in_progress": False,
            }
            for call, phone in calls
        ],
        "recordings": [{"call_id": call, "call_time": AT, "availability": "yes"} for call, _ in calls],
        "call_steps": [
            {"call_id": call, "step": 1, "callee": "+905551234567", "callee_kind": "phone", "start_time": AT}
            for call, _ in calls
        ],
        "call_step_targets": [
            {"call_id": call, "step": 1, "target": 1, "destination": "101", "destination_kind": "extension"}
            for call, _ in calls
        ],
    }


def findeks_rows() -> dict[str, list[dict[str, Any]]]:
    """A report of Ayşe and one of her namesake."""
    people = [("F1", AYSE["tckn"]), ("F2", NAMESAKE["tckn"])]
    return {
        "reports": [
            {
                "reference_no": number,
                "queried_at": AT,
                "subject_type": "PERSON",
                "identity_number": person,
                "full_name": "AYŞE YILMAZ",
                "score": 1450,
            }
            for number, person in people
        ],
        "accounts": [{"reference_no": number, "seq": 1, "balance": "1000.00"} for number, _ in people],
    }


def arvento_rows() -> dict[str, list[dict[str, Any]]]:
    """Ayşe's vehicle, and another one."""
    fleet = [(NODE, SPELLINGS["plate"][1], AYSE["name"]), (OTHER_NODE, "06 XYZ 99", OTHER["name"])]
    day = date(2026, 11, 2)
    return {
        "vehicles": [
            {"node": node, "plate": plate, "license_plate": plate, "last_listed_on": day} for node, plate, _ in fleet
        ],
        "drivers": [{"node": node, "driver": name, "last_listed_on": day} for node, _, name in fleet],
        "operating_days": [
            {
                "node": node,
                "day": day,
                "license_plate": SPELLINGS["plate"][2] if node == NODE else plate,
                "driver": name,
            }
            for node, plate, name in fleet
        ],
        "positions": [
            {"node": node, "gps_time": AT, "latitude": "41.01234", "longitude": "29.01234"} for node, _, _ in fleet
        ],
    }
