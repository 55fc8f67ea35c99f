"""Exemptions, special bases and withheld VAT: which code may stand on which invoice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hub.einvoice.codes import exemptions, withholding
from hub.einvoice.invoice.pairs import (
    NET_OF_WITHHOLDING,
    WITH_WITHHOLDING,
    is_incentive,
    is_incentive_exemption,
)
from hub.validation import Problem

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice
    from hub.einvoice.invoice.line import Line

_WITH_FIXTURES = frozenset({"TEMELFATURA", "TICARIFATURA", "EARSIVFATURA"})
_BY_SPENDING = {"01": "308", "02": "339"}


def problems(invoice: Invoice) -> Iterator[Problem]:
    """What is wrong with the tax codes of the lines, and which code an invoice of this type lacks."""
    for index, line in enumerate(invoice.lines):
        field = f"lines[{index}]"
        yield from _exemption(invoice, line, field)
        yield from _special_base(line, field)
        yield from _withholding(invoice, line, field)
        yield from _incentive(invoice, line, field)
    yield from _missing(invoice)


def _exemption(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    code = line.exemption
    if code is None:
        if line.exemption_reason is not None:
            yield Problem(f"{field}.exemption", "einvoice_reason_without_code")
        return
    types = exemptions.types_of(code)
    if types is not None and invoice.type not in types:
        yield Problem(
            f"{field}.exemption", "einvoice_exemption_type", {"exemption": code, "types": ", ".join(sorted(types))}
        )
    if exemptions.is_incentive(code) and not is_incentive(invoice.profile, invoice.type):
        yield Problem(f"{field}.exemption", "einvoice_exemption_incentive", {"exemption": code})
    if line.exemption_reason is None and code not in exemptions.REASONS:
        yield Problem(f"{field}.exemption_reason", "einvoice_reason_missing", {"exemption": code})
    if code == exemptions.FIXTURES:
        yield from _fixtures(invoice, field)
    elif line.vat_rate and not _with_vat(invoice, line):
        yield Problem(f"{field}.vat_rate", "einvoice_exempt_but_taxed", {"exemption": code})


def _with_vat(invoice: Invoice, line: Line) -> bool:
    """Whether VAT is written beside the code: passengers, special bases, and incentives, where it is not charged."""
    code = line.exemption or ""
    return (
        code == exemptions.PASSENGER
        or line.special_base is not None
        or (exemptions.is_incentive(code) and is_incentive_exemption(invoice.profile, invoice.type))
    )


def _fixtures(invoice: Invoice, field: str) -> Iterator[Problem]:
    if invoice.profile not in _WITH_FIXTURES or invoice.type.startswith(("ISTISNA", "IHRACKAYITLI", "YTB")):
        yield Problem(f"{field}.exemption", "einvoice_fixtures_elsewhere")


def _special_base(line: Line, field: str) -> Iterator[Problem]:
    special = line.exemption is not None and exemptions.is_special_base(line.exemption)
    if special and line.special_base is None:
        yield Problem(f"{field}.special_base", "field_missing")
    if line.special_base is not None and not special:
        yield Problem(f"{field}.exemption", "einvoice_special_base_code")
    if line.special_base is not None and line.taxes:
        yield Problem(f"{field}.taxes", "einvoice_special_base_with_taxes")


def _withholding(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    held = line.withholding
    if held is None:
        return
    allowed = WITH_WITHHOLDING | NET_OF_WITHHOLDING
    if invoice.type not in allowed:
        yield Problem(f"{field}.withholding", "einvoice_withholding_type", {"types": ", ".join(sorted(allowed))})
    percents = withholding.percentages()[held.code]
    if held.percent not in percents:
        expected = ", ".join(str(percent) for percent in sorted(percents))
        yield Problem(f"{field}.withholding.percent", "field_not_in_list", {"expected": expected})
    if not line.vat_rate or line.special_base is not None:
        yield Problem(f"{field}.withholding", "einvoice_nothing_to_withhold")


def _incentive(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    if not is_incentive_exemption(invoice.profile, invoice.type):
        return
    code = _BY_SPENDING.get(line.spending or "")
    if code is None:
        yield Problem(f"{field}.spending", "field_not_in_list", {"expected": ", ".join(_BY_SPENDING)})
    elif line.exemption != code:
        yield Problem(f"{field}.exemption", "field_not_in_list", {"expected": code})


def _missing(invoice: Invoice) -> Iterator[Problem]:
    codes = [line.exemption for line in invoice.lines if line.exemption is not None]
    if invoice.type in {"TEVKIFAT", "YTBTEVKIFAT"} and not any(line.withholding for line in invoice.lines):
        yield Problem("lines[0].withholding", "field_missing")
    if invoice.type == "OZELMATRAH" and not any(line.special_base is not None for line in invoice.lines):
        yield Problem("lines[0].special_base", "field_missing")
    if invoice.type in {"ISTISNA", "IHRACKAYITLI"} and not any(
        code not in exemptions.NOT_EXEMPT and code != exemptions.FIXTURES for code in codes
    ):
        yield Problem("lines[0].exemption", "field_missing")
