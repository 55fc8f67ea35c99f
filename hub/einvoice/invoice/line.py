"""One line of an invoice: what was sold, for how much, and which taxes are on it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from hub.einvoice.codes import exemptions, taxes, withholding
from hub.einvoice.invoice.delivery import Delivery
from hub.einvoice.invoice.fields import (
    Amount,
    Country,
    Part,
    Percent,
    Price,
    Quantity,
    ShortText,
    SpendingKind,
    Text,
    Unit,
)


def _exemption(code: str) -> str:
    if not exemptions.is_code(code):
        raise PydanticCustomError("field_not_an_exemption", "")
    return code


def _tax(code: str) -> str:
    if code not in taxes.TAXES:
        raise PydanticCustomError("field_not_in_list", "", {"expected": ", ".join(taxes.TAXES)})
    return code


def _withholding(code: str) -> str:
    if code not in withholding.percentages():
        raise PydanticCustomError("field_not_in_list", "", {"expected": ", ".join(withholding.percentages())})
    return code


ExemptionCode = Annotated[str, AfterValidator(_exemption)]


class Adjustment(Part):
    """A discount or a surcharge: a percentage of what it is taken from, or an amount."""

    percent: Percent | None = None
    amount: Amount | None = None
    reason: ShortText | None = None


class OtherTax(Part):
    """A tax beside VAT, by rate on the line's net amount or as an amount."""

    code: Annotated[str, AfterValidator(_tax)]
    rate: Percent | None = None
    amount: Amount | None = None


class Withholding(Part):
    """The part of the VAT that the buyer pays to the tax office itself: code and percentage of the list."""

    code: Annotated[str, AfterValidator(_withholding)]
    percent: int


class ItemNumber(Part):
    """A number that a scenario asks for: KUNYENO, ETIKETNO, ILAC, TIBBICIHAZ, TELEFON, TABLET_PC, DIGER."""

    scheme: Annotated[str, Field(pattern=r"^[A-Z_]{2,40}$")]
    value: ShortText


class Machine(Part):
    """A machine or device: its number in the incentive list and its own serial number."""

    list_number: ShortText | None = None
    serial_number: ShortText


def _customs_code(code: str) -> str:
    if not re.fullmatch(r"\d{12}", code):
        raise PydanticCustomError("field_not_a_customs_code", "")
    return code


class Line(Part):
    """A line. `price` is for one unit, without VAT; `vat_rate` in percent.

    `special_base`: the base of VAT when it is not the price (OZELMATRAH, codes 801-812).
    `spending`: 01 machinery, 02 building, 03 land, 04 other (investment incentive).
    """

    name: Text
    quantity: Quantity
    unit: Unit = "C62"
    price: Price
    vat_rate: Percent
    exemption: ExemptionCode | None = None
    exemption_reason: Text | None = None
    special_base: Amount | None = None
    withholding: Withholding | None = None
    discounts: tuple[Adjustment, ...] = ()
    surcharges: tuple[Adjustment, ...] = ()
    taxes: tuple[OtherTax, ...] = ()
    description: Text | None = None
    brand: ShortText | None = None
    model: ShortText | None = None
    buyers_code: ShortText | None = None
    sellers_code: ShortText | None = None
    manufacturers_code: ShortText | None = None
    item_numbers: tuple[ItemNumber, ...] = ()
    origin: Country | None = None
    spending: SpendingKind | None = None
    machine: Machine | None = None
    customs_code: Annotated[str, AfterValidator(_customs_code)] | None = None
    """GTİP: twelve digits."""
    permit_line: Annotated[str, Field(pattern=r"^\S{11}$")] | None = None
    """ALICIDIBSATIRKOD: the buyer's line in the inward processing permit."""
    delivery: Delivery | None = None
    note: Text | None = None
