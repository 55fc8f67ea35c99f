"""Names and small helpers with which the document is put together.

Every prefix is declared on the root, those of the signature too: canonical forms inside the signature inherit them,
and a prefix that is added later would change what was signed.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from hub.einvoice import names
from hub.einvoice.xml import Element, etree

CAC, CBC, EXT = f"{{{names.CAC}}}", f"{{{names.CBC}}}", f"{{{names.EXT}}}"
NAMESPACES: dict[str | None, str] = {
    None: names.INVOICE,
    "cac": names.CAC,
    "cbc": names.CBC,
    "ext": names.EXT,
    "xsi": names.NAMESPACES["xsi"],
    "ds": names.DS,
    "xades": names.XADES,
}


def root() -> Element:
    """An empty invoice."""
    element = etree.Element(f"{{{names.INVOICE}}}Invoice", nsmap=NAMESPACES)
    element.set(f"{{{names.NAMESPACES['xsi']}}}schemaLocation", f"{names.INVOICE} UBL-Invoice-2.1.xsd")
    return element


def group(parent: Element, name: str) -> Element:
    """An element that holds others (`cac`)."""
    return etree.SubElement(parent, CAC + name)


def extension(parent: Element, name: str) -> Element:
    """An element of the extensions at the document's head (`ext`)."""
    return etree.SubElement(parent, EXT + name)


def leaf(parent: Element, name: str, text: str | None, **attributes: str) -> None:
    """An element with text (`cbc`); nothing when there is no text."""
    if text is not None:
        etree.SubElement(parent, CBC + name, attributes).text = text


def amount(parent: Element, name: str, value: Decimal, currency: str) -> None:
    """An amount of money with two decimals."""
    etree.SubElement(parent, CBC + name, {"currencyID": currency}).text = f"{value:.2f}"


def plain(value: Decimal) -> str:
    """A number without exponent and without zeros at its end: the rules compare percentages as text."""
    return f"{value.normalize():f}"


def moment(value: date | time | None) -> str | None:
    """A day as 2026-03-31, a time as 10:15:00 without fractions or zone, which the rules cannot all read."""
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    return value.isoformat() if value is not None else None


def serialised(element: Element) -> bytes:
    """The document as it will be signed: UTF-8, nothing indented."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")
