"""The Board's form as a draft: JSON for machines, and a page to print and to copy from. What is missing is marked."""

from __future__ import annotations

import json
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hub.i18n import N_, _, speaking
from hub.kvkk.breach.form import LABELS
from hub.kvkk.breach.vocabulary import (
    AFFECTED_NAMES,
    COUNTING_NAMES,
    FOREIGNERS_NAMES,
    SOURCE_NAMES,
    STAGE_NAMES,
    TOLD_HOW_NAMES,
    TOLD_NAMES,
)
from hub.kvkk.export.words import CATEGORY_NAMES, named
from hub.kvkk.html_page import page
from hub.kvkk.inventory.words import group_name

if TYPE_CHECKING:
    from hub.i18n import Language
    from hub.kvkk.breach.form import Form
    from hub.kvkk.breach.record import Breach

_ISTANBUL = ZoneInfo("Europe/Istanbul")
_WORDS: dict[str, dict[str, str]] = {
    "sources": SOURCE_NAMES,
    "affected": AFFECTED_NAMES,
    "categories": CATEGORY_NAMES,
    "special_categories": CATEGORY_NAMES,
    "counting": COUNTING_NAMES,
    "persons_told": TOLD_NAMES,
    "persons_told_how": TOLD_HOW_NAMES,
    "foreign_persons": FOREIGNERS_NAMES,
}

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("Controller and contact"),
        (
            "controller_name",
            "controller_address",
            "contact_name",
            "contact_email",
            "contact_phone",
            "filed_by",
        ),
    ),
    (
        N_("The breach"),
        (
            "began_at",
            "ended_at",
            "learned_at",
            "detected_how",
            "sources",
            "source_details",
            "affected",
            "delay_reason",
        ),
    ),
    (
        N_("Data and persons"),
        (
            "categories",
            "special_categories",
            "persons_count",
            "records_count",
            "counting",
            "subject_groups",
            "foreign_persons",
            "foreign_persons_details",
        ),
    ),
    (
        N_("Consequences and measures"),
        (
            "consequences",
            "technical_measures_before",
            "administrative_measures_before",
            "technical_measures_after",
            "administrative_measures_after",
            "staff_training",
        ),
    ),
    (
        N_("Who was told"),
        (
            "persons_told",
            "persons_told_at",
            "persons_told_how",
            "persons_told_text",
            "advice_to_persons",
            "contact_for_persons",
            "authorities_at_home",
            "authorities_abroad",
        ),
    ),
    (N_("Attachments"), ("attachments",)),
)
"""The groups of the Authority's form. The exact options of its online form are not public; a person copies them in."""


def draft_json(breach: Breach, form: Form, now: datetime) -> bytes:
    """Codes and values; `missing` names what the Board will still ask for."""
    content: dict[str, Any] = {
        "breach": str(breach.breach_id),
        "stage": _stage(breach),
        "learned_at": breach.learned_at.isoformat(),
        "board_due_at": breach.board_due_at.isoformat(),
        "late": breach.late(now),
        "began_at": breach.began_at.isoformat() if breach.began_at else None,
        "ended_at": breach.ended_at.isoformat() if breach.ended_at else None,
        "form": form.model_dump(mode="json"),
        "missing": list(breach.missing(form, now)),
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def draft_html(breach: Breach, form: Form, now: datetime, language: Language) -> bytes:
    """A page with the form's groups; a field that is missing says so."""
    wanting = set(breach.missing(form, now))
    values: dict[str, Any] = form.model_dump() | {
        "began_at": breach.began_at,
        "ended_at": breach.ended_at,
        "learned_at": breach.learned_at,
    }
    with speaking(language):
        lead = _("{stage}. To the Board by {due} (Istanbul). Missing fields: {count}.").format(
            stage=_(STAGE_NAMES[_stage(breach)]), due=_time(breach.board_due_at), count=len(wanting)
        )
        body = f"<p><strong>{escape(lead)}</strong></p>" + "".join(
            _section(_(heading), names, values, wanting) for heading, names in SECTIONS
        )
        title = _("Notice of a personal data breach (draft): {breach}").format(breach=breach.breach_id)
        return page(title, body, language=language, made_at=now).encode()


def _stage(breach: Breach) -> str:
    return "initial" if breach.board_notified_at is None else "follow_up"


def _section(heading: str, names: tuple[str, ...], values: dict[str, Any], wanting: set[str]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(_(LABELS[name]))}</th>{_cell(name, values[name], wanting)}</tr>' for name in names
    )
    return f"<section><h2>{escape(heading)}</h2><table><tbody>{rows}</tbody></table></section>"


def _cell(name: str, value: Any, wanting: set[str]) -> str:
    if name in wanting:
        mark = escape(_("MISSING"))
        return f'<td class="missing">{mark}</td>'
    return f"<td>{escape(_shown(name, value))}</td>"


def _shown(name: str, value: Any) -> str:
    if value is None or value == ():
        return _("none") if name == "special_categories" and value == () else "–"
    if isinstance(value, datetime):
        return _time(value)
    words = _WORDS.get(name)
    if isinstance(value, tuple):
        listed = [str(each) for each in value]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if name == "subject_groups":
            return ", ".join(map(group_name, listed))
        return ", ".join(named(words, each) if words else each for each in listed)
    return named(words, str(value)) if words else str(value)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(_ISTANBUL):%d.%m.%Y %H:%M}"
