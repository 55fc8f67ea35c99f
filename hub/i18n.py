"""Which language a person reads, and the texts in it. English is the source; Turkish is a gettext catalogue.

`N_` marks a text where it stands, `_` turns it into the reader's language where it is shown. So modules may be imported
before the language is known, and pybabel finds every text.
"""

from __future__ import annotations

import gettext
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["en", "tr"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LOCALE_DIRECTORY = Path(__file__).parent / "locale"
DOMAIN = "hub"

_language: ContextVar[Language] = ContextVar("language", default="en")


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it, which pybabel looks for
    """Mark a text for translation without translating it yet."""
    return text


def _(text: str) -> str:
    """The text in the language in use."""
    return catalogue(_language.get()).gettext(text) if text else ""


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """The texts of one language. English needs none; a missing Turkish catalogue is an error, not silent English."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE_DIRECTORY, languages=[language])


def use(language: Language) -> None:
    """Speak this language from here on."""
    _language.set(language)


def adopt(language: Language, environment: MutableMapping[str, str]) -> None:
    """Speak this language in the whole process, in what libraries say through gettext too (Typer's headings)."""
    use(language)
    environment["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, LOCALE_DIRECTORY)
    gettext.textdomain(DOMAIN)


def language_in_use() -> Language:
    """The language that `_` speaks."""
    return _language.get()


@contextmanager
def speaking(language: Language) -> Generator[None]:
    """Speak this language inside the block (an answer to one person, in a process that serves many)."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def parse_language(text: str) -> Language | None:
    """`tr`, `tr-TR`, `tr_TR.UTF-8` are Turkish; None for a language the hub does not speak."""
    short = text.replace("_", "-").split("-", 1)[0].split(".", 1)[0].lower()
    return next((language for language in LANGUAGES if language == short), None)


def language_of(environment: Mapping[str, str]) -> Language:
    """HUB_LANGUAGE, else the terminal's locale in POSIX order, else English."""
    for name in ("HUB_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value and (language := parse_language(value)) is not None:
            return language
        if value and name != "HUB_LANGUAGE":
            return "en"  # POSIX: the first of them that is set decides, and it asks for a language we do not have
    return "en"
