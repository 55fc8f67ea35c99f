from __future__ import annotations

import json

from hub.einvoice.codes import exemptions, units
from hub.einvoice.codes.lists import all_lists, listed
from hub.einvoice.codes.taxes import TAXES, VAT
from hub.einvoice.codes.withholding import NAMES, percentages
from tests.hub.einvoice.judges import shared

SHEET = (
    "601 30|40, 602 90, 603 50|70, 604 50, 605 50, 606 90, 607 90, 608 90, 609 50|70, 610 90, 611 90, 612 70|90,"
    " 613 70|90, 614 50, 615 50|70, 616 50, 617 70, 618 70, 619 70, 620 70, 621 90, 622 90, 623 50, 624 20, 625 30,"
    " 626 20, 627 40|50"
)


def test_the_lists_are_those_of_the_reference_data() -> None:
    reference = json.loads((shared() / "schematron" / "flat-20260701" / "kodlar.json").read_text(encoding="utf-8"))

    assert all_lists() == reference["listeler"]
    assert len(listed("UnitCodeList")) == 2152


def test_withholding_goes_with_the_percentages_of_the_sheet() -> None:
    expected = {
        code: {int(percent) for percent in percents.split("|")}
        for code, percents in (pair.split() for pair in SHEET.split(","))
    } | {str(code): {100} for code in range(801, 826)}

    assert {code: set(percents) for code, percents in percentages().items()} == expected
    assert set(NAMES) == {code for code in expected if code < "700"}


def test_a_pair_without_a_code_of_its_own_is_not_offered() -> None:
    assert "65090" in listed("WithholdingTaxTypeWithPercent")
    assert "650" not in percentages()


def test_every_tax_is_one_of_the_list_and_those_left_out_are_named() -> None:
    assert listed("TaxType") - set(TAXES) == {VAT, "0003", "0011", "4171", "9015", "9040"}
    assert set(TAXES) <= listed("TaxType")


def test_what_people_write_for_a_unit_leads_to_one_of_the_list() -> None:
    assert [units.meant(word) for word in ("adet", "Kilogram", "metrekare", "litre", "saat")] == [
        "C62",
        "KGM",
        "MTK",
        "LTR",
        "HUR",
    ]
    assert units.meant("furlong") is None
    assert all(units.is_unit(code) for code in units.WRITTEN.values())
    assert [word for word in units.WRITTEN if units.is_unit(word)] == [], "the list has this code itself"


def test_exemptions_go_with_the_types_of_their_list() -> None:
    assert exemptions.types_of("301") == {"ISTISNA", "IADE", "IHRACKAYITLI", "SGK", "YTBISTISNA", "YTBIADE"}
    assert exemptions.types_of("806") == {"OZELMATRAH", "IADE", "SGK"}
    assert exemptions.types_of("702") == {"IHRACKAYITLI", "IADE", "SGK"}
    assert {code for code in listed("TaxExemptionReasonCodeType") if exemptions.types_of(code) is None} == {
        *exemptions.NOT_EXEMPT,
        exemptions.FIXTURES,
    }
    assert all(exemptions.is_code(code) for code in exemptions.REASONS)
