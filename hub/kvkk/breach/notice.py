"""What the persons concerned are told: at least what Board decision 2019/271 (18.09.2019) asks for, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hub.errors import HubError
from hub.i18n import _, speaking
from hub.kvkk.breach.form import LABELS
from hub.kvkk.export.words import CATEGORY_NAMES, named

if TYPE_CHECKING:
    from hub.i18n import Language
    from hub.kvkk.breach.form import Form
    from hub.kvkk.breach.record import Breach

_ISTANBUL = ZoneInfo("Europe/Istanbul")

NEEDED = (
    "controller_name",
    "began_at",
    "categories",
    "special_categories",
    "consequences",
    "advice_to_persons",
    "contact_for_persons",
)
"""Fields without which the notice says less than the decision asks for."""


@dataclass(frozen=True)
class Notice:
    """A title and sections of heading and text, in one language."""

    language: Language
    title: str
    sections: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """The notice as plain text."""
        parts = [self.title, *(f"{heading}\n{text}" for heading, text in self.sections)]
        return "\n\n".join(parts) + "\n"


def lacking(breach: Breach, form: Form) -> tuple[str, ...]:
    """Names of fields that the notice needs and that are not known."""
    values = form.model_dump() | {"began_at": breach.began_at}
    unknown = tuple(name for name in NEEDED if values[name] is None or values[name] == ())
    # Special categories may be none; ordinary ones may be none where special ones are.
    spared = {"special_categories"} if form.special_categories is not None else set[str]()
    spared |= {"categories"} if form.special_categories else set()
    return tuple(name for name in unknown if name not in spared)


def notice(breach: Breach, form: Form, language: Language) -> Notice:
    """The notice to a person. HubError `breach_notice_incomplete` naming what is missing.

    What is told of people's own words (consequences, measures, advice) is in the language in which it was written.
    """
    with speaking(language):
        wanting = lacking(breach, form)
        if wanting:
            raise HubError("breach_notice_incomplete", fields=", ".join(_(LABELS[name]) for name in wanting))
        ordinary = ", ".join(named(CATEGORY_NAMES, code) for code in form.categories)
        special = ", ".join(named(CATEGORY_NAMES, code) for code in form.special_categories or ())
        measures = [text for text in (form.technical_measures_after, form.administrative_measures_after) if text]
        sections = (
            (_("When it happened"), _when(breach)),
            (_("Which of your data is concerned"), ordinary or _("none")),
            (_("Which of your special data is concerned"), special or _("none")),
            (_("What may follow from it"), form.consequences or ""),
            *(((_("What we have done"), "\n".join(measures)),) if measures else ()),
            (_("What you can do"), form.advice_to_persons or ""),
            (_("Where you can ask"), form.contact_for_persons or ""),
        )
        title = _("{controller}: a breach of your personal data").format(controller=form.controller_name)
    return Notice(language, title, sections)


def _when(breach: Breach) -> str:
    begin = _time(breach.began_at)
    learned = _("We learned of it on {time}.").format(time=_time(breach.learned_at))
    if breach.ended_at is None:
        return _("It began on {begin}.").format(begin=begin) + " " + learned
    return _("It lasted from {begin} to {end}.").format(begin=begin, end=_time(breach.ended_at)) + " " + learned


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(_ISTANBUL):%d.%m.%Y %H:%M}" if moment else "–"
