"""The answer letter (Communiqué on applications, art. 6): what a person reads, before it is a page or a PDF.

It names the controller, the applicant, the request and the controller's explanation. The law gives a right to learn and
to be informed (KVKK art. 11/1 a to ç); the files for machines are added as good practice, and the letter says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.istanbul import ISTANBUL
from hub.i18n import N_, _
from hub.kvkk.export.own import KIND_NAMES, Own
from hub.kvkk.export.scope import Scope
from hub.kvkk.export.statements import Dataset
from hub.kvkk.export.words import BASIS_NAMES, CATEGORY_NAMES, TABLE_NAMES, named, period

REQUEST_NAMES = {
    "access": N_("whether personal data is processed, and which (KVKK art. 11/1-a, b)"),
    "info": N_("the purpose of processing and whether data is used for it (KVKK art. 11/1-c)"),
    "third_parties": N_("third parties to whom data was transferred (KVKK art. 11/1-ç)"),
}


@dataclass(frozen=True)
class Controller:
    """The tenant, as the letter names it."""

    name: str
    tax_office: str
    verbis_registration: str | None


@dataclass(frozen=True)
class Table:
    """A table of the letter."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Part:
    """A heading with what stands under it."""

    heading: str
    paragraphs: Sequence[str] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Letter:
    """The letter in the language in which it was made."""

    language: str
    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Facts:
    """What the letter is made from."""

    controller: Controller
    number: str
    type: str
    received_at: datetime | None
    generated_at: datetime
    scope: Scope
    own: Own
    datasets: Sequence[Dataset]
    tables: Mapping[str, int]
    """Rows of the hub's own tables (`legal_bases`, `requests`, …)."""
    consents: Sequence[Mapping[str, Any]]


def letter(facts: Facts, language: str) -> Letter:
    """The letter in the language in use."""
    parts = [_who(facts), _applicant(facts), _explanation(facts), _data(facts), _why(facts)]
    parts += [_recipients(facts), _consents(facts), _automated(facts), _files(), _rights()]
    return Letter(language, _("Answer to your request under the Personal Data Protection Law (KVKK)"), parts)


def identifiers(facts: Facts) -> list[tuple[str, str]]:
    """The person's names and identifiers: what it is called, and the value if one is kept in clear."""
    listed = [(each.kind, each.pseudonym) for each in facts.scope.identifiers if each.kind in KIND_NAMES]
    known = {pseudonym for _kind, pseudonym in listed}
    listed += [
        (pseudonym.rpartition("_")[0], pseudonym) for pseudonym in sorted(facts.own.originals) if pseudonym not in known
    ]
    return [
        (
            _(KIND_NAMES[kind]),
            facts.own.shown(pseudonym) if pseudonym in facts.own.originals else _("not kept in clear"),
        )
        for kind, pseudonym in sorted(listed)
        if kind in KIND_NAMES
    ]


def _who(facts: Facts) -> Part:
    lines = [facts.controller.name, _("Tax office: {office}").format(office=facts.controller.tax_office)]
    if facts.controller.verbis_registration:
        lines.append(_("VERBİS registration: {number}").format(number=facts.controller.verbis_registration))
    return Part(_("Data controller"), lines)


def _applicant(facts: Facts) -> Part:
    rows = identifiers(facts)
    table = Table([_("Identifier"), _("Value")], rows) if rows else None
    return Part(_("Applicant"), [] if rows else [_("No identifier of yours is kept.")], table)


def _explanation(facts: Facts) -> Part:
    asked = REQUEST_NAMES.get(facts.type)
    lines = [_("Number: {number}").format(number=facts.number)]
    if asked:
        lines.append(_("You asked about: {subject}.").format(subject=_(asked)))
    if facts.received_at is not None:
        lines.append(_("Received: {day}").format(day=_day(facts.received_at)))
    lines.append(_("Answered: {day}").format(day=_day(facts.generated_at)))
    if facts.datasets or facts.tables or facts.consents:
        lines.append(
            _("Personal data about you is processed. This letter says which, why, how long and who receives it.")
        )
    else:
        lines.append(_("No personal data about you was found under the identifiers that you named."))
    if facts.scope.waiting:
        lines.append(
            _(
                "Some records can be reached only through an identifier that several people share. They are not part of"
                " this answer until somebody has checked that they are yours. Groups of records: {count}"
            ).format(count=len(facts.scope.waiting))
        )
    return Part(_("Request and answer"), lines)


