"""The person who is to be erased and the one beside them, and their orders at a shop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kvkk_policies.detect.span import Span
from tests.support.overrides_shop import order
from tests.support.shop import NoDetector, tckn

OWN_TCKN, OTHER_TCKN = tckn(100_000_001), tckn(200_000_002)
OWN_PHONE, OTHER_PHONE = "+90 532 000 00 01", "+90 532 000 00 02"
OWN_MAIL, OTHER_MAIL = "ali.veli@ornek.com", "baska@ornek.com"


class FindsPhones(NoDetector):
    """Finds the tests' own phones."""

    def scan(self, texts: Sequence[str]) -> list[list[Any]]:
        return [
            [
                Span(start, start + len(phone), "TR_PHONE")
                for phone in (OWN_PHONE, OTHER_PHONE)
                if (start := text.find(phone)) >= 0
            ]
            for text in texts
        ]


def own(number: int, **changes: Any) -> dict[str, Any]:
    """An order of the person's."""
    whom = {"customer_tckn": OWN_TCKN, "customer_phone": OWN_PHONE, "customer_email": OWN_MAIL}
    return order(number, **(whom | changes))


def other(number: int, **changes: Any) -> dict[str, Any]:
    """An order of somebody else's."""
    whom = {"customer_tckn": OTHER_TCKN, "customer_phone": OTHER_PHONE, "customer_email": OTHER_MAIL}
    return order(number, **(whom | changes))


ORDERS = [
    own(0, note=f"beni {OWN_PHONE} numaradan arayın"),
    other(1, note=f"{OWN_PHONE} ile birlikte"),
    own(2, customer_tckn=None, customer_email=None),
    other(3, note="kapıya"),
]
