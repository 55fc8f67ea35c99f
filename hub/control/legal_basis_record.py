"""The fields of a legal basis other than consent (KVKK art. 5/2), and what makes each of them right.

A basis is recorded for one person and one purpose. A blanket one would load the report of everybody, also of those who
refused: whether a query is proportionate is judged case by case, and the note says how it was.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from hub.control.consent_record import is_a_purpose_code
from hub.kvkk.wording import Reference, Remark
from kvkk_policies.vocabulary import ORDINARY_CATEGORIES

OtherBasis = Literal[
    "law", "vital_interest", "contract", "legal_obligation", "made_public", "legal_claim", "legitimate_interest"
]

Short = Annotated[str, Field(min_length=1, max_length=200)]


class NewLegalBasis(BaseModel):
    """A basis as somebody decided it. The person is not part of it: the pseudonym goes in beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    purpose: str
    legal_basis: OtherBasis
    data_categories: tuple[str, ...] = Field(min_length=1)
    proportionality_note: Remark
    """Why this query is needed and no milder means serves; for legitimate interest, the balancing test's reference."""
    notice_id: Reference
    """The information notice (aydınlatma metni) that the person was given."""
    evidence_ref: Reference | None = None
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None = None
    recorded_by: Short

    @field_validator("purpose")
    @classmethod
    def _is_a_code(cls, value: str) -> str:
        return is_a_purpose_code(value)

    @field_validator("data_categories")
    @classmethod
    def _are_categories(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        # Special categories have bases of their own (art. 6/3), and none of them is recorded here.
        if not set(value) <= ORDINARY_CATEGORIES:
            raise PydanticCustomError("field_not_a_category", "", {"known": ", ".join(sorted(ORDINARY_CATEGORIES))})
        return tuple(dict.fromkeys(value))

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise PydanticCustomError("field_ends_before_start", "", {"field": "valid_until"})
        return self