def _data(facts: Facts) -> Part:
    rows = [
        [each.landed.provider.title, each.landed.policy.purpose, ", ".join(_categories(each)), str(each.rows)]
        for each in facts.datasets
    ]
    rows += [["Köprü", named(TABLE_NAMES, name), "", str(count)] for name, count in facts.tables.items()]
    if not rows:
        return Part(_("Data held about you"), [_("None.")])
    if facts.type in ("info", "third_parties"):
        lines = [
            _(
                "You asked for information, so the records themselves are not part of this package;"
                " you may ask for them too."
            )
        ]
        return Part(_("Data held about you"), lines, _table_of(rows))
    lines = [
        _(
            "Each table stands in the folder data of this package. The column found_by says why a row is in it:"
            " identifier (you are named in it), text (a free text in it names you), text_alone (it is about somebody"
            " else, and only the text that names you is given), related (it is part of a record of yours)."
        ),
        _("Values that identify other people were taken out and are marked as hidden."),
    ]
    return Part(_("Data held about you"), lines, _table_of(rows))


def _table_of(rows: Sequence[Sequence[str]]) -> Table:
    return Table([_("Source"), _("Purpose"), _("Data categories"), _("Records")], rows)


def _why(facts: Facts) -> Part:
    rows: list[list[str]] = []
    for each in facts.datasets:
        kept = sorted({(column.category, column.legal_basis or "", column.retention) for column in each.personal})
        rows += [
            [each.landed.policy.purpose, named(CATEGORY_NAMES, category), named(BASIS_NAMES, basis), period(time)]
            for category, basis, time in kept
        ]
    if not rows:
        return Part(_("Purposes, legal bases and retention"), [_("None.")])
    return Part(
        _("Purposes, legal bases and retention"),
        [
            _(
                "Every single column stands in processing.json."
                " Where a law asks for a longer time, the longer time holds."
            )
        ],
        Table([_("Purpose"), _("Data category"), _("Legal basis"), _("Kept for")], rows),
    )


def _recipients(facts: Facts) -> Part:
    found: dict[str, list[str]] = {}
    for each in facts.datasets:
        for recipient in each.landed.policy.recipients:
            found.setdefault(recipient, []).append(each.landed.policy.purpose)
    for consent in facts.consents:
        for recipient in consent["recipients"]:
            found.setdefault(recipient, []).append(str(consent["purpose"]))
    if not found:
        return Part(_("Recipients"), [_("None.")])
    rows = [[recipient, "; ".join(dict.fromkeys(purposes))] for recipient, purposes in found.items()]
    return Part(_("Recipients"), [], Table([_("Recipient"), _("Purpose")], rows))


def _consents(facts: Facts) -> Part:
    if not facts.consents:
        return Part(_("Consents"), [_("None.")])
    rows = [
        [str(each["purpose"]), _day(each["given_at"]), _day(each["expires_at"]), _day(each["withdrawn_at"])]
        for each in facts.consents
    ]
    return Part(_("Consents"), [], Table([_("Purpose"), _("Given"), _("Expires"), _("Withdrawn")], rows))


def _automated(facts: Facts) -> Part:
    banded = any(
        column.action == "generalise" and column.params.get("to") == "band"
        for each in facts.datasets
        for column in each.personal
    )
    lines = [_("Nothing is decided about you by automated analysis alone in this system.")]
    if banded:
        lines.append(_("Scores are kept as bands and not as numbers; the bands stand in automated_decisions.json."))
    return Part(_("Automated decisions"), lines)


def _files() -> Part:
    return Part(
        _("The files of this package"),
        [
            _(
                "The CSV files open in a spreadsheet (UTF-8, semicolons, decimal commas, times of Turkey); a cell that"
                " would be taken for a formula begins with an apostrophe. The JSON files hold the exact values for"
                " other programs. They are added as good practice; this answer rests on KVKK art. 11/1 a to ç."
            ),
            _("manifest.json lists every file with its SHA-256, so that you can tell whether one was changed."),
        ],
    )


def _rights() -> Part:
    return Part(
        _("Your rights"),
        [
            _(
                "You may ask to learn whether your data is processed and to be informed about it, its purpose and its"
                " recipients, to have it corrected, erased or destroyed and to have recipients told, to object to a"
                " result against you that came from automated analysis alone, and to have damage made good"
                " (KVKK art. 11)."
            ),
            _(
                "If you are not content with this answer you may complain to the Board within 30 days of learning it,"
                " and in any case within 60 days of your application (KVKK art. 14)."
            ),
        ],
    )


def _categories(dataset: Dataset) -> list[str]:
    return [named(CATEGORY_NAMES, each) for each in sorted({column.category for column in dataset.personal})]


def _day(moment: datetime | None) -> str:
    return moment.astimezone(ISTANBUL).strftime("%d.%m.%Y") if moment else "–"
