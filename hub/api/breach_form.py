"""The Board's breach form as a caller sends it: only the fields that are to change; null takes one back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from hub.api.models import Body
from hub.api.moments import Moment
from hub.kvkk.breach.form import Line, Text
from hub.kvkk.breach.vocabulary import Affected, Counting, Foreigners, Source, Told, ToldHow

if TYPE_CHECKING:
    from collections.abc import Mapping

Count = Annotated[int, Field(ge=0, le=10**12)]
Code = Annotated[str, Field(max_length=63)]


class BreachFields(Body):
    """Names and addresses are the controller's own; every other text must name nobody."""

    began_at: Moment | None = None
    ended_at: Moment | None = None
    controller_name: Line | None = None
    controller_address: Line | None = None
    contact_name: Line | None = None
    contact_email: Line | None = None
    contact_phone: Line | None = None
    filed_by: Line | None = None
    detected_how: Text | None = None
    sources: list[Source] | None = Field(default=None, max_length=20, examples=[["theft"]])
    source_details: Text | None = Field(default=None, examples=["Ofisten şifresiz bir dizüstü bilgisayar çalındı."])
    affected: list[Affected] | None = Field(default=None, max_length=10, examples=[["confidentiality"]])
    delay_reason: Text | None = None
    categories: list[Code] | None = Field(default=None, max_length=50, examples=[["ILETISIM"]])
    special_categories: list[Code] | None = Field(default=None, max_length=50)
    persons_count: Count | None = None
    records_count: Count | None = None
    counting: Counting | None = None
    subject_groups: list[Code] | None = Field(default=None, max_length=50)
    consequences: Text | None = None
    technical_measures_before: Text | None = None
    administrative_measures_before: Text | None = None
    technical_measures_after: Text | None = None
    administrative_measures_after: Text | None = None
    staff_training: Text | None = None
    persons_told: Told | None = None
    persons_told_at: Moment | None = None
    persons_told_how: ToldHow | None = None
    persons_told_text: Text | None = None
    advice_to_persons: Text | None = None
    contact_for_persons: Line | None = None
    authorities_at_home: Text | None = None
    authorities_abroad: Text | None = None
    foreign_persons: Foreigners | None = None
    foreign_persons_details: Text | None = None
    attachments: list[Line] | None = Field(default=None, max_length=50)

    @property
    def stated(self) -> Mapping[str, object]:
        """The fields that the call names, those it takes back as None."""
        return {name: getattr(self, name) for name in self.model_fields_set if name in BreachFields.model_fields}
