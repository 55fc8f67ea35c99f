"""The fields of a consent that make it provable, and what makes each of them right (KVKK art. 3/1-a, 5/1, 6/3)."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, IPvAnyAddress, field_validator, model_validator
from pydantic_core import PydanticCustomError

from hub.kvkk.wording import Reference, ShortRemark
from kvkk_policies.vocabulary import ORDINARY_CATEGORIES, SPECIAL_CATEGORIES

SubjectKind = Literal["tckn", "vkn", "phone", "email"]
Channel = Literal["web", "mobile", "wet_signature", "call_centre", "sms", "email", "event", "other"]

CLOCK_SKEW = timedelta(minutes=5)
"""A form server's clock may run ahead of ours by this much."""

PURPOSE_CODE = re.compile(r"[a-z][a-z0-9_]{1,62}")
_DURATION = re.compile(r"P(?=\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?")

Short = Annotated[str, Field(min_length=1, max_length=200)]


def is_a_purpose_code(value: str) -> str:
    """The value, if it is a purpose's code; what pydantic reports as `field_not_a_purpose` if it is not."""
    if not PURPOSE_CODE.fullmatch(value):
        raise PydanticCustomError("field_not_a_purpose", "")
    return value


def text_sha256(text: str) -> str:
    """The hash by which a text that was shown is proved: 64 hex digits over its UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


class NewConsent(BaseModel):
    """A consent as it was given. The subject is not part of it: it goes in beside it and stays only as a pseudonym."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=False)

    purpose: str
    legal_basis: Literal["explicit_consent", "s_explicit_consent"] = "explicit_consent"
    data_categories: tuple[str, ...] = Field(min_length=1)
    retention_period: str
    consent_text: Annotated[str, Field(min_length=1, max_length=20_000)]
    text_version: Reference
    language: Literal["tr", "en"] = "tr"
    notice_id: Reference
    given_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    channel: Channel
    source: ShortRemark | None = None
    evidence_ref: Reference
    ip_address: IPvAnyAddress | None = None
    user_agent: Annotated[str, Field(max_length=500)] | None = None
    collected_by: Short | None = None
    transfer_abroad: bool = False
    recipients: tuple[Short, ...] = ()
    supersedes_id: UUID | None = None

    @property
    def consent_text_sha256(self) -> str:
        """Names the exact text that was shown: 64 hex digits over its UTF-8 bytes."""
        return text_sha256(self.consent_text)

    @field_validator("purpose")
    @classmethod
    def _is_a_code(cls, value: str) -> str:
        return is_a_purpose_code(value)

    @field_validator("data_categories")
    @classmethod
    def _are_categories(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = ORDINARY_CATEGORIES | SPECIAL_CATEGORIES
        if not set(value) <= known:
            raise PydanticCustomError("field_not_a_category", "", {"known": ", ".join(sorted(known))})
        return tuple(dict.fromkeys(value))

    @field_validator("retention_period", mode="before")
    @classmethod
    def _is_a_duration(cls, value: object) -> object:
        text = f"P{value}D" if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else value
        if not isinstance(text, str) or not _DURATION.fullmatch(text) or not re.search("[1-9]", text):
            raise PydanticCustomError("field_not_a_duration", "")
        return text

    @field_validator("given_at")
    @classmethod
    def _is_past(cls, value: datetime) -> datetime:
        if value > datetime.now(UTC) + CLOCK_SKEW:
            raise PydanticCustomError("field_in_the_future", "")
        return value

    @field_validator("expires_at")
    @classmethod
    def _keep_utc(cls, value: datetime | None) -> datetime | None:
        return value.astimezone(UTC) if value else None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.expires_at is not None and self.expires_at <= self.given_at:
            raise PydanticCustomError("field_expires_before_given", "", {"field": "expires_at"})
        if self.legal_basis == "explicit_consent" and set(self.data_categories) & SPECIAL_CATEGORIES:
            raise PydanticCustomError("field_basis_not_special", "", {"field": "legal_basis"})
        return self
