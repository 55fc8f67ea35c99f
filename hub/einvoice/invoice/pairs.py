"""Which scenario (ProfileID) goes with which type (InvoiceTypeCode): the one table of what the hub issues."""

from __future__ import annotations

from typing import Literal, get_args

Profile = Literal[
    "TEMELFATURA",
    "TICARIFATURA",
    "EARSIVFATURA",
    "KAMU",
    "IHRACAT",
    "YOLCUBERABERFATURA",
    "OZELFATURA",
    "HKS",
    "ENERJI",
    "ILAC_TIBBICIHAZ",
    "YATIRIMTESVIK",
    "IDIS",
]
InvoiceType = Literal[
    "SATIS",
    "IADE",
    "TEVKIFAT",
    "TEVKIFATIADE",
    "ISTISNA",
    "OZELMATRAH",
    "IHRACKAYITLI",
    "SGK",
    "KOMISYONCU",
    "HKSSATIS",
    "HKSKOMISYONCU",
    "KONAKLAMAVERGISI",
    "SARJ",
    "SARJANLIK",
    "TEKNOLOJIDESTEK",
    "YTBSATIS",
    "YTBIADE",
    "YTBISTISNA",
    "YTBTEVKIFAT",
    "YTBTEVKIFATIADE",
]
PROFILES: tuple[Profile, ...] = get_args(Profile)
TYPES: tuple[InvoiceType, ...] = get_args(InvoiceType)

_SALES: tuple[InvoiceType, ...] = (
    "SATIS",
    "TEVKIFAT",
    "ISTISNA",
    "OZELMATRAH",
    "IHRACKAYITLI",
    "SGK",
    "KOMISYONCU",
    "KONAKLAMAVERGISI",
)
_RETURNS: tuple[InvoiceType, ...] = ("IADE", "TEVKIFATIADE")
_GOODS: tuple[InvoiceType, ...] = ("SATIS", "ISTISNA", "TEVKIFAT", "TEVKIFATIADE", "IADE", "IHRACKAYITLI")

PAIRS: dict[Profile, tuple[InvoiceType, ...]] = {
    "TEMELFATURA": _SALES + _RETURNS,
    # A commercial invoice is answered with accept, reject or return: a return is never one itself.
    "TICARIFATURA": _SALES,
    "EARSIVFATURA": (
        *_SALES,
        *_RETURNS,
        "SARJ",
        "SARJANLIK",
        "TEKNOLOJIDESTEK",
        "YTBSATIS",
        "YTBIADE",
        "YTBISTISNA",
        "YTBTEVKIFAT",
        "YTBTEVKIFATIADE",
    ),
    # IADE with KAMU is new in the rules of 1 July 2026.
    "KAMU": (*_SALES, "IADE"),
    "IHRACAT": ("ISTISNA",),
    "YOLCUBERABERFATURA": ("ISTISNA",),
    "OZELFATURA": ("ISTISNA",),
    "HKS": ("SATIS", "HKSSATIS", "HKSKOMISYONCU"),
    "ENERJI": ("SARJ", "SARJANLIK"),
    "ILAC_TIBBICIHAZ": _GOODS,
    "YATIRIMTESVIK": ("SATIS", "ISTISNA", "IADE", "TEVKIFAT", "TEVKIFATIADE"),
    "IDIS": _GOODS,
}
RETURNS: frozenset[InvoiceType] = frozenset({"IADE", "TEVKIFATIADE", "YTBIADE", "YTBTEVKIFATIADE"})
WITH_WITHHOLDING: frozenset[InvoiceType] = frozenset(
    {"TEVKIFAT", "YTBTEVKIFAT", "IADE", "YTBIADE", "SGK", "SARJ", "SARJANLIK"}
)
"""Types whose document may carry WithholdingTaxTotal."""
NET_OF_WITHHOLDING: frozenset[InvoiceType] = frozenset({"TEVKIFATIADE", "YTBTEVKIFATIADE"})
"""Returns of withheld invoices: they give back only the VAT that the seller had received."""
ZERO_VAT_WITHOUT_REASON: frozenset[InvoiceType] = frozenset(
    {"IADE", "YTBIADE", "IHRACKAYITLI", "OZELMATRAH", "SGK", "KONAKLAMAVERGISI"}
)
INCENTIVE_TYPES: frozenset[InvoiceType] = frozenset(
    {"YTBSATIS", "YTBIADE", "YTBISTISNA", "YTBTEVKIFAT", "YTBTEVKIFATIADE"}
)
CHARGING: frozenset[InvoiceType] = frozenset({"SARJ", "SARJANLIK"})


def is_incentive(profile: Profile, kind: InvoiceType) -> bool:
    """Whether the rules of the investment incentive hold."""
    return profile == "YATIRIMTESVIK" or kind in INCENTIVE_TYPES


def is_incentive_exemption(profile: Profile, kind: InvoiceType) -> bool:
    """Whether VAT is written but not charged (CalculationSequenceNumeric -1)."""
    return (profile, kind) == ("YATIRIMTESVIK", "ISTISNA") or kind == "YTBISTISNA"
