"""VKN and TCKN: which kind a number is, and whether its check digits fit.

The tax office's own rules look at the length only, so a mistyped number passes them and the invoice goes to nobody.
"""

from __future__ import annotations

from typing import Literal

IdentityKind = Literal["VKN", "TCKN"]

CONSUMER = "11111111111"
"""What stands for the TCKN of a consumer who gave none (e-Arşiv). Customary; its check digits do not fit."""
FOREIGNER = "2222222222"
"""What stands for the VKN of a buyer without a Turkish number. Customary; its check digits do not fit."""
CUSTOMS = "1460415308"
"""The Ministry of Trade, which takes part in export and passenger invoices."""

_LENGTHS: dict[int, IdentityKind] = {10: "VKN", 11: "TCKN"}


def kind_of(number: str) -> IdentityKind | None:
    """VKN for ten digits, TCKN for eleven, else None."""
    return _LENGTHS.get(len(number)) if number.isascii() and number.isdigit() else None


def checksum_fits(number: str) -> bool:
    """Whether the check digits are right. The two fillers do not pass: whoever allows them asks `is_filler`."""
    from stdnum.tr import tckimlik, vkn

    kind = kind_of(number)
    if kind == "TCKN":
        return tckimlik.is_valid(number)
    return kind == "VKN" and vkn.is_valid(number)


def is_filler(number: str) -> bool:
    """Whether the number stands for somebody who has none."""
    return number in {CONSUMER, FOREIGNER}
