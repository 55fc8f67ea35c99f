from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.einvoice.arithmetic.money import KURUS, divided, half_up, product, settled, share, total
from hub.einvoice.arithmetic.totals import Sums, sums
from tests.hub.einvoice.samples import invoice, line

amounts = st.decimals("0", "99999", places=2)


def of(profile: str = "TEMELFATURA", kind: str = "SATIS", **changes: Any) -> Sums:
    return sums(invoice(profile, kind, **changes))


def money(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


class TestMoney:
    def test_halves_are_rounded_away_from_zero(self) -> None:
        assert [half_up(value) for value in money("0.005", "0.0049", "2.675", "-0.005")] == money(
            "0.01", "0.00", "2.68", "-0.01"
        )

    def test_a_product_of_many_digits_is_rounded_once(self) -> None:
        # The product is …415.2449972820415988. To 28 digits first, it would be …415.24500 and rounded up.
        large = product(Decimal("200365975592.29867346"), Decimal("489084931753.82665578"))
        assert large == Decimal("97995979498348294153415.24")
        assert share(Decimal("999999999999999.99"), Decimal("0.0001")) == Decimal("1000000000.00")

    @given(amounts, st.lists(amounts, min_size=1, max_size=8))
    def test_parts_add_up_and_none_is_larger_than_its_weight(self, amount: Decimal, weights: list[Decimal]) -> None:
        parts = divided(amount, weights)

        assert total(parts) == amount
        if amount <= total(weights) and total(weights):
            assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))

    @given(st.lists(amounts, min_size=1, max_size=30), st.sampled_from(["1", "8", "18", "20"]))
    def test_lines_are_brought_to_their_sum_by_a_kurus_each_at_most(self, bases: list[Decimal], rate: str) -> None:
        rounded = [share(base, Decimal(rate)) for base in bases]
        target = share(total(bases), Decimal(rate))

        parts = settled(rounded, target)

        assert total(parts) == target
        assert all(abs(part - one) <= KURUS for part, one in zip(parts, rounded, strict=True))
        assert min(parts) >= 0

    def test_the_usual_remainder_goes_to_the_largest_line(self) -> None:
        assert settled(money("1.00", "5.00", "2.00"), Decimal("8.01")) == money("1.00", "5.01", "2.00")


