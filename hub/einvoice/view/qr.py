"""The QR code on an invoice's page: GİB's JSON (Karekod Standardı 1.2), and its picture.

Dates are YYYY-MM-DD, amounts texts with two decimals, VAT one pair a rate.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from importlib import import_module
from itertools import groupby
from typing import Any

from hub.einvoice.names import NAMESPACES
from hub.einvoice.xml import Element, etree

_VAT = "0015"
_SUBTOTALS = etree.XPath(
    "cac:TaxTotal/cac:TaxSubtotal[cac:TaxCategory/cac:TaxScheme/cbc:TaxTypeCode = $code]", namespaces=NAMESPACES
)
_NUMBER = "cac:Party/cac:PartyIdentification/cbc:ID[@schemeID='VKN' or @schemeID='TCKN']"
_FIELDS = (
    ("vkntckn", f"cac:AccountingSupplierParty/{_NUMBER}"),
    ("avkntckn", f"cac:AccountingCustomerParty/{_NUMBER}"),
    ("senaryo", "cbc:ProfileID"),
    ("tip", "cbc:InvoiceTypeCode"),
    ("tarih", "cbc:IssueDate"),
    ("no", "cbc:ID"),
    ("ettn", "cbc:UUID"),
    ("parabirimi", "cbc:DocumentCurrencyCode"),
)
_SUMS = (
    ("malhizmettoplam", "LineExtensionAmount"),
    ("vergidahil", "TaxInclusiveAmount"),
    ("odenecek", "PayableAmount"),
)


def qr_content(invoice: Element) -> str:
    """The JSON, in the order of the standard."""
    content = {name: _text(invoice, path) for name, path in _FIELDS}
    sums = {name: _amount(_text(invoice, f"cac:LegalMonetaryTotal/cbc:{element}")) for name, element in _SUMS}
    content["malhizmettoplam"] = sums["malhizmettoplam"]
    for subtotal in _SUBTOTALS(invoice, code=_VAT):
        rate = _rate(_text(subtotal, "cbc:Percent"))
        content[f"kdvmatrah({rate})"] = _amount(_text(subtotal, "cbc:TaxableAmount"))
        content[f"hesaplanankdv({rate})"] = _amount(_text(subtotal, "cbc:TaxAmount"))
    return json.dumps(content | {"vergidahil": sums["vergidahil"], "odenecek": sums["odenecek"]}, ensure_ascii=False)


def qr_picture(content: str) -> str:
    """The code as a `data:` address of an SVG, a square of modules without its own margin."""
    widgets: Any = import_module("reportlab.graphics.barcode.qr")  # publishes no types
    widget = widgets.QrCodeWidget(content, barLevel="M")
    widget.qr.make()
    modules: list[list[bool]] = widget.qr.modules
    path = "".join(f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(modules) for x, width in _dark(row))
    size = len(modules)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>'
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def _dark(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Where the dark stretches of a row begin, and how wide they are."""
    at = 0
    for dark, stretch in groupby(row, key=bool):
        width = len(list(stretch))
        if dark:
            yield at, width
        at += width


def _text(element: Element, path: str) -> str:
    return str(element.xpath(f"normalize-space({path})", namespaces=NAMESPACES))


def _amount(text: str) -> str:
    try:
        return f"{Decimal(text):.2f}"
    except InvalidOperation:
        return text


def _rate(text: str) -> str:
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text
