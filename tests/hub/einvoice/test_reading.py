from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from hub.einvoice.identity import CUSTOMS
from hub.einvoice.invoice.csv_rows import read_csv
from hub.einvoice.invoice.reading import path, read, read_json
from hub.errors import HubError
from hub.i18n import speaking
from hub.message_texts import TEXTS
from hub.messages import explain
from hub.validation import InvalidInput
from tests.hub.einvoice.samples import address, changed, issue_day, supplier, values

DAY = issue_day().isoformat()
HEADINGS = (
    "invoice,profile,type,issue_date,customer.identity,customer.name,customer.address.district,customer.address.city,"
    "line.name,line.quantity,line.unit,line.price,line.vat_rate,line.discounts.0.percent,line.discounts.1.amount"
)
CUSTOMER = "3900383669,Örnek Alıcı,Kadıköy,İstanbul"


def refused(found: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidInput) as error:
        read(found)
    return {problem.field: problem.code for problem in error.value.problems}


def refused_csv(*rows: str, headings: str = HEADINGS) -> dict[str, str]:
    with pytest.raises(InvalidInput) as error:
        csv(*rows, headings=headings)
    return {problem.field: problem.code for problem in error.value.problems}


def csv(*rows: str, headings: str = HEADINGS) -> Any:
    return read_csv("\n".join([headings, *rows]).encode(), defaults={"supplier": supplier()})


class TestJson:
    def test_numbers_stay_exact(self) -> None:
        found = values()
        del found["supplier"]
        text = json.dumps(found).replace('"99.99"', "0.1234567")

        invoice = read_json(text, defaults={"supplier": supplier()})

        assert invoice.lines[0].price == Decimal("0.1234567")
        assert invoice.supplier.name == "Deneme Ticaret A.Ş."

    @pytest.mark.parametrize("text", ["", "[]", "1", "{", '"x"', "[" * 100_000])
    def test_what_is_no_object_is_refused(self, text: str) -> None:
        with pytest.raises(HubError, match="einvoice_not_json"):
            read_json(text)

    @pytest.mark.parametrize(
        ("place", "value", "field", "code"),
        [
            ("profile", "TICARI", "profile", "field_not_in_list"),
            ("profile", ["IHRACAT"], "profile", "field_not_in_list"),
            ("issue_date", "31.12.2025", "issue_date", "field_not_a_date"),
            ("issue_time", "noon", "issue_time", "field_not_a_time"),
            ("customer.identity", "9205121121", "customer.identity", "field_tax_number_checksum"),
            ("customer.identity", "123", "customer.identity", "field_tax_number_length"),
            ("customer.address.city", "  ", "customer.address.city", "field_empty"),
            ("customer.address.city", None, "customer.address.city", "field_missing"),
            ("customer.address", "Ankara", "customer.address", "field_not_a_group"),
            ("customer.adress", address(), "customer.adress", "field_unknown"),
            ("lines", [], "lines", "field_empty"),
            ("lines", "x", "lines", "field_not_a_list"),
            ("lines.0.unit", "ADET", "lines[0].unit", "field_not_a_unit"),
            ("lines.0.quantity", "0", "lines[0].quantity", "field_not_positive"),
            ("lines.0.quantity", 1.5, "lines[0].quantity", "field_not_a_number"),
            ("lines.0.quantity", "NaN", "lines[0].quantity", "field_not_a_number"),
            ("lines.0.quantity", "1e3", "lines[0].quantity", "field_not_a_number"),
            ("lines.0.price", "-1", "lines[0].price", "field_negative"),
            ("lines.0.price", "0.123456789", "lines[0].price", "field_too_precise"),
            ("lines.0.price", "1" * 30, "lines[0].price", "field_too_many_digits"),
            ("lines.0.vat_rate", "101", "lines[0].vat_rate", "field_above"),
            ("lines.0.exemption", "999", "lines[0].exemption", "field_not_an_exemption"),
            ("lines.0.taxes", [{"code": "0003", "rate": "20"}], "lines[0].taxes[0].code", "field_not_in_list"),
            ("lines.0.withholding", {"code": "650", "percent": 90}, "lines[0].withholding.code", "field_not_in_list"),
            ("lines.0.name", "a\x00b", "lines[0].name", "field_holds_control_characters"),
            ("lines.0.name", "a\ud800b", "lines[0].name", "field_holds_control_characters"),
            ("lines.0.customs_code", "12", "lines[0].customs_code", "field_not_a_customs_code"),
            ("payments", [{"code": "42", "iban": "TR00"}], "payments[0].iban", "field_not_an_iban"),
            ("currency", "TL", "currency", "field_not_in_list"),
            ("rounding", "1", "rounding", "field_above"),
        ],
    )
    def test_a_wrong_field_is_named_with_its_path(self, place: str, value: Any, field: str, code: str) -> None:
        found = {"issue_time": None, "payments": [], "rounding": None, "currency": "TRY", **values()}
        found["lines"][0] |= {"unit": "C62", "exemption": None}

        assert refused(changed(found, place, value)) == {field: code}

    def test_the_unit_that_was_meant_is_proposed(self) -> None:
        with pytest.raises(InvalidInput) as error:
            read(changed(values(), "lines.0", {**values()["lines"][0], "unit": "adet"}))

        assert "C62" in explain(error.value)

    def test_an_unknown_field_is_answered_with_the_known_ones_of_its_group(self) -> None:
        with pytest.raises(InvalidInput) as error:
            read(changed(values(), "lines.0.vat", "20"))

        assert "vat_rate" in str(error.value.problems[0].params["known"])
        assert "profile" not in str(error.value.problems[0].params["known"])

    def test_no_error_repeats_what_was_written(self) -> None:
        found = changed(values(), "customer.identity", "98765432109")
        found["customer"]["first_name"] = "GİZLİAD" * 100

        with pytest.raises(InvalidInput) as error:
            read(found)

        shown = explain(error.value) + str(error.value) + repr(error.value.problems)
        assert "98765432109" not in shown
        assert "GİZLİAD" not in shown

    def test_the_texts_are_there_in_turkish(self) -> None:
        from hub.einvoice.invoice.reading import CODES

        with speaking("tr"):
            assert set(CODES.values()) <= set(TEXTS)

    def test_a_place_is_written_as_in_the_json(self) -> None:
        assert path(("lines", 2, "discounts", 0, "percent")) == "lines[2].discounts[0].percent"
        assert path(()) == "-"


