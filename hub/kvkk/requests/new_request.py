"""The fields of an application as the desk enters them, and what makes each of them right."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from hub.kvkk.requests.vocabulary import Channel, RequestType
from kvkk_policies.canonical import canonical

Line = Annotated[str, Field(min_length=1, max_length=300)]


def _is_a_phone(value: str) -> str:
    if canonical("phone", value) is None:
        raise PydanticCustomError("field_not_a_phone", "")
    return value


Phone = Annotated[Line, AfterValidator(_is_a_phone)]
Paragraphs = Annotated[str, Field(min_length=1, max_length=20_000)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


class Contact(_Model):
    """Where the answer goes: the applicant's name and at least one way (Communiqué on applications, art. 5/2, 6)."""

    name: Line
    email: Line | None = None
    address: Line | None = None
    phone: Phone | None = None

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and (canonical("email", value) is None or not value.isascii()):
            raise PydanticCustomError("field_not_an_email", "")
        return value

    @model_validator(mode="after")
    def _has_a_way(self) -> Contact:
        if not (self.email or self.address or self.phone):
            raise PydanticCustomError("field_contact_without_way", "", {"field": "contact"})
        return self


class Correction(_Model):
    """One value that the applicant says is wrong (KVKK art. 11/1-d): where it stands, and what it should be."""

    source: Line
    """A provider (`bulutfon`) or the tenant's own system; the hub corrects no provider's records."""
    field: Line
    value: Line


class NewRequest(_Model):
    """An application. Identifiers are handled apart, so that this model never holds one."""

    type: RequestType
    channel: Channel
    language: Literal["tr", "en"] = "tr"
    received_at: AwareDatetime | None = None
    """None means now."""
    contact: Contact
    text: Paragraphs | None = None
    corrections: tuple[Correction, ...] = ()

    @model_validator(mode="after")
    def _says_what_to_correct(self) -> NewRequest:
        if (self.type == "rectify") != bool(self.corrections):
            raise PydanticCustomError("field_corrections_wrong", "", {"field": "corrections"})
        return self
