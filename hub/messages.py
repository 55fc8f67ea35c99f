"""From codes to words: every `HubError`, provider failure, pause reason and field problem has a text in both languages.

The texts stand in `hub/message_texts/`, a file an area; a test finds every code that is raised and demands its text.
"""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from hub.call_texts import call_text, in_calls
from hub.code_words import in_words
from hub.i18n import N_, _
from hub.message_texts import TEXTS

if TYPE_CHECKING:
    from connectors.failure import ProviderFailure
    from hub.errors import HubError
    from kvkk_policies.problems import Problem as PolicyProblem

_DETAILS = {
    "field": N_("field {value}"),
    "status": N_("HTTP status {value}"),
    "provider_code": N_("code {value}"),
}

_AS_FAILURE = {
    "settings_invalid": "integration_settings_invalid",
    "database_down": "database_away",
    "master_key_missing": "master_key_away",
    "master_key_readable_by_others": "master_key_unfit",
    "master_key_length": "master_key_unfit",
}
"""Codes that say more, or another thing, where they are raised than where a status keeps the code alone."""


def text_of(code: str, **params: object) -> str:
    """The text of a code in the language in use; a code without one is shown as it is."""
    named = call_text(code)
    text = named or TEXTS.get(code)
    if text is None:
        shown = " ".join(f"{name}={value}" for name, value in params.items())
        return _("Code {code}").format(code=f"{code} {shown}".strip())
    return _filled(_(text) if named else in_calls(_(text)), params)


def failure_text(
    code: str, *, status: int | None = None, provider_code: str | None = None, field: str | None = None
) -> str:
    """Why a sync failed: the code's text, with what identifies the cause in brackets."""
    known = {"field": field, "status": status, "provider_code": provider_code}
    details = ", ".join(_(_DETAILS[name]).format(value=value) for name, value in known.items() if value is not None)
    text = text_of(_AS_FAILURE.get(code, code))
    return f"{text} ({details})" if details else text


def explain(error: HubError | ProviderFailure) -> str:
    """What a person reads when a command fails: what is wrong, where, and what to do."""
    from connectors.failure import ProviderFailure
    from hub.validation import InvalidInput
    from kvkk_policies.problems import PolicyError

    if isinstance(error, ProviderFailure):
        return failure_text(error.code, status=error.status, provider_code=error.provider_code, field=error.field)
    if isinstance(error, InvalidInput):
        lines = [f"  {problem.field}: {text_of(problem.code, **problem.params)}" for problem in error.problems]
        return "\n".join([text_of(error.code), *lines])
    if isinstance(error, PolicyError):
        return "\n".join([text_of("policies_invalid"), *(_policy_line(problem) for problem in error.problems)])
    return text_of(error.code, **error.params)


def _policy_line(problem: PolicyProblem) -> str:
    place = f"{problem.where}: " if problem.where else ""
    return f"  {problem.file}:{problem.line}: {place}{text_of(problem.code, found=problem.found)}"


def _filled(text: str, params: dict[str, object]) -> str:
    """Fill what is known: a text must never fail because an error carries less than it mentions."""
    names = {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}
    return text.format(**{name: in_words(name, params.get(name, "?")) for name in names})