class TestCustoms:
    @pytest.mark.parametrize("profile", ["IHRACAT", "YOLCUBERABERFATURA", "OZELFATURA"])
    def test_an_invoice_for_customs_need_not_name_it(self, profile: str) -> None:
        found = values(profile, "ISTISNA")
        del found["customer"]

        assert read(found).customer.identity == CUSTOMS

    def test_a_customer_that_is_named_stays(self) -> None:
        assert read(values("OZELFATURA", "ISTISNA")).customer.identity == "3900383669"

    def test_any_other_invoice_names_its_customer(self) -> None:
        found = values()
        del found["customer"]

        assert refused(found) == {"customer": "field_missing"}


class TestCsv:
    def test_rows_of_one_invoice_become_its_lines(self) -> None:
        found = csv(
            f"A,TEMELFATURA,SATIS,{DAY},{CUSTOMER},Kalem,2,C62,10.50,20,10,",
            "A,,,,,,,,Defter,1,C62,5,10,,0.50",
            f"B,TEMELFATURA,SATIS,{DAY},{CUSTOMER},Silgi,1,C62,1,20,,",
        )

        assert {name: len(invoice.lines) for name, invoice in found.items()} == {"A": 2, "B": 1}
        first, second = found["A"].lines
        assert (first.discounts[0].percent, second.discounts[0].amount) == (Decimal(10), Decimal("0.50"))
        assert found["A"].customer.address.city == "İstanbul"

    def test_a_turkish_spreadsheet_is_read(self) -> None:
        headings = "\ufeff" + HEADINGS.replace(",", ";")
        row = f"A;TEMELFATURA;SATIS;{DAY};{CUSTOMER.replace(',', ';')};Kalem;2,5;C62;10,50;20;;"

        line = csv(row, "", headings=headings)["A"].lines[0]

        assert (line.quantity, line.price) == (Decimal("2.5"), Decimal("10.50"))

    def test_wrong_cells_are_named_by_row_and_column(self) -> None:
        assert refused_csv(
            f"A,TEMELFATURA,SATIS,{DAY},{CUSTOMER},Kalem,x,C62,10,20,,",
            "A,,,,,,,,Defter,1,ADET,5,10,200,",
            f"B,TEMELFATURA,SATIS,{DAY},123,B,C,D,Kalem,1,C62,10,20,,",
        ) == {
            "2:line.quantity": "field_not_a_number",
            "3:line.unit": "field_not_a_unit",
            "3:line.discounts.0.percent": "field_above",
            "4:customer.identity": "field_tax_number_length",
        }

    def test_an_invoice_whose_rows_disagree_is_refused(self) -> None:
        assert refused_csv(
            f"A,TEMELFATURA,SATIS,{DAY},{CUSTOMER},Kalem,1,C62,10,20,,",
            "A,,IADE,,,,,,Defter,1,C62,5,10,,",
        ) == {"3:type": "field_rows_differ"}

    def test_rows_of_one_name_that_stand_apart_are_not_joined(self) -> None:
        row = f"TEMELFATURA,SATIS,{DAY},{CUSTOMER},Kalem,1,C62,10,20,,"

        assert refused_csv(f"A,{row}", f"B,{row}", f"A,{row}") == {"4:invoice": "field_rows_apart"}

    def test_a_row_without_its_invoice_is_refused(self) -> None:
        assert refused_csv(f",TEMELFATURA,SATIS,{DAY},{CUSTOMER},Kalem,1,C62,10,20,,") == {"2:invoice": "field_missing"}

    def test_an_unknown_column_is_refused(self) -> None:
        row = f"A,TEMELFATURA,SATIS,{DAY},{CUSTOMER},Kalem,1,C62,10,20,,,x"

        assert refused_csv(row, headings=HEADINGS + ",line.color") == {"2:line.color": "field_unknown"}

    def test_a_file_that_is_no_csv_of_invoices_is_refused(self) -> None:
        for content, code in (
            (b"\xff\xfe", "einvoice_csv_encoding"),
            (b"", "einvoice_csv_without_key"),
            (b"name,price\n", "einvoice_csv_without_key"),
            (b"invoice,profile\n", "einvoice_csv_empty"),
        ):
            with pytest.raises(HubError, match=code):
                read_csv(content)
