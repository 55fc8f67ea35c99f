"""The fields a template is made of, and what makes each of them right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from hub.control.consent_record import PURPOSE_CODE
from hub.control.messaging import CHANNELS
from hub.templates.sandbox import problems_of
from hub.templates.variables import declaration_problems
from hub.validation import InvalidInput, Problem

Kind = Literal["transactional", "commercial"]
Language = Literal["tr", "en"]
KINDS = ("transactional", "commercial", "mixed")
LANGUAGES: tuple[str, ...] = get_args(Language)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class NewTemplate:
    """A template as it is entered, checked. What promotes anything besides serving is commercial (law 6563).

    `purpose` is the code that KVKK consents are looked up by; a commercial template has one.
    """

    name: str
    channel: str
    kind: Kind
    text: str
    language: Language = "tr"
    purpose: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


def checked_template(given: Mapping[str, Any]) -> NewTemplate:
    """The template that these fields are; `InvalidInput` names everything that is wrong with it."""
    known = tuple(NewTemplate.__dataclass_fields__)
    problems = [Problem(name, "field_unknown", {"known": ", ".join(known)}) for name in sorted(given.keys() - {*known})]
    problems += [Problem(name, "field_missing") for name in ("name", "channel", "kind", "text") if not given.get(name)]
    name, text, purpose = given.get("name"), given.get("text"), given.get("purpose")
    if name and not (isinstance(name, str) and _NAME.fullmatch(name)):
        problems.append(Problem("name", "field_not_a_code"))
    language = given.get("language") or "tr"
    for each, value, allowed in (
        ("channel", given.get("channel"), CHANNELS),
        ("kind", given.get("kind"), KINDS),
        ("language", language, LANGUAGES),
    ):
        if value and value not in allowed:
            problems.append(Problem(each, "field_not_in_list", {"expected": ", ".join(allowed)}))
    commercial = given.get("kind") in ("commercial", "mixed")
    if commercial and not purpose:
        problems.append(Problem("purpose", "template_purpose_missing"))
    if purpose and not (isinstance(purpose, str) and PURPOSE_CODE.fullmatch(purpose)):
        problems.append(Problem("purpose", "field_not_a_purpose"))
    declared: object = given.get("variables") or {}
    variables = cast("Mapping[str, str]", declared) if isinstance(declared, Mapping) else None
    if variables is None:
        problems.append(Problem("variables", "field_wrong"))
    elif wrong := declaration_problems(variables):
        problems += wrong
    elif not isinstance(text, str):
        problems += [Problem("text", "field_wrong")] if text else []
    elif language in LANGUAGES:
        problems += problems_of(text, variables, "en" if language == "en" else "tr")
    if problems:
        raise InvalidInput(problems)
    return NewTemplate(
        name=str(name),
        channel=str(given["channel"]),
        kind="commercial" if commercial else "transactional",
        text=str(text),
        language="en" if language == "en" else "tr",
        purpose=purpose,
        variables=dict(variables or {}),
    )
