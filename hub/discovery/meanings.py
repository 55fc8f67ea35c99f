"""What a column can turn out to be, and the policy that a careful person would begin with for each.

Categories, bases and periods follow the VERBİS headings and the defaults of the shipped policies. They are proposals:
which basis carries an activity is the controller's to decide (veri sorumlusu, KVKK art. 3/1-ı), so every draft asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kvkk_policies.detect import LABELS
from kvkk_policies.vocabulary import ActionName

OWN_KIND = "*"


@dataclass(frozen=True)
class Meaning:
    """What a column is. `labels` and `forms` are what its values then show; none where no value can prove it."""

    category: str
    legal_basis: str | None
    retention: str
    action: ActionName
    kind: str | None = None
    """Identifier kind of the policy; `OWN_KIND` is the provider's own, named after the column."""
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    labels: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    identifies: bool = False
    """Whether it tells who somebody is; its column is an identifier in the report."""
    review: str | None = None
    """Why a person has to decide in any case."""


def _kind_labels(*kinds: str) -> frozenset[str]:
    return frozenset(name for name, label in LABELS.items() if label.kind in kinds)


def _identifier(kind: str, category: str = "KIMLIK", *, basis: str = "contract", retention: str = "P10Y") -> Meaning:
    return Meaning(category, basis, retention, "vault", kind, labels=_kind_labels(kind), identifies=True)


def _number(kind: str, category: str = "KIMLIK", *, basis: str = "contract", retention: str = "P10Y") -> Meaning:
    """A number by which rows of one person are joined, and which nobody needs to read again."""
    return Meaning(category, basis, retention, "pseudonymise", kind, labels=_kind_labels(kind), identifies=True)


def _special(category: str) -> Meaning:
    return Meaning(category, "s_explicit_consent", "P1Y", "drop", review="scan_special_header")


def _dropped(category: str, basis: str, retention: str = "P10Y") -> Meaning:
    return Meaning(category, basis, retention, "drop", review="scan_dropped")


