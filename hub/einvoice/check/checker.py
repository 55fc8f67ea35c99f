"""One question, is this document right, asked of everybody who has rules: XSD, schematron, arithmetic.

`Checker` is what the rest of the hub knows. Behind it stands GİB's rules' adapter, which can be replaced when the
package that carries them is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

from hub.einvoice.arithmetic.check import findings as sums_of
from hub.einvoice.check.drafts import lacks_place, with_place
from hub.einvoice.check.notices import notices
from hub.einvoice.check.schema import schema_of
from hub.einvoice.check.schematron import schematron
from hub.einvoice.finding import Finding
from hub.einvoice.names import ARCHIVE_PROFILE, NAMESPACES, Kind, enclosed, kind_of, path_of
from hub.einvoice.seal.places import is_shell, signatures
from hub.einvoice.xml import Element, parse

_TURKEY = ZoneInfo("Europe/Istanbul")


class Checker(Protocol):
    """Says what is wrong with a document."""

    def check(self, document: bytes, *, kind: Kind | None = None) -> list[Finding]:
        """Findings, none of which holds a value of the document but sums; errors make the tax office refuse it."""
        ...


@dataclass(frozen=True)
class Told:
    """A finding with GİB's own words for it. They may quote names and numbers of the document: show, never store."""

    finding: Finding
    words: str = ""


class RulesChecker:
    """GİB's XSD and schematron, and our arithmetic. `today` is asked for Turkey's date."""

    def __init__(self, *, today: Callable[[], date] = lambda: datetime.now(UTC).astimezone(_TURKEY).date()) -> None:
        self._today = today

    def check(self, document: bytes, *, kind: Kind | None = None) -> list[Finding]:
        """The findings of `tell` alone."""
        return [told.finding for told in self.tell(document, kind=kind)]

    def tell(self, document: bytes, *, kind: Kind | None = None) -> list[Told]:
        """Errors before warnings, in the document's order.

        `kind` says what the document is meant to be; without it, it is what its root and profile say.
        Raises HubError as `parse` and `kind_of` do, and `einvoice_rules_changed`, `einvoice_rules_missing`.
        """
        root = parse(document)
        found = kind_of(root)
        told = [*_other_kind(root, found, kind)]
        applied = kind if kind is not None and {kind, found} == {"invoice", "archive-invoice"} else found
        told += [*_against_schema(root, applied), *self._against_rules(root, document, applied)]
        documents = enclosed(root) if found == "envelope" else [root]
        for each in documents:
            told += [Told(finding) for finding in self._beside(each)]
        return sorted(told, key=lambda each: (each.finding.severity, int(each.finding.params.get("line", "0"))))

    def warm_up(self, *kinds: Kind) -> None:
        """Compile what the kinds need, so that the first document does not wait for it."""
        schematron()
        for kind in kinds:
            schema_of(kind)

    def _against_rules(self, root: Element, document: bytes, kind: Kind) -> Iterator[Told]:
        for failure in schematron().failures(root, document, kind=kind, today=self._today()):
            yield Told(_placed(f"gib:{failure.rule}", failure.element, attribute=failure.attribute), failure.words)

    def _beside(self, root: Element) -> Iterator[Finding]:
        """What no rule of GİB's says: sums, likely mistakes, and that a document without a signature is a draft."""
        kind = kind_of(root)
        if all(is_shell(signature) for signature in signatures(root)):
            yield _placed("einvoice_unsigned", root, severity="warning")
        if kind in {"invoice", "archive-invoice"}:
            yield from (_with_line(root, finding) for finding in sums_of(root))
            yield from notices(root)


@cache
def warm_checker() -> RulesChecker:
    """The checker that this process keeps."""
    return RulesChecker()


def _against_schema(root: Element, kind: Kind) -> Iterator[Told]:
    departures = list(schema_of(kind).departures(root))
    if departures and kind != "envelope" and lacks_place(root):
        departures += schema_of(kind).departures(with_place(root))
    for departure in departures:
        yield Told(_placed(departure.code, departure.element, line=departure.line, **departure.params))


def _with_line(root: Element, finding: Finding) -> Finding:
    found: list[Element] = root.xpath(finding.path, namespaces=NAMESPACES)
    return replace(finding, params={**finding.params, "line": str(found[0].sourceline)}) if found else finding


def _other_kind(root: Element, found: Kind, meant: Kind | None) -> Iterator[Told]:
    if meant is not None and meant != found:
        yield Told(_placed("einvoice_kind_differs", root, found=found, meant=meant, profile=ARCHIVE_PROFILE))


def _placed(
    code: str,
    element: Element | None,
    *,
    attribute: str | None = None,
    severity: str = "error",
    line: int = 0,
    **params: str,
) -> Finding:
    where = path_of(element) if element is not None else "/"
    at = int(element.sourceline or line) if element is not None else line
    shown = {**params, "line": str(at)} if at else params
    path = f"{where}/@{attribute}" if attribute else where
    return Finding(code, path, "warning" if severity == "warning" else "error", shown)
