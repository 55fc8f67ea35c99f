"""The kinds of value an invoice is made of, each refusing what would be wrong in the document.

Errors carry a code and never the value: invoices are full of names and identity numbers.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from hub.einvoice.codes import units
from hub.einvoice.codes.lists import ListName, listed

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CODES_SHOWN = 20


class Part(BaseModel):
    """A part of an invoice: unknown fields are refused, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


def _for_xml(text: str) -> str:
    if _NOT_XML.search(text):
        raise PydanticCustomError("field_holds_control_characters", "")
    return text


def _not_a_float(value: object) -> object:
    """A float has already lost what the invoice must be exact about; JSON is read with decimals."""
    if isinstance(value, bool | float):
        raise PydanticCustomError("field_not_a_number", "")
    return value


def _number(text: object) -> object:
    if isinstance(text, str):
        if not re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
            raise PydanticCustomError("field_not_a_number", "")
        return Decimal(text)
    return text


def _in(name: ListName) -> AfterValidator:
    def check(code: str) -> str:
        if code not in listed(name):
            known = sorted(listed(name))
            shown = ", ".join(known[:_CODES_SHOWN]) + (" …" if len(known) > _CODES_SHOWN else "")
            raise PydanticCustomError("field_not_in_list", "", {"expected": shown})
        return code

    return AfterValidator(check)


def _unit(code: str) -> str:
    if not units.is_unit(code):
        raise PydanticCustomError("field_not_a_unit", "", {"meant": units.meant(code) or "C62, KGM, HUR …"})
    return code


_Exact = (BeforeValidator(_number), BeforeValidator(_not_a_float))
Text = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_for_xml)]
ShortText = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_for_xml)]

# fmt: off
Amount = Annotated[Decimal, *_Exact, Field(ge=0, max_digits=17, decimal_places=2, allow_inf_nan=False)]
Rounding = Annotated[Decimal, *_Exact, Field(gt=-1, lt=1, decimal_places=2, allow_inf_nan=False)]
Quantity = Annotated[Decimal, *_Exact, Field(gt=0, max_digits=20, decimal_places=8, allow_inf_nan=False)]
Price = Annotated[Decimal, *_Exact, Field(ge=0, max_digits=23, decimal_places=8, allow_inf_nan=False)]
Percent = Annotated[Decimal, *_Exact, Field(ge=0, le=100, decimal_places=4, allow_inf_nan=False)]
ExchangeRate = Annotated[Decimal, *_Exact, Field(gt=0, max_digits=21, decimal_places=6, allow_inf_nan=False)]
# fmt: on

Unit = Annotated[str, AfterValidator(_unit)]
Currency = Annotated[str, _in("CurrencyCodeList")]
Country = Annotated[str, _in("CountryCodeList")]
"""ISO 3166 two letters (and a few of the tax office's own)."""
PartyScheme = Annotated[str, _in("PartyIdentificationIDType")]
PaymentCode = Annotated[str, _in("PaymentMeansCodeTypeList")]
PaymentChannel = Annotated[str, _in("ChannelCodeList")]
TransportMode = Annotated[str, _in("TransportModeCodeList")]
DeliveryTerms = Annotated[str, _in("DeliveryTermCodeList")]
PackageKind = Annotated[str, _in("PackageTypeCodeList")]
AccountingCost = Annotated[str, _in("AccountingCostCodeList")]
SpendingKind = Annotated[str, _in("YatirimTesvikItemClassificationCodeList")]
DocumentNumber = Annotated[str, Field(pattern=r"^[A-Z0-9]{3}20[0-9]{2}[0-9]{9}$")]
"""A 16-character invoice number: series, year and a counter of nine digits."""
