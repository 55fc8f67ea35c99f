"""Every rule of the tax office that concerns what we issue: refused here, with the field, before anything is built."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.einvoice.arithmetic.totals import sums
from hub.einvoice.invoice.invoice import Invoice
from hub.einvoice.invoice.reading import read
from hub.einvoice.invoice.rules.all import problems
from hub.einvoice.ubl import document
from hub.messages import explain
from hub.validation import InvalidInput
from tests.hub.einvoice.judges import package
from tests.hub.einvoice.samples import ETTN, IBAN, address, changed, issue_day, line, number, values

DAY = issue_day()
TOMORROW = (DAY + timedelta(days=2)).isoformat()
PAPER = {"number": "X-1", "issue_date": TOMORROW}
OLD_PAPER = {"number": "X-1", "issue_date": "2004-12-31"}
T, Z = "TEMELFATURA", "SATIS"

REFUSED_BY_THE_RULES: list[tuple[str, str, str, Any, str, str]] = [
    # profile, type, what is changed, to what (None: taken away), the field named, the code
    (T, Z, "issue_date", TOMORROW, "issue_date", "field_in_the_future"),
    (T, Z, "order", PAPER, "order.issue_date", "field_in_the_future"),
    (T, Z, "order", OLD_PAPER, "order.issue_date", "field_too_early"),
    (T, Z, "despatches", [PAPER], "despatches[0].issue_date", "field_in_the_future"),
    (T, Z, "currency", "USD", "exchange_rate", "field_missing"),
    (T, Z, "supplier.name", None, "supplier.name", "field_missing"),
    (T, Z, "customer.identity", "10000000146", "customer.first_name", "field_missing"),
    (T, Z, "customer.identity", "1460415308", "profile", "einvoice_customs_profile"),
    (T, Z, "customer.identifiers", [{"scheme": "TCKN", "value": "10000000146"}], "customer.identifiers[0].scheme",
     "einvoice_identity_twice"),
    (T, Z, "lines.0.vat_rate", "0", "lines[0].exemption", "einvoice_zero_vat_without_reason"),
    (T, Z, "lines.0.price", "0.001", "lines[0].exemption", "einvoice_zero_vat_without_reason"),
    (T, Z, "lines.0", line(vat_rate="0", exemption="301"), "lines[0].exemption", "einvoice_exemption_type"),
    (T, Z, "lines.0", line(exemption="806", special_base="1"), "lines[0].exemption", "einvoice_exemption_type"),
    (T, Z, "lines.0", line(vat_rate="0", exemption="701"), "lines[0].exemption", "einvoice_exemption_type"),
    (T, "ISTISNA", "lines.0.exemption", "308", "lines[0].exemption", "einvoice_exemption_incentive"),
    (T, Z, "lines.0.withholding", {"code": "606", "percent": 90}, "lines[0].withholding", "einvoice_withholding_type"),
    (T, "TEVKIFAT", "lines.0.withholding.percent", "70", "lines[0].withholding.percent", "field_not_in_list"),
    (T, "IADE", "returned", None, "returned", "field_missing"),
    (T, "IHRACKAYITLI", "lines.0.permit_line", None, "lines[0].permit_line", "field_missing"),
    (T, "IHRACKAYITLI", "lines.0.customs_code", None, "lines[0].customs_code", "field_missing"),
    ("KAMU", Z, "lines.0", line(exemption="555", exemption_reason="Demirbaş"), "lines[0].exemption",
     "einvoice_fixtures_elsewhere"),
    ("YATIRIMTESVIK", Z, "certificate.issue_date", TOMORROW, "certificate.issue_date", "field_in_the_future"),
    ("YOLCUBERABERFATURA", "ISTISNA", "buyer.passport.issue_date", TOMORROW, "buyer.passport.issue_date",
     "field_in_the_future"),
    ("ENERJI", "SARJ", "period.start_date", "2004-12-31", "period.start_date", "field_too_early"),
    ("EARSIVFATURA", "TEKNOLOJIDESTEK", "customer.family_name", None, "customer.family_name", "field_missing"),
    ("KAMU", Z, "payments", None, "payments[0].iban", "field_missing"),
    ("KAMU", Z, "payments.0.iban", "DE89370400440532013000", "payments[0].iban", "einvoice_not_a_turkish_iban"),
    ("IHRACAT", "ISTISNA", "buyer", None, "buyer", "field_missing"),
    ("IHRACAT", "ISTISNA", "buyer.name", None, "buyer.name", "field_missing"),
    ("IHRACAT", "ISTISNA", "supplier.tax_office", None, "supplier.tax_office", "field_missing"),
    ("IHRACAT", "ISTISNA", "delivery.terms", None, "lines[0].delivery.terms", "field_missing"),
    ("IHRACAT", "ISTISNA", "delivery.address", None, "lines[0].delivery.address", "field_missing"),
    ("IHRACAT", "ISTISNA", "delivery.transport_mode", None, "lines[0].delivery.transport_mode", "field_missing"),
    ("IHRACAT", "ISTISNA", "lines.0.customs_code", None, "lines[0].customs_code", "field_missing"),
    ("YOLCUBERABERFATURA", "ISTISNA", "buyer", None, "buyer", "field_missing"),
    ("YOLCUBERABERFATURA", "ISTISNA", "buyer.nationality", None, "buyer.nationality", "field_missing"),
    ("YOLCUBERABERFATURA", "ISTISNA", "buyer.passport", None, "buyer.passport", "field_missing"),
    ("YOLCUBERABERFATURA", "ISTISNA", "representative", None, "representative", "field_missing"),
    ("HKS", "HKSSATIS", "lines.0.item_numbers.0.value", "123", "lines[0].item_numbers", "einvoice_item_number"),
    ("ENERJI", "SARJ", "period", None, "period", "field_missing"),
    ("ENERJI", "SARJ", "period.end_time", None, "period.end_time", "field_missing"),
    ("ENERJI", "SARJ", "documents", None, "documents", "einvoice_without_charging_report"),
    ("ENERJI", "SARJ", "documents.0.number", "7", "documents", "einvoice_without_charging_report"),
    ("ENERJI", "SARJ", "customer.identifiers", None, "customer.identifiers", "einvoice_without_plate"),
    ("ENERJI", "SARJ", "customer.identifiers.0.value", "06 ABC 06", "customer.identifiers", "einvoice_without_plate"),
    ("ENERJI", "SARJANLIK", "lines.0.machine", None, "lines[0].machine.serial_number", "field_missing"),
    ("ILAC_TIBBICIHAZ", Z, "lines.0.item_numbers", None, "lines[0].item_numbers", "einvoice_item_number"),
    ("IDIS", Z, "lines.0.item_numbers.0.value", "C10152457", "lines[0].item_numbers", "einvoice_item_number"),
    ("IDIS", Z, "supplier.identifiers", None, "supplier.identifiers", "einvoice_without_shipment_number"),
    ("EARSIVFATURA", "TEKNOLOJIDESTEK", "customer", {"identity": "3900383669", "name": "X", "address": address()},
     "customer.identity", "einvoice_person_only"),
    ("EARSIVFATURA", "TEKNOLOJIDESTEK", "customer.identifiers", [{"scheme": "MUSTERINO", "value": "7"}],
     "customer.identifiers", "einvoice_out_of_place"),
    ("EARSIVFATURA", "TEKNOLOJIDESTEK", "lines.0.item_numbers", None, "lines[0].item_numbers", "einvoice_item_number"),
    ("YATIRIMTESVIK", Z, "certificate", None, "certificate", "field_missing"),
    ("YATIRIMTESVIK", Z, "lines.0.spending", None, "lines[0].spending", "field_missing"),
    ("YATIRIMTESVIK", Z, "lines.0.model", None, "lines[0].model", "field_missing"),
    ("YATIRIMTESVIK", Z, "lines.0.machine.list_number", None, "lines[0].machine.list_number", "field_missing"),
    ("YATIRIMTESVIK", Z, "lines.0", line(vat_rate="0", exemption="351", spending="04"), "lines[0].vat_rate",
     "einvoice_incentive_without_vat"),
    ("YATIRIMTESVIK", "IADE", "lines.0", line(vat_rate="0", spending="03"), "lines[0].vat_rate",
     "einvoice_incentive_without_vat"),
    ("YATIRIMTESVIK", "ISTISNA", "lines.0.spending", "03", "lines[0].spending", "field_not_in_list"),
    ("EARSIVFATURA", "YTBISTISNA", "lines.0.exemption", "339", "lines[0].exemption", "field_not_in_list"),
]  # fmt: skip

REFUSED_BY_US: list[tuple[str, str, str, Any, str, str]] = [
    (T, Z, "issue_date", "2004-12-31", "issue_date", "field_too_early"),
    (T, Z, "exchange_rate", "34.5", "exchange_rate", "einvoice_rate_of_lira"),
    (T, Z, "returned", [{"number": "ABC2020000000001", "issue_date": "2020-01-01"}], "returned",
     "einvoice_out_of_place"),
    (T, Z, "certificate", {"number": "123456", "issue_date": "2020-01-01"}, "certificate", "einvoice_out_of_place"),
    (T, Z, "expenses", [{"kind": "HKSRUSUM", "amount": "1"}], "expenses", "einvoice_out_of_place"),
    (T, Z, "supplier.identity", "11111111111", "supplier.identity", "field_tax_number_checksum"),
    (T, Z, "customer.identity", "2222222222", "customer.identity", "einvoice_filler_number"),
    (T, Z, "period", {"start_date": "2020-02-01", "end_date": "2020-01-01"}, "period.end_date", "field_before_other"),
    (T, Z, "buyer", {"name": "X", "address": address()}, "buyer.identity", "field_missing"),
    (T, Z, "lines.0.discounts", [{"percent": "1", "amount": "1"}], "lines[0].discounts[0]", "field_one_of"),
    (T, Z, "lines.0.discounts", [{"amount": "299.98"}], "lines[0].discounts", "einvoice_discount_too_large"),
    (T, Z, "discounts", [{"amount": "299.98"}], "discounts", "einvoice_discount_too_large"),
    (T, Z, "surcharges", [{}], "surcharges[0]", "field_one_of"),
    (T, Z, "lines.0.surcharges", [{}], "lines[0].surcharges[0]", "field_one_of"),
    (T, Z, "lines.0.taxes", [{"code": "0071"}], "lines[0].taxes[0]", "field_one_of"),
    (T, Z, "lines.0.price", "999999999999999", "lines", "field_too_large"),
    (T, Z, "lines.0.exemption_reason", "Bir madde", "lines[0].exemption", "einvoice_reason_without_code"),
    (T, Z, "lines.0.exemption", "351", "lines[0].vat_rate", "einvoice_exempt_but_taxed"),
    (T, "ISTISNA", "lines.0.exemption", "202", "lines[0].exemption_reason", "einvoice_reason_missing"),
    (T, "ISTISNA", "lines.0", line(), "lines[0].exemption", "field_missing"),
    (T, "TEVKIFAT", "lines.0.withholding", None, "lines[0].withholding", "field_missing"),
    (T, "TEVKIFAT", "lines.0.vat_rate", "0", "lines[0].withholding", "einvoice_nothing_to_withhold"),
    (T, "OZELMATRAH", "lines.0.special_base", None, "lines[0].special_base", "field_missing"),
    (T, "OZELMATRAH", "lines.0", line(), "lines[0].special_base", "field_missing"),
    (T, "IADE", "lines.0", line(vat_rate="0", exemption="806"), "lines[0].special_base", "field_missing"),
    (T, "OZELMATRAH", "lines.0.exemption", None, "lines[0].exemption", "einvoice_special_base_code"),
    (T, "OZELMATRAH", "lines.0.taxes", [{"code": "0071", "rate": "1"}], "lines[0].taxes",
     "einvoice_special_base_with_taxes"),
    (T, "OZELMATRAH", "discounts", [{"percent": "1"}], "discounts", "einvoice_special_base_document_change"),
    (T, "SGK", "accounting_cost", None, "accounting_cost", "field_missing"),
    (T, "KONAKLAMAVERGISI", "lines.0.taxes", None, "lines[0].taxes", "einvoice_without_accommodation_tax"),
    ("HKS", "HKSKOMISYONCU", "expenses.0.amount", "9999", "expenses", "einvoice_payable_negative"),
    ("KAMU", Z, "payments", [{"code": "42", "iban": IBAN}] * 2, "payments[1].iban", "einvoice_one_account"),
    ("OZELFATURA", "ISTISNA", "buyer.first_name", None, "buyer.passport", "einvoice_passport_without_name"),
]  # fmt: skip


def refusal(found: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        read(found)
    assert "?" not in explain(refused.value), "a text lacks what it mentions"
    return [(problem.field, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize(("profile", "kind", "path", "value", "field", "code"), REFUSED_BY_THE_RULES)
def test_what_the_rules_refuse_is_refused_here_with_its_field(
    profile: str, kind: str, path: str, value: Any, field: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = changed({"order": None, **values(profile, kind)}, path, value)

    assert (field, code) in refusal(wrong)
    # Built all the same, the tax office's rules refuse it: ours demands nothing that they do not.
    monkeypatch.setattr(document, "summed", lambda invoice, **_: sums(invoice))
    invoice = Invoice.model_validate(wrong)
    own_number = f"KPR{invoice.issue_date.year}000000001"
    assert package().errors(document.build(invoice, number=own_number, ettn=ETTN))


@pytest.mark.parametrize(("profile", "kind", "path", "value", "field", "code"), REFUSED_BY_US)
def test_what_no_rule_forbids_and_still_makes_no_sense_is_refused(
    profile: str, kind: str, path: str, value: Any, field: str, code: str
) -> None:
    assert (field, code) in refusal(changed(values(profile, kind), path, value))


def test_fixtures_vat_needs_vat_on_every_line() -> None:
    found = values()
    fixtures = line(exemption="555", exemption_reason="Demirbaş KDV")
    found["lines"] = [fixtures, line(vat_rate="0", exemption="351")]

    assert ("lines[1].vat_rate", "einvoice_fixtures_zero_vat") in refusal(found)


def test_every_wrong_field_is_named_at_once() -> None:
    found = changed(values("IHRACAT", "ISTISNA"), "buyer", None)
    found = changed(found, "lines.0.customs_code", None)

    assert {field for field, _ in refusal(found)} == {"buyer", "lines[0].customs_code"}


def test_the_day_in_istanbul_decides_what_lies_in_the_future() -> None:
    invoice = read(values())

    assert problems(invoice, today=DAY) == []
    assert [problem.field for problem in problems(invoice, today=DAY - timedelta(days=1))] == ["issue_date"]


def test_building_asks_the_rules_again() -> None:
    invoice = read(values())

    with pytest.raises(InvalidInput):
        document.build(invoice, number=number(), ettn=ETTN, today=DAY - timedelta(days=1))
