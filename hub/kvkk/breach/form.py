"""What the Board's breach form asks for (Board 2019/10), as far as it is known so far: a notice may be made in stages.

Times of the breach stand beside the form in the register (`hub.breaches`), where clocks can see them. Everything here
is sealed under the tenant's key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from hub.i18n import N_
from hub.kvkk.breach.vocabulary import Affected, Counting, Foreigners, Source, Told, ToldHow
from hub.kvkk.inventory.words import GROUP_NAMES
from hub.kvkk.wording import CONTACTS, require_remark
from kvkk_policies.vocabulary import ORDINARY_CATEGORIES, SPECIAL_CATEGORIES

Line = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Count = Annotated[int, Field(ge=0)]


class Form(BaseModel):
    """The form's fields; None or empty is what is not known yet."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    controller_name: Line | None = None
    controller_address: Line | None = None
    contact_name: Line | None = None
    contact_email: Line | None = None
    contact_phone: Line | None = None
    filed_by: Line | None = None
    detected_how: Text | None = None
    sources: tuple[Source, ...] = ()
    source_details: Text | None = None
    affected: tuple[Affected, ...] = ()
    delay_reason: Text | None = None
    categories: tuple[str, ...] = ()
    special_categories: tuple[str, ...] | None = None
    """None: not examined yet; empty: none is affected."""
    persons_count: Count | None = None
    records_count: Count | None = None
    counting: Counting | None = None
    subject_groups: tuple[str, ...] = ()
    consequences: Text | None = None
    technical_measures_before: Text | None = None
    administrative_measures_before: Text | None = None
    technical_measures_after: Text | None = None
    administrative_measures_after: Text | None = None
    staff_training: Text | None = None
    persons_told: Told | None = None
    persons_told_at: AwareDatetime | None = None
    persons_told_how: ToldHow | None = None
    persons_told_text: Text | None = None
    advice_to_persons: Text | None = None
    contact_for_persons: Line | None = None
    authorities_at_home: Text | None = None
    authorities_abroad: Text | None = None
    foreign_persons: Foreigners | None = None
    foreign_persons_details: Text | None = None
    attachments: tuple[Line, ...] = ()

    @field_validator("categories")
    @classmethod
    def _are_ordinary(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _of(value, ORDINARY_CATEGORIES)

    @field_validator("special_categories")
    @classmethod
    def _are_special(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if value is None else _of(value, SPECIAL_CATEGORIES)

    @field_validator("subject_groups")
    @classmethod
    def _are_groups(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _of(value, GROUP_NAMES)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.persons_told == "told" and self.persons_told_at is None:
            raise PydanticCustomError("field_missing", "", {"field": "persons_told_at"})
        return self


LABELS: dict[str, str] = {
    "controller_name": N_("Name of the controller"),
    "controller_address": N_("Address of the controller"),
    "contact_name": N_("Contact person"),
    "contact_email": N_("E-mail of the contact person"),
    "contact_phone": N_("Phone of the contact person"),
    "filed_by": N_("Who files the notice, and in what capacity"),
    "began_at": N_("Begin of the breach"),
    "ended_at": N_("End of the breach"),
    "learned_at": N_("When the controller learned of it"),
    "detected_how": N_("How it was detected"),
    "sources": N_("Source of the breach"),
    "source_details": N_("How it happened"),
    "affected": N_("What was affected"),
    "delay_reason": N_("Why the Board is told later than 72 hours"),
    "categories": N_("Categories of personal data"),
    "special_categories": N_("Special categories"),
    "persons_count": N_("Number of persons"),
    "records_count": N_("Number of records"),
    "counting": N_("How they were counted"),
    "subject_groups": N_("Groups of persons"),
    "consequences": N_("Likely consequences"),
    "technical_measures_before": N_("Technical measures before the breach"),
    "administrative_measures_before": N_("Administrative measures before the breach"),
    "technical_measures_after": N_("Technical measures after the breach"),
    "administrative_measures_after": N_("Administrative measures after the breach"),
    "staff_training": N_("Training of the staff involved"),
    "persons_told": N_("Whether the persons were told"),
    "persons_told_at": N_("When the persons were told"),
    "persons_told_how": N_("How the persons were told"),
    "persons_told_text": N_("Text of the notice to the persons"),
    "advice_to_persons": N_("What the persons are advised to do"),
    "contact_for_persons": N_("Where the persons may ask"),
    "authorities_at_home": N_("Other authorities in Türkiye that were told"),
    "authorities_abroad": N_("Authorities abroad that were told"),
    "foreign_persons": N_("Effect on foreign persons"),
    "foreign_persons_details": N_("Foreign persons by country"),
    "attachments": N_("Attachments"),
}
"""In the form's order. Every field of `Form` and every time of the register has a place here; a test sees to it."""

_NOT_ASKED_OF_ALL = frozenset(
    {
        "delay_reason",
        "persons_told_at",
        "persons_told_how",
        "persons_told_text",
        "foreign_persons_details",
        "attachments",
    }
)


def missing(form: Form, *, began_at: datetime | None, ended_at: datetime | None, late: bool) -> tuple[str, ...]:
    """What the Board's form still lacks, in its order. What depends on another answer counts once that is given."""
    filled: dict[str, Any] = {name: getattr(form, name) for name in Form.model_fields}
    filled |= {"began_at": began_at, "ended_at": ended_at, "learned_at": True}
    asked = LABELS.keys() - _NOT_ASKED_OF_ALL
    if late:
        asked |= {"delay_reason"}
    if form.persons_told == "told":
        asked |= {"persons_told_at", "persons_told_how", "persons_told_text"}
    if form.foreign_persons == "yes":
        asked |= {"foreign_persons_details"}
    # An empty list of special categories is an answer; so is a zero.
    return tuple(name for name in LABELS if name in asked and (filled[name] is None or _unanswered(name, filled[name])))


_WHOM_TO_ASK = frozenset(
    {"controller_name", "controller_address", "contact_name", "contact_email", "contact_phone", "filed_by"}
    | {"contact_for_persons"}
)
"""The controller's own people and addresses: the Board asks for them. Every other text is a remark."""
_FOR_THE_PUBLIC = frozenset({"persons_told_text", "advice_to_persons"})


def merged(form: Form, changes: Mapping[str, Any]) -> Form:
    """The form with some fields replaced; null takes one back. `InvalidInput` names what is wrong.

    What is new must name nobody: the notice goes to the Board and the public, and no erasure looks into it.
    """
    from hub.validation import checked

    values = form.model_dump(exclude_none=True) | dict(changes)
    done = checked(Form, {name: value for name, value in values.items() if value is not None})
    for name in sorted(changes.keys() - _WHOM_TO_ASK):
        said = done.attachments if name == "attachments" else (getattr(done, name),)
        for text in said:
            if isinstance(text, str):
                require_remark(name, text, but_for=CONTACTS if name in _FOR_THE_PUBLIC else ())
    return done


def _unanswered(name: str, value: Any) -> bool:
    return value == () and name != "special_categories"


def _of(value: tuple[str, ...], known: Any) -> tuple[str, ...]:
    if not set(value) <= set(known):
        raise PydanticCustomError("field_not_in_list", "", {"expected": ", ".join(sorted(known))})
    return tuple(dict.fromkeys(value))
