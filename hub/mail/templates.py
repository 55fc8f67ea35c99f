"""The mails that the hub writes, in both languages, as plain text and HTML.

A template's texts are English here and Turkish in the catalogue. Fields are ids, dates, counts and a link: whoever
reads a mail box that is not theirs learns nothing about the person concerned. The notice of a breach, which the law
wants to be plain, names kinds of data and nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, NamedTuple

from hub.errors import HubError
from hub.i18n import N_, _, speaking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hub.i18n import Language


@dataclass(frozen=True)
class Template:
    """`paragraphs` are filled with fields; a paragraph that is nothing but a field becomes a link in HTML."""

    subject: str
    paragraphs: tuple[str, ...]

    @property
    def fields(self) -> frozenset[str]:
        """Names of everything that must be filled in."""
        return frozenset(name for text in (self.subject, *self.paragraphs) for name in _names(text))


class Rendered(NamedTuple):
    """One mail in one language."""

    subject: str
    text: str
    html: str


_NO_REPLY = N_("This message was written by Köprü. Nobody reads answers to it.")
_NOT_YOU = N_("If it was not you, tell whoever manages the users at {tenant} at once.")

TEMPLATES: dict[str, Template] = {
    "request_warning": Template(
        N_("Application {request}: {days_left} days left to answer"),
        (
            N_(
                "The application {request} ({type}, {article}) must be answered by {due}, Istanbul time: {days_left}"
                " days from now (KVKK art. 13/2)."
            ),
            N_("It is {state}. To see what is missing: hub kvkk requests show {request}"),
            _NO_REPLY,
        ),
    ),
    "request_overdue": Template(
        N_("Application {request} is overdue"),
        (
            N_(
                "The application {request} ({type}, {article}) should have been answered by {due}, Istanbul time"
                " (KVKK art. 13/2). The applicant may complain to the Board (art. 14)."
            ),
            N_("It is {state}. Answer it now: hub kvkk requests show {request}"),
            _NO_REPLY,
        ),
    ),
    "export_link": Template(
        N_("The answer to your application to {tenant}"),
        (
            N_("The answer to your application {request} of {received} to {tenant} is ready."),
            N_("This link opens it once, and no later than {expires}, Istanbul time:"),
            "{link}",
            N_("If the link does not work any more, write to {tenant} and name the application."),
            _NO_REPLY,
        ),
    ),
    "breach_escalation": Template(
        N_("Breach {breach}: {hours_left} hours left to tell the Board"),
        (
            N_(
                "The breach {breach} must be told to the Board by {due}, Istanbul time: {hours_left} hours from now"
                " (KVKK art. 12/5, Board decision 2019/10)."
            ),
            N_("To see what the form still misses: hub kvkk breach show {breach}"),
            _NO_REPLY,
        ),
    ),
    "breach_overdue": Template(
        N_("Breach {breach}: the 72 hours are over"),
        (
            N_(
                "The breach {breach} should have been told to the Board by {due}, Istanbul time. Tell it now, and say"
                " why it is late (KVKK art. 12/5, Board decision 2019/10)."
            ),
            N_("To see what the form still misses: hub kvkk breach show {breach}"),
            _NO_REPLY,
        ),
    ),
    "iys_late": Template(
        N_("Permissions that İYS has not heard of: {count}"),
        (
            N_(
                "Permissions and refusals of commercial messages must be brought to İYS within three business days"
                " (law 6563, By-Law on commercial messages). Of {count} the second day is over; the first one must be"
                " there by {due}, Istanbul time."
            ),
            N_("To see what stands in the way: hub iys status --tenant {tenant}"),
            _NO_REPLY,
        ),
    ),
    "webhook_disabled": Template(
        N_("Köprü sends no more webhooks to {host}"),
        (
            N_(
                "The webhook {webhook} to {host} is disabled: nobody took anything in for five days, or the receiver"
                " answered that it is gone (410). What happens from now on is not sent."
            ),
            N_("When the receiver works again: hub webhooks test, resume and resend, each with {webhook}"),
            _NO_REPLY,
        ),
    ),
    "user_invitation": Template(
        N_("Your account at {tenant} in Köprü"),
        (
            N_("An account has been made for you at {tenant}."),
            N_("This link lets you choose a password, once, and no later than {expires}, Istanbul time:"),
            "{link}",
            N_("If you know nothing of this, you need not do anything."),
            _NO_REPLY,
        ),
    ),
    "user_reset": Template(
        N_("A new password for your account at {tenant}"),
        (
            N_("Somebody, you or who manages the users, asked for a new password for your account at {tenant}."),
            N_("This link lets you choose a password, once, and no later than {expires}, Istanbul time:"),
            "{link}",
            N_("If it was not you, you need not do anything: the password stays as it is."),
            _NO_REPLY,
        ),
    ),
    "user_password_changed": Template(
        N_("The password of your account at {tenant} was changed"),
        (
            N_("The password of your account at {tenant} was changed at {at}, Istanbul time. Other sessions ended."),
            _NOT_YOU,
            _NO_REPLY,
        ),
    ),
    "user_second_factor_changed": Template(
        N_("The second factor of your account at {tenant} was changed"),
        (
            N_("The second factor of your account at {tenant} was set up or removed at {at}, Istanbul time."),
            _NOT_YOU,
            _NO_REPLY,
        ),
    ),
    "user_recovery_code_used": Template(
        N_("A recovery code of your account at {tenant} was used"),
        (
            N_("Somebody signed in to your account at {tenant} with a recovery code at {at}, Istanbul time."),
            _NOT_YOU,
            _NO_REPLY,
        ),
    ),
    "breach_notice": Template(
        N_("{controller}: a breach of your personal data"),
        (
            "{notice}",
            N_("{controller} tells you this because the law asks for it (KVKK art. 12/5). You need not answer."),
            _NO_REPLY,
        ),
    ),
}
"""By name. A new one needs its entry here and its Turkish texts; tests hold both to the same fields."""


def template(name: str, fields: Mapping[str, str]) -> Template:
    """A template whose fields these are. HubError `mail_template_unknown`, `mail_fields_wrong`."""
    found = TEMPLATES.get(name)
    if found is None:
        raise HubError("mail_template_unknown", template=name)
    differing = sorted(found.fields ^ fields.keys())
    if differing:
        raise HubError("mail_fields_wrong", template=name, fields=", ".join(differing))
    return found


def render(name: str, language: Language, fields: Mapping[str, str]) -> Rendered:
    """The mail in its reader's language. HubError as `template`."""
    found = template(name, fields)
    with speaking(language):
        subject = " ".join(_(found.subject).format_map(fields).split())
        paragraphs = [(text, _(text).format_map(fields)) for text in found.paragraphs]
    return Rendered(subject, "\n\n".join(shown for _text, shown in paragraphs) + "\n", _html(language, paragraphs))


def _html(language: Language, paragraphs: list[tuple[str, str]]) -> str:
    from html import escape

    def element(text: str, shown: str) -> str:
        safe = escape(shown)
        lines = safe.replace("\n", "<br>\n")
        return f'<p><a href="{safe}">{safe}</a></p>' if text == "{link}" else f"<p>{lines}</p>"

    body = "\n".join(element(text, shown) for text, shown in paragraphs)
    return f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<body>\n{body}\n</body>\n</html>\n'


def _names(text: str) -> Iterator[str]:
    return (name for _literal, name, _spec, _conversion in Formatter().parse(text) if name)
