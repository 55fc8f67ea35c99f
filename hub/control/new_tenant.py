"""The fields a tenant is made of, and what makes each of them right."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from connectors.secret import Secret
from hub.control.plans import LIMIT_NAMES, Plan

ISTANBUL = ZoneInfo("Europe/Istanbul")
KVKK_PUBLISHED = date(2016, 4, 7)
"""Official Gazette 29677: no consent under the law can be older."""

# RFC 1123 label; a doubled hyphen in third place is reserved for encoded names (xn--).
_DNS_LABEL = re.compile(r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_FEATURE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SEPARATORS = re.compile(r"[\s.\-/]")

TaxNumberKind = Literal["vkn", "tckn"]


def tax_number_kind(number: str) -> TaxNumberKind | None:
    """`vkn` or `tckn` when length and checksum fit, else None. Expects digits only."""
    from stdnum.tr import tckimlik, vkn

    if len(number) == 10 and vkn.is_valid(number):
        return "vkn"
    if len(number) == 11 and tckimlik.is_valid(number):
        return "tckn"
    return None


def _hidden_tax_number(value: object) -> Secret:
    text = value.reveal() if isinstance(value, Secret) else value
    if not isinstance(text, str):
        raise PydanticCustomError("field_tax_number_text", "")
    digits = _SEPARATORS.sub("", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) in {10, 11}):
        raise PydanticCustomError("field_tax_number_length", "")
    if tax_number_kind(digits) is None:
        raise PydanticCustomError("field_tax_number_checksum", "")
    return Secret(digits)


Text = Annotated[str, Field(min_length=1, max_length=200)]


class TenantProfile(BaseModel):
    """What of a tenant may change later (hub/control/tenants.py, `change`)."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True, arbitrary_types_allowed=True
    )

    name: Text
    tax_office: Text
    verbis_registration: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    plan: Plan = "trial"
    limits: dict[str, int] = Field(default_factory=dict)
    language: str = "tr-TR"
    time_zone: str = "Europe/Istanbul"
    currency: str = "TRY"

    @field_validator("limits")
    @classmethod
    def _are_known_limits(cls, value: dict[str, int]) -> dict[str, int]:
        if not set(value) <= set(LIMIT_NAMES):
            raise PydanticCustomError("field_unknown_limit", "", {"known": ", ".join(LIMIT_NAMES)})
        if any(number < 1 for number in value.values()):
            raise PydanticCustomError("field_not_positive", "")
        return value

    @field_validator("language")
    @classmethod
    def _is_a_language(cls, value: str) -> str:
        from babel import Locale, UnknownLocaleError

        try:
            locale = Locale.parse(value, sep="-")
        except (UnknownLocaleError, ValueError):
            raise PydanticCustomError("field_not_a_language", "") from None
        return "-".join(part for part in (locale.language, locale.territory) if part)

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise PydanticCustomError("field_not_a_time_zone", "")
        return value

    @field_validator("currency")
    @classmethod
    def _is_a_currency(cls, value: str) -> str:
        from babel.numbers import is_currency

        if not is_currency(value, "en"):
            raise PydanticCustomError("field_not_a_currency", "")
        return value


class NewTenant(TenantProfile):
    """A tenant as it is entered. The tax number (VKN, or TCKN of a sole trader) is personal data and hides itself."""

    subdomain: str
    tax_number: Annotated[Secret, BeforeValidator(_hidden_tax_number)]
    kvkk_consent_date: date
    settings: dict[str, Any] = Field(default_factory=dict)
    features: tuple[str, ...] = ()

    @field_validator("subdomain")
    @classmethod
    def _is_a_dns_label(cls, value: str) -> str:
        if not _DNS_LABEL.fullmatch(value):
            raise PydanticCustomError("field_not_a_dns_label", "")
        return value

    @field_validator("kvkk_consent_date")
    @classmethod
    def _is_possible(cls, value: date) -> date:
        if value > datetime.now(ISTANBUL).date():
            raise PydanticCustomError("field_in_the_future", "")
        if value < KVKK_PUBLISHED:
            raise PydanticCustomError("field_before_kvkk", "", {"earliest": KVKK_PUBLISHED.isoformat()})
        return value

    @field_validator("features")
    @classmethod
    def _are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_FEATURE.fullmatch(feature) for feature in value):
            raise PydanticCustomError("field_not_a_feature", "")
        return tuple(dict.fromkeys(value))
