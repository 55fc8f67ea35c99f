"""From a template and a request's variables to the text that goes out, made when the message is asked for.

What is wrong is found here, so the outbox keeps a finished text and nothing can fail at sending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hub.templates.filters import Unfit
from hub.templates.sandbox import TooLong, filled
from hub.templates.variables import converted
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from hub.control.messaging import MessagingSettings
    from hub.templates.store import Template


@dataclass(frozen=True)
class Rendered:
    """A message ready to be queued. Its `repr` shows nothing of the text."""

    text: str = field(repr=False)
    template: str
    version: int
    language: str
    channel: str
    commercial: bool
    purpose: str | None


def render(template: Template, variables: Mapping[str, Any], settings: MessagingSettings) -> Rendered:
    """The text, a commercial one with the opt-out text and the sender's title behind it.

    `InvalidInput` names every variable that is missing, unknown or of another type, and what the tenant has to set
    before it may send anything commercial.
    """
    values, problems = converted(template.variables, variables)
    commercial = template.kind == "commercial"
    if commercial and settings.closing is None:
        problems.append(Problem("template", "messaging_closing_missing"))
    if problems:
        raise InvalidInput(problems)
    try:
        text = filled(template.text, values, template.language)
        code = None if text else "template_empty"
    except TooLong:
        text, code = "", "template_too_long"
    except Unfit:
        text, code = "", "template_not_fillable"
    if code is not None:
        raise InvalidInput([Problem("variables", code)])
    return Rendered(
        text=f"{text}\n{settings.closing}" if commercial else text,
        template=template.name,
        version=template.version,
        language=template.language,
        channel=template.channel,
        commercial=commercial,
        purpose=template.purpose,
    )
