"""A piece of personal data in a text, and what each label means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """`text[start:end]`, in code points, is a value of that label. `score` is the confidence, 0 to 1."""

    start: int
    end: int
    label: str
    score: float = 1.0


@dataclass(frozen=True)
class Label:
    """The identifier kind whose pseudonym replaces the value, and the VERBİS category that it counts under."""

    kind: str
    category: str
    rank: int
    """Among spans of equal length and score the lowest rank wins."""


LABELS: dict[str, Label] = {
    "TR_IBAN": Label("iban", "FINANS", 0),
    "CREDIT_CARD": Label("card", "FINANS", 1),
    "TR_TCKN": Label("tckn", "KIMLIK", 2),
    "TR_VKN": Label("vkn", "KIMLIK", 3),
    "TR_PHONE": Label("phone", "ILETISIM", 4),
    "EMAIL": Label("email", "ILETISIM", 5),
    "TR_PLATE": Label("plate", "LOKASYON", 6),
    "BIRTH_DATE": Label("birth_date", "KIMLIK", 7),
    "IMEI": Label("device", "ISLEM_GUV", 8),
    "IP_ADDRESS": Label("ip", "ISLEM_GUV", 9),
    "TR_ADDRESS": Label("address", "ILETISIM", 10),
    "PERSON": Label("name", "KIMLIK", 11),
    "TR_IBAN_SUSPECT": Label("iban", "FINANS", 12),
    "CREDIT_CARD_SUSPECT": Label("card", "FINANS", 13),
    "TR_TCKN_SUSPECT": Label("tckn", "KIMLIK", 14),
    "TR_VKN_SUSPECT": Label("vkn", "KIMLIK", 15),
    "MAC_ADDRESS": Label("device", "ISLEM_GUV", 16),
    "IMEI_SUSPECT": Label("device", "ISLEM_GUV", 17),
    "VIN": Label("vin", "LOKASYON", 18),
    "TR_PASSPORT": Label("passport", "KIMLIK", 19),
    "TR_DRIVER_LICENCE": Label("licence", "KIMLIK", 20),
    "TR_ID_SERIAL": Label("id_serial", "KIMLIK", 21),
    "TR_MERSIS": Label("mersis", "KIMLIK", 22),
    "TR_SGK": Label("sgk", "OZLUK", 23),
    "TR_UAVT": Label("uavt", "ILETISIM", 24),
    "GEO": Label("geo", "LOKASYON", 25),
}
CATEGORY_OF_LABEL = {name: label.category for name, label in LABELS.items()}
KINDS_MENTIONED = frozenset({"tckn", "vkn", "phone", "email", "plate", "iban", "card", "name"})
"""Kinds by which a person's free texts are found again."""
