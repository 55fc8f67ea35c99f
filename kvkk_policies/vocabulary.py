"""The closed word lists of a policy file: what a category, a legal basis, an action and an identifier kind may be.

They live in one place because three readers must agree: the JSON schema (`schema.json` repeats the lists, and a test
compares them), the semantic checks, and the inventory that is generated from the policies.
"""

from __future__ import annotations

from typing import Literal, get_args

ORDINARY_CATEGORIES = frozenset(
    {
        "KIMLIK",
        "ILETISIM",
        "LOKASYON",
        "OZLUK",
        "HUKUKI",
        "MUSTERI",
        "FIZIKSEL",
        "ISLEM_GUV",
        "RISK",
        "FINANS",
        "MESLEKI",
        "PAZARLAMA",
        "GORSEL",
        "DIGER",
    }
)
SPECIAL_CATEGORIES = frozenset(
    {"IRK", "SIYASI", "INANC", "KIYAFET", "UYELIK", "SAGLIK", "CINSEL", "CEZA", "BIYOMETRIK", "GENETIK"}
)
NO_PERSONAL_DATA = "NONE"
"""A technical fact about no one: a currency, a page counter."""
CATEGORIES = ORDINARY_CATEGORIES | SPECIAL_CATEGORIES | {NO_PERSONAL_DATA}

ORDINARY_BASES = frozenset(
    {
        "explicit_consent",
        "law",
        "vital_interest",
        "contract",
        "legal_obligation",
        "made_public",
        "legal_claim",
        "legitimate_interest",
    }
)
SPECIAL_BASES = frozenset(
    {
        "s_explicit_consent",
        "s_law",
        "s_vital",
        "s_made_public",
        "s_legal_claim",
        "s_health_service",
        "s_employment_social",
        "s_nonprofit_members",
    }
)

RETENTION = r"^P(?=[0-9])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?$"
"""An ISO 8601 duration of whole years, months, weeks and days."""

ActionName = Literal["keep", "drop", "pseudonymise", "vault", "partial", "generalise", "scan"]
ACTIONS: tuple[ActionName, ...] = get_args(ActionName)

Strength = Literal["strong", "weak"]

IDENTIFIER_KINDS = ("tckn", "vkn", "phone", "email", "plate")
"""Kinds that find a person in the subject index, strongest first."""
OTHER_KINDS = (
    *("iban", "card", "name", "address", "birth_date", "ip", "device", "text"),
    *("vin", "passport", "licence", "id_serial", "mersis", "sgk", "uavt", "geo"),
)
"""Kinds that have a pseudonym of their own but do not find a person by themselves."""
KINDS = IDENTIFIER_KINDS + OTHER_KINDS
