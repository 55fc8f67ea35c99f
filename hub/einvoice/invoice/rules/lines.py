"""What each scenario asks of a line beside its price: customs codes, tags, serial numbers, spending kinds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from hub.einvoice.codes import exemptions
from hub.einvoice.codes.taxes import ACCOMMODATION
from hub.einvoice.invoice.pairs import is_incentive
from hub.validation import Problem

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice
    from hub.einvoice.invoice.line import Adjustment, Line

_TAG = re.compile(r"[A-Za-z]{2}\d{7}")
_HALL = re.compile(r"\S{19}")
_MACHINERY = "01"


def problems(invoice: Invoice) -> Iterator[Problem]:
    """What is wrong with lines, scenario by scenario, and with discounts and surcharges."""
    for kind in ("discounts", "surcharges"):
        yield from _adjustments(kind, getattr(invoice, kind))
    asked = list(_asked(invoice))
    for index, line in enumerate(invoice.lines):
        field = f"lines[{index}]"
        yield from _adjustments(f"{field}.discounts", line.discounts)
        yield from _adjustments(f"{field}.surcharges", line.surcharges)
        for number, tax in enumerate(line.taxes):
            if (tax.rate is None) == (tax.amount is None):
                yield Problem(f"{field}.taxes[{number}]", "field_one_of", {"fields": "rate, amount"})
        for ask in asked:
            yield from ask(invoice, line, field)
    if invoice.type == "KONAKLAMAVERGISI" and not any(
        tax.code == ACCOMMODATION for line in invoice.lines for tax in line.taxes
    ):
        yield Problem("lines[0].taxes", "einvoice_without_accommodation_tax")


def _adjustments(field: str, adjustments: Sequence[Adjustment]) -> Iterator[Problem]:
    for index, one in enumerate(adjustments):
        if (one.percent is None) == (one.amount is None):
            yield Problem(f"{field}[{index}]", "field_one_of", {"fields": "percent, amount"})


Ask = Callable[["Invoice", "Line", str], Iterator[Problem]]


def _asked(invoice: Invoice) -> Iterator[Ask]:
    if invoice.profile == "IHRACAT":
        yield _export
    if any(line.exemption == exemptions.INPUT_PROCESSING for line in invoice.lines) and invoice.type == "IHRACKAYITLI":
        yield _inward_processing
    if invoice.profile == "HKS":
        yield _wholesale_hall
    if invoice.profile == "ILAC_TIBBICIHAZ":
        yield _medicine
    if invoice.type == "TEKNOLOJIDESTEK":
        yield _technology
    if invoice.profile == "IDIS":
        yield _tagged
    if invoice.type == "SARJANLIK":
        yield _charger
    if is_incentive(invoice.profile, invoice.type):
        yield _incentive


def _export(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    if line.customs_code is None:
        yield Problem(f"{field}.customs_code", "field_missing")
    for name in ("terms", "address", "transport_mode"):
        if all(getattr(place, name, None) is None for place in (line.delivery, invoice.delivery)):
            yield Problem(f"{field}.delivery.{name}", "field_missing")


def _inward_processing(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    for name in ("customs_code", "permit_line"):
        if getattr(line, name) is None:
            yield Problem(f"{field}.{name}", "field_missing")


def _wholesale_hall(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    tags = [one.value for one in line.item_numbers if one.scheme == "KUNYENO"]
    if len(tags) != 1 or not _HALL.fullmatch(tags[0]):
        yield Problem(f"{field}.item_numbers", "einvoice_item_number", {"schemes": "KUNYENO", "form": "19 × A-Z 0-9 -"})


def _medicine(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    if not any(one.scheme in {"ILAC", "TIBBICIHAZ", "DIGER"} for one in line.item_numbers):
        yield Problem(
            f"{field}.item_numbers", "einvoice_item_number", {"schemes": "ILAC, TIBBICIHAZ, DIGER", "form": "…"}
        )


def _technology(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    if not any(one.scheme in {"TELEFON", "TABLET_PC"} for one in line.item_numbers):
        yield Problem(f"{field}.item_numbers", "einvoice_item_number", {"schemes": "TELEFON, TABLET_PC", "form": "…"})


def _tagged(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    if not any(one.scheme == "ETIKETNO" and _TAG.fullmatch(one.value) for one in line.item_numbers):
        yield Problem(f"{field}.item_numbers", "einvoice_item_number", {"schemes": "ETIKETNO", "form": "CV0000000"})


def _charger(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    if line.machine is None:
        yield Problem(f"{field}.machine.serial_number", "field_missing")


def _incentive(invoice: Invoice, line: Line, field: str) -> Iterator[Problem]:
    if line.spending is None:
        yield Problem(f"{field}.spending", "field_missing")
    if line.spending == _MACHINERY:
        if line.model is None:
            yield Problem(f"{field}.model", "field_missing")
        if line.machine is None or line.machine.list_number is None:
            yield Problem(f"{field}.machine.list_number", "field_missing")
