"""The lists of GİB's schematron (package 29 of 1 July 2026), read from the package that checks with them.

Copying the 2,152 units would make a second list that ages on its own.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Literal

ListName = Literal[
    "TaxType",
    "WithholdingTaxTypeWithPercent",
    "WithholdingTaxType",
    "TaxExemptionReasonCodeType",
    "YatirimTesvikTaxExemptionReasonCodeType",
    "istisnaTaxExemptionReasonCodeType",
    "ozelMatrahTaxExemptionReasonCodeType",
    "ihracExemptionReasonCodeType",
    "DeliveryTermCodeList",
    "TransportModeCodeList",
    "PackageTypeCodeList",
    "PartyIdentificationIDType",
    "AccountingCostCodeList",
    "PaymentMeansCodeTypeList",
    "ChannelCodeList",
    "CurrencyCodeList",
    "CountryCodeList",
    "UnitCodeList",
    "YatirimTesvikItemClassificationCodeList",
]


@cache
def listed(name: ListName) -> frozenset[str]:
    """The members of a code list under the name that the rules give it."""
    return frozenset(all_lists()[name])


@cache
def all_lists() -> dict[str, list[str]]:
    """Every list of the package, those of other documents too."""
    file = resources.files("efatura_kontrol").joinpath("ekler", "kodlar.json")
    return json.loads(file.read_text(encoding="utf-8"))["listeler"]