MEANINGS: dict[str, Meaning] = {
    "tckn": _identifier("tckn"),
    "vkn": _identifier("vkn"),
    "tax_number": Meaning(
        "KIMLIK", "contract", "P10Y", "vault", "tax_number", labels=_kind_labels("tckn", "vkn"), identifies=True
    ),
    "phone": _identifier("phone", "ILETISIM"),
    "email": _identifier("email", "ILETISIM"),
    "plate": _identifier("plate", basis="legitimate_interest", retention="P1Y"),
    "iban": _identifier("iban", "FINANS"),
    "account": Meaning("FINANS", "contract", "P10Y", "pseudonymise", OWN_KIND, identifies=True),
    "card": Meaning(
        "FINANS", "contract", "P10Y", "partial", params={"last": 4}, labels=_kind_labels("card"), identifies=True
    ),
    "name": Meaning(
        "KIMLIK",
        "contract",
        "P10Y",
        "vault",
        "name",
        labels=_kind_labels("name"),
        forms=frozenset({"name"}),
        identifies=True,
    ),
    "company": Meaning("MUSTERI", "contract", "P10Y", "vault", "name", identifies=True, review="scan_company"),
    "user": Meaning("ISLEM_GUV", "contract", "P10Y", "vault", "text", identifies=True),
    "address": Meaning(
        "ILETISIM", "contract", "P10Y", "vault", "address", labels=_kind_labels("address"), identifies=True
    ),
    "region": Meaning("ILETISIM", "contract", "P10Y", "generalise", params={"to": "district"}),
    "postcode": _dropped("ILETISIM", "contract"),
    "birth_date": Meaning(
        "KIMLIK",
        "contract",
        "P10Y",
        "generalise",
        params={"to": "year"},
        labels=_kind_labels("birth_date"),
        forms=frozenset({"date"}),
        identifies=True,
    ),
    "personal_detail": _dropped("KIMLIK", "contract"),
    "ip": Meaning(
        "ISLEM_GUV",
        "legitimate_interest",
        "P2Y",
        "generalise",
        params={"to": "ip"},
        labels=_kind_labels("ip"),
        identifies=True,
    ),
    "device": Meaning(
        "ISLEM_GUV",
        "legitimate_interest",
        "P2Y",
        "pseudonymise",
        "device",
        labels=_kind_labels("device"),
        identifies=True,
    ),
    "vin": _number("vin", "LOKASYON", basis="legitimate_interest", retention="P1Y"),
    "passport": _number("passport"),
    "licence": _number("licence"),
    "sgk": _number("sgk", "OZLUK", basis="legal_obligation"),
    "mersis": _number("mersis"),
    "uavt": _number("uavt", "ILETISIM"),
    "latitude": Meaning(
        "LOKASYON",
        "legitimate_interest",
        "P1Y",
        "generalise",
        params={"to": "place", "decimals": 3},
        forms=frozenset({"decimal"}),
    ),
    "longitude": Meaning(
        "LOKASYON",
        "legitimate_interest",
        "P1Y",
        "generalise",
        params={"to": "place", "decimals": 3},
        forms=frozenset({"decimal"}),
    ),
    "position": _dropped("LOKASYON", "legitimate_interest", "P1Y"),
    "secret": _dropped("ISLEM_GUV", "legitimate_interest", "P2Y"),
    "media": _dropped("GORSEL", "legitimate_interest", "P1Y"),
    "salary": _dropped("OZLUK", "contract"),
    "score": _dropped("RISK", "legitimate_interest"),
    "health": _special("SAGLIK"),
    "belief": _special("INANC"),
    "ethnicity": _special("IRK"),
    "politics": _special("SIYASI"),
    "membership": _special("UYELIK"),
    "conviction": _special("CEZA"),
    "biometric": _special("BIYOMETRIK"),
    "sexual_life": _special("CINSEL"),
    "special_text": Meaning("SAGLIK", "s_explicit_consent", "P1Y", "drop", review="scan_special_values"),
    "binary": Meaning("DIGER", "legitimate_interest", "P1Y", "drop", review="scan_binary"),
    "free_text": Meaning("MUSTERI", "contract", "P10Y", "scan"),
    "thing_name": Meaning("MUSTERI", "contract", "P10Y", "scan"),
    "amount": Meaning("FINANS", "contract", "P10Y", "keep", forms=frozenset({"int", "decimal"})),
    "date": Meaning("MUSTERI", "contract", "P10Y", "keep", forms=frozenset({"date"})),
    "flag": Meaning("NONE", None, "P10Y", "keep"),
    "code": Meaning("MUSTERI", "contract", "P10Y", "keep"),
    "id": Meaning("MUSTERI", "contract", "P10Y", "keep"),
    "reference": Meaning("MUSTERI", "contract", "P10Y", "pseudonymise", OWN_KIND),
    "unknown_text": Meaning("MUSTERI", "contract", "P10Y", "scan", review="scan_unknown_header"),
    "unknown_date": Meaning(
        "KIMLIK", "contract", "P10Y", "generalise", params={"to": "year"}, review="scan_unknown_header"
    ),
    "unknown_time": Meaning(
        "MUSTERI", "contract", "P10Y", "generalise", params={"to": "time", "unit": "day"}, review="scan_unknown_header"
    ),
    "unknown": Meaning("DIGER", "legitimate_interest", "P1Y", "drop", review="scan_unknown_header"),
}

SPECIAL = frozenset(
    {"health", "belief", "ethnicity", "politics", "membership", "conviction", "biometric", "sexual_life"}
)
UNPROVABLE = frozenset(
    {"postcode", "personal_detail", "secret", "media", "salary", "score", "position", "account", "company", "user"}
)
"""Meanings that a heading alone decides: their values have no form of their own."""

_OF_KIND = {
    **{kind: kind for kind in ("tckn", "vkn", "phone", "email", "plate", "iban", "card", "name", "address")},
    **{kind: kind for kind in ("birth_date", "ip", "device", "vin", "passport", "licence", "sgk", "mersis", "uavt")},
    "geo": "position",
}
"""The detector's kinds as meanings. A card's serial (`id_serial`) is left out: nobody needs it, so it is dropped."""


def meaning_of_label(label: str) -> str:
    """What a column is whose values are of a detector's label. A label of no kind that we know is dropped."""
    known = LABELS.get(label)
    return _OF_KIND.get(known.kind, "personal_detail") if known else "personal_detail"
