from __future__ import annotations

from typing import Any

from lxml import etree

from hub.einvoice.invoice.reading import read
from tests.hub.einvoice.judges import package, second_run
from tests.hub.einvoice.samples import IBAN, SUPPLIER_VKN, built, issue_day, values


def texts(value: Any) -> set[str]:
    """Every text in nested values."""
    if isinstance(value, dict):
        return {text for inner in value.values() for text in texts(inner)}
    if isinstance(value, list):
        return {text for inner in value for text in texts(inner)}
    return {str(value)}


def written_in(draft: bytes) -> set[str | None]:
    """Every text and attribute of a document."""
    elements = list(etree.fromstring(draft).iter())
    return {element.text for element in elements} | {value for one in elements for value in one.attrib.values()}


def address_of(who: str) -> dict[str, str]:
    names = (
        "street",
        "building_name",
        "building_number",
        "room",
        "district",
        "city",
        "postal_zone",
        "region",
        "country",
    )
    return {name: f"{who} {name}" for name in names} | {"country_code": "TR"}


def party_of(who: str, identity: str) -> dict[str, Any]:
    names = ("name", "first_name", "family_name", "tax_office", "website", "telephone", "fax", "email")
    found = {name: f"{who} {name}" for name in names}
    number = {"scheme": "MERSISNO", "value": f"{who} MERSİS"}
    return found | {"identity": identity, "identifiers": [number], "address": address_of(who)}


def everything() -> dict[str, Any]:
    """An invoice that has something in every field that its pair allows."""
    day = issue_day().isoformat()
    box = {"kind": "BX", "number": "Koli 7", "quantity": "2.5"}
    item_fields = ("name", "description", "brand", "model", "buyers_code", "sellers_code", "manufacturers_code", "note")
    item = {name: f"Kalem {name}" for name in item_fields}
    item |= {"quantity": "3", "price": "99.99", "vat_rate": "20", "unit": "KGM", "origin": "DE"}
    item |= {"customs_code": "123456789012", "permit_line": "12345678901", "spending": "02"}
    item |= {"machine": {"list_number": "Makine 1", "serial_number": "Seri 1"}}
    item |= {"item_numbers": [{"scheme": "DIGER", "value": "Diğer 1"}]}
    item |= {"delivery": {"address": address_of("Teslim"), "on": "2020-05-01", "terms": "EXW", "package": box}}
    item |= {"discounts": [{"percent": "10", "reason": "İskonto"}], "surcharges": [{"amount": "1.25", "reason": "Ek"}]}
    account = {"account_currency": "TRY", "account_note": "Hesap", "bank": "Banka", "branch": "Şube"}
    bank = {"code": "42", "due_date": "2020-05-02", "channel": "AA", "note": "Açıklama", "iban": IBAN, **account}
    buyer = {"identity": "10000000146", "first_name": "Alan", "family_name": "Kişi", "name": "Alan A.Ş."}
    buyer |= {"registration_number": "Sicil", "nationality": "FR", "address": address_of("Alan")}
    buyer |= {"passport": {"number": "U1234", "issue_date": "2020-05-03"}}
    document = {"type_code": "TUR", "type": "Tür", "description": "Belge açıklaması", "scheme": "ŞEMA"}
    times = {"start_time": "01:02:03", "end_time": "04:05:06"}
    place = {"address": address_of("Yer"), "on": "2020-05-11", "transport_mode": "3", "package": {"kind": "CT"}}
    return {
        "profile": "TICARIFATURA",
        "type": "SATIS",
        "issue_date": day,
        "issue_time": "10:15:59",
        "currency": "EUR",
        "exchange_rate": "48.123456",
        "exchange_rate_date": "2020-05-04",
        "supplier": party_of("Satan", SUPPLIER_VKN),
        "customer": party_of("Alıcı", "3900383669"),
        "buyer": buyer,
        "lines": [item],
        "discounts": [{"percent": "5", "reason": "Belge indirimi"}],
        "surcharges": [{"amount": "2.75", "reason": "Belge artırımı"}],
        "rounding": "0.01",
        "notes": ["Not 1", "Not 2"],
        "accounting_cost": "MAL_HIZMET",
        "period": {"start_date": "2020-05-05", "end_date": "2020-05-06", **times},
        "order": {"number": "Sipariş", "issue_date": "2020-05-07"},
        "despatches": [{"number": "İrsaliye", "issue_date": "2020-05-08"}],
        "receipts": [{"number": "Alındı", "issue_date": "2020-05-09"}],
        "documents": [{"number": "Belge", "issue_date": "2020-05-10", **document}],
        "delivery": place,
        "payments": [bank, {"code": "10"}],
        "payment_terms": {"note": "Vade", "due_date": "2020-05-12", "penalty_percent": "1.5"},
    }


def test_everything_an_invoice_can_hold_at_once_is_valid_and_written() -> None:
    found = everything()
    draft = built(read(found))

    assert package().errors(draft) == []
    assert second_run().errors(draft) == []
    root = etree.fromstring(draft)
    written = {element.text for element in root.iter()} | {
        value for one in root.iter() for value in one.attrib.values()
    }
    as_fractions = {"10", "5"}  # percentages of discounts are written as fractions of one
    assert texts(found) - written - as_fractions == set()
    assert {"0.1", "0.05"} <= written


def test_a_customs_buyer_and_a_refund_house_are_written() -> None:
    found = values("YOLCUBERABERFATURA", "ISTISNA")
    found["representative"]["name"] = "Aracı Kurum"
    root = etree.fromstring(built(read(found)))

    written = {element.text for element in root.iter()} | {
        value for one in root.iter() for value in one.attrib.values()
    }
    assert texts({name: found[name] for name in ("buyer", "representative")}) - written == set()
    assert {"TAXFREE", "ARACIKURUMVKN", "ARACIKURUMETIKET"} <= written
