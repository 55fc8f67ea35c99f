"""Invented invoices: the smallest right one of every pair that the hub issues, as nested values."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hub.einvoice.invoice.invoice import Invoice
from hub.einvoice.invoice.pairs import CHARGING, PAIRS, RETURNS, is_incentive, is_incentive_exemption
from hub.einvoice.invoice.reading import read
from hub.einvoice.ubl.document import build

ETTN = UUID("0b2f8b1e-5f0c-4e55-9a51-0f4f6f0a1c11")
SUPPLIER_VKN = "9205121120"
CUSTOMER_VKN = "3900383669"
PERSON_TCKN = "10000000146"
IBAN = "TR330006100519786457841326"
ALL_PAIRS = [(profile, kind) for profile, kinds in PAIRS.items() for kind in kinds]


def issue_day() -> date:
    """Today in Istanbul, or where the rules' engine still has the day before, that day."""
    return min(datetime.now(ZoneInfo("Europe/Istanbul")).date(), datetime.now(UTC).date())


def number() -> str:
    return f"KPR{issue_day().year}000000001"


def built(invoice: Invoice, **options: Any) -> bytes:
    return build(invoice, number=number(), ettn=ETTN, **options)


def values(profile: str = "TEMELFATURA", kind: str = "SATIS") -> dict[str, Any]:
    """What `read` makes an invoice of, right for the pair and with nothing that it does not need."""
    day = issue_day().isoformat()
    found: dict[str, Any] = {
        "profile": profile,
        "type": kind,
        "issue_date": day,
        "supplier": supplier(),
        "customer": customer(),
        "lines": [line()],
    }
    for adjust in (_by_type, _by_profile, _by_incentive):
        adjust(found, profile, kind, day)
    return found


def supplier() -> dict[str, Any]:
    return {"identity": SUPPLIER_VKN, "name": "Deneme Ticaret A.Ş.", "tax_office": "Çankaya", "address": address()}


def customer() -> dict[str, Any]:
    return {"identity": CUSTOMER_VKN, "name": "Örnek Alıcı Ltd. Şti.", "tax_office": "Kadıköy", "address": address()}


def person() -> dict[str, Any]:
    return {"identity": PERSON_TCKN, "first_name": "Ayşe", "family_name": "Deneme", "address": address()}


def address() -> dict[str, Any]:
    return {"street": "Deneme Cad. 1", "district": "Çankaya", "city": "Ankara"}


def abroad() -> dict[str, Any]:
    return {"district": "Mitte", "city": "Berlin", "country": "Almanya", "country_code": "DE"}


def line(**changes: Any) -> dict[str, Any]:
    return {"name": "Deneme malı", "quantity": "3", "price": "99.99", "vat_rate": "20", **changes}


def invoice(profile: str = "TEMELFATURA", kind: str = "SATIS", **changes: Any) -> Invoice:
    return read({**values(profile, kind), **changes})


def changed(found: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with the value at a dotted path replaced; None takes it away."""
    copied = deepcopy(found)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = copied
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copied


def _by_type(found: dict[str, Any], profile: str, kind: str, day: str) -> None:
    first = found["lines"][0]
    if kind in RETURNS:
        found["returned"] = [{"number": f"ABC{day[:4]}000000007", "issue_date": day}]
    if kind in {"TEVKIFAT", "YTBTEVKIFAT", "TEVKIFATIADE", "YTBTEVKIFATIADE"}:
        first["withholding"] = {"code": "606", "percent": "90"}
    if kind == "ISTISNA":
        first |= {"vat_rate": "0", "exemption": "301"}
    if kind == "OZELMATRAH":
        first |= {"exemption": "806", "special_base": "22.28"}
    if kind == "IHRACKAYITLI":
        first |= {"vat_rate": "0", "exemption": "702", "customs_code": "123456789012", "permit_line": "12345678901"}
    if kind == "SGK":
        found["accounting_cost"] = "SAGLIK_ECZ"
    if kind == "KONAKLAMAVERGISI":
        first |= {"vat_rate": "10", "taxes": [{"code": "0059", "rate": "2"}]}
    if kind in CHARGING:
        first |= {"unit": "KWH", "machine": {"serial_number": "45225"}}
        found["customer"]["identifiers"] = [{"scheme": "PLAKA", "value": "06ABC06"}]
        times = {"start_time": "06:00:00", "end_time": "07:30:00"}
        found["period"] = {"start_date": day, "end_date": day, **times}
        found["documents"] = [{"scheme": "ESURaporID", "number": str(ETTN), "issue_date": day}]
    if kind == "TEKNOLOJIDESTEK":
        found["customer"] = person()
        first["item_numbers"] = [{"scheme": "TELEFON", "value": "356938035643809"}]
    if kind == "HKSKOMISYONCU":
        found["expenses"] = [{"kind": "HKSKOMISYON", "percent": "8", "amount": "24.00"}]


def _by_profile(found: dict[str, Any], profile: str, kind: str, day: str) -> None:
    first = found["lines"][0]
    if profile == "KAMU":
        found["payments"] = [{"code": "42", "iban": IBAN}]
    if profile == "IHRACAT":
        found["buyer"] = {"name": "Beispiel GmbH", "registration_number": "HRB 1", "address": abroad()}
        found["delivery"] = {"address": abroad(), "terms": "CIF", "transport_mode": "1"}
        first["customs_code"] = "020622000000"
    if profile == "YOLCUBERABERFATURA":
        first |= {"vat_rate": "20", "exemption": "501"}
        found["buyer"] = {
            "first_name": "Max",
            "family_name": "Beispiel",
            "nationality": "DE",
            "passport": {"number": "C01X00T47", "issue_date": day},
            "address": abroad(),
        }
        found["representative"] = {
            "identity": SUPPLIER_VKN,
            "alias": "urn:mail:yolcuberaberpk@deneme.example",
            "address": address(),
        }
    if profile == "OZELFATURA":
        first["exemption"] = "322"
        found["buyer"] = {"passport": {"number": "C01X00T47", "issue_date": day}, "address": abroad()}
        found["buyer"] |= {"first_name": "Max", "family_name": "Beispiel", "nationality": "DE"}
    if profile == "HKS":
        first["item_numbers"] = [{"scheme": "KUNYENO", "value": "1231231231231231123"}]
    if profile == "ILAC_TIBBICIHAZ":
        first["item_numbers"] = [{"scheme": "ILAC", "value": "8699999999999"}]
    if profile == "IDIS":
        found["supplier"]["identifiers"] = [{"scheme": "SEVKIYATNO", "value": "SE-1345840"}]
        first["item_numbers"] = [{"scheme": "ETIKETNO", "value": "CV0152457"}]


def _by_incentive(found: dict[str, Any], profile: str, kind: str, day: str) -> None:
    first = found["lines"][0]
    if not is_incentive(profile, kind):  # pyright: ignore[reportArgumentType]
        return
    found["certificate"] = {"number": "123456", "issue_date": day}
    first |= {"spending": "01", "model": "MKN-1", "machine": {"list_number": "745", "serial_number": "412578"}}
    if is_incentive_exemption(profile, kind):  # pyright: ignore[reportArgumentType]
        first |= {"vat_rate": "20", "exemption": "308"}