class TestSums:
    def test_the_tax_offices_own_withholding_sample(self) -> None:
        held = line(quantity="1", price="20000", vat_rate="18", withholding={"code": "606", "percent": 90})
        made = of(kind="TEVKIFAT", lines=[held])

        assert (made.taxes[0].amount, made.withheld_total) == (Decimal(3600), Decimal(3240))
        assert (made.tax_total, made.tax_inclusive, made.payable) == (Decimal(360), Decimal(23600), Decimal(20360))
        assert (made.lines[0].tax_total, made.withheld[0].base) == (Decimal(360), Decimal(3600))

    def test_the_tax_total_may_be_written_with_what_is_withheld(self) -> None:
        held = line(quantity="1", price="20000", vat_rate="18", withholding={"code": "606", "percent": 90})
        made = of(kind="TEVKIFAT", lines=[held], tax_total_net=False)

        assert (made.tax_total, made.lines[0].tax_total) == (Decimal(3600), Decimal(3600))
        assert (made.tax_inclusive, made.payable) == (Decimal(23600), Decimal(20360))

    def test_the_tax_offices_own_sample_of_a_special_base(self) -> None:
        special = line(quantity="0.5", price="49.87", vat_rate="18", exemption="806", special_base="22.28")
        made = of(kind="OZELMATRAH", lines=[special])

        assert (made.line_extension, made.tax_total) == (Decimal("24.94"), Decimal("4.01"))
        assert made.tax_inclusive == made.payable == Decimal("24.94")

    def test_the_vat_of_a_special_base_may_be_added_to_the_price(self) -> None:
        special = line(quantity="0.5", price="49.87", vat_rate="18", exemption="806", special_base="22.28")

        assert of(kind="OZELMATRAH", lines=[special], special_base_in_price=False).payable == Decimal("28.95")

    def test_incentive_vat_is_shown_and_not_charged(self) -> None:
        made = of("YATIRIMTESVIK", "ISTISNA")

        assert made.taxes[0].amount == Decimal("59.99")
        assert (made.tax_total, made.payable) == (Decimal(0), Decimal("299.97"))

    def test_a_return_of_a_withheld_invoice_gives_back_what_was_received(self) -> None:
        returned = line(quantity="6", price="15", vat_rate="10", withholding={"code": "613", "percent": 90})
        made = of(kind="TEVKIFATIADE", lines=[returned])

        assert (made.taxes[0].base, made.tax_total, made.payable) == (Decimal(9), Decimal("0.90"), Decimal("90.90"))
        assert made.withheld == ()

    def test_vat_is_computed_on_the_summed_base_of_a_rate(self) -> None:
        # 0.05 at 10 % is 0.005, which alone is rounded up: three times 0.01 would be charged for 0.015.
        made = of(lines=[line(quantity="1", price="0.05", vat_rate="10")] * 3)

        assert made.taxes[0].amount == made.tax_total == Decimal("0.02")
        assert sorted(one.taxes[0].amount for one in made.lines) == money("0.00", "0.01", "0.01")

    def test_every_percentage_of_a_line_is_of_quantity_times_price(self) -> None:
        two = [{"percent": "10"}, {"percent": "10"}, {"amount": "5"}]
        made = of(lines=[line(quantity="10", price="10", discounts=two, surcharges=[{"percent": "1"}])])

        assert made.lines[0].discounts == tuple(money("10.00", "10.00", "5.00"))
        assert (made.lines[0].net, made.tax_exclusive) == (Decimal(76), Decimal(76))
        assert (made.discount_total, made.surcharge_total) == (Decimal(0), Decimal(0))

    def test_a_discount_of_the_document_lowers_the_tax_base_of_every_rate(self) -> None:
        lines = [line(quantity="1", price="300", vat_rate="20"), line(quantity="1", price="100", vat_rate="10")]
        made = of(lines=lines, discounts=[{"percent": "10"}], surcharges=[{"amount": "4"}])

        assert [(tax.base, tax.amount) for tax in made.taxes] == [
            (Decimal(273), Decimal("54.60")),
            (Decimal(91), Decimal("9.10")),
        ]
        assert (made.line_extension, made.tax_exclusive) == (Decimal(400), Decimal(364))
        assert (made.discount_total, made.surcharge_total) == (Decimal(40), Decimal(4))

    def test_vat_is_charged_on_special_consumption_tax_and_not_on_accommodation_tax(self) -> None:
        taxes = [{"code": "0073", "rate": "10"}, {"code": "0059", "rate": "2"}]
        made = of(kind="KONAKLAMAVERGISI", lines=[line(quantity="1", price="100", vat_rate="20", taxes=taxes)])

        assert [(tax.kind.code, tax.base, tax.amount) for tax in made.taxes] == [
            ("0073", Decimal(100), Decimal(10)),
            ("0059", Decimal(100), Decimal(2)),
            ("0015", Decimal(110), Decimal(22)),
        ]
        assert made.tax_inclusive == Decimal(134)

    def test_what_a_commission_agent_keeps_lowers_what_is_paid_and_not_what_is_taxed(self) -> None:
        made = of("HKS", "HKSKOMISYONCU")

        assert (made.tax_inclusive, made.payable) == (Decimal("359.96"), Decimal("335.96"))
        assert (made.surcharge_total, made.discount_total) == (Decimal(24), Decimal(0))

    def test_rounding_moves_what_is_paid_alone(self) -> None:
        made = of(rounding="0.04")

        assert (made.tax_inclusive, made.rounding, made.payable) == (Decimal("359.96"), Decimal("0.04"), Decimal(360))
