"""An invoice as it arrives: read apart from the hub's own reading, and checked as far as an integrator does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any, Literal

_etree: Any = import_module("lxml.etree")
_CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
_CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
_INVOICE = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NUMBER = re.compile(r"[A-Z0-9]{3}20[0-9]{11}")
_STEERING = re.compile(r"SANDBOX (GIB|ANSWER)=([0-9]{4}|KABUL|RED|IADE)")
PROFILES = (
    *("TEMELFATURA", "TICARIFATURA", "YOLCUBERABERFATURA", "IHRACAT", "OZELFATURA", "KAMU", "HKS", "ENERJI"),
    *("ILAC_TIBBICIHAZ", "YATIRIMTESVIK", "IDIS"),
)
ARCHIVE = "EARSIVFATURA"
ANSWERABLE = ("TICARIFATURA", "IHRACAT")

Kind = Literal["einvoice", "earchive"]


@dataclass(frozen=True)
class Invoice:
    """What an integrator reads of an invoice."""

    ettn: str
    number: str
    profile: str
    type: str
    issued: date
    supplier: str
    customer: str
    payable: str
    currency: str
    xml: bytes
    fate: int
    """GİB's last word. A note `SANDBOX GIB=1215` in the document chooses another than 1300."""
    reply: str
    """The buyer's answer; a note `SANDBOX ANSWER=RED` chooses one. Empty: none comes."""

    @property
    def kind(self) -> Kind:
        """By its profile."""
        return "earchive" if self.profile == ARCHIVE else "einvoice"


@dataclass(frozen=True)
class Accepted:
    """An invoice that an integrator took."""

    invoice: Invoice
    provider: str
    company: str
    alias: str
    at: datetime


class Unfit(Exception):
    """What is wrong with a document: the element's name."""


def read(xml: bytes, *, roots: tuple[str, ...] = (_INVOICE,)) -> Invoice:
    """The invoice in a document. Raises `Unfit`."""
    try:
        parser = _etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        root = _etree.fromstring(xml, parser)
    except (_etree.XMLSyntaxError, ValueError):
        raise Unfit("XML") from None
    if root.tag not in roots:
        raise Unfit("Invoice")
    return read_element(root, xml)


def read_element(root: Any, xml: bytes) -> Invoice:
    """The same from an element, whatever it is called. Raises `Unfit`."""
    steering = dict(_STEERING.findall(" ".join(note.text or "" for note in root.iterfind(f"{_CBC}Note"))))
    profile = _text(root, f"{_CBC}ProfileID")
    found = Invoice(
        ettn=_matching(_GUID, _text(root, f"{_CBC}UUID"), "UUID").lower(),
        number=_matching(_NUMBER, _text(root, f"{_CBC}ID"), "ID"),
        profile=profile,
        type=_text(root, f"{_CBC}InvoiceTypeCode"),
        issued=_date(_text(root, f"{_CBC}IssueDate")),
        supplier=_party(root, "AccountingSupplierParty"),
        customer=_party(root, "AccountingCustomerParty"),
        payable=_text(root, f"{_CAC}LegalMonetaryTotal/{_CBC}PayableAmount"),
        currency=_text(root, f"{_CBC}DocumentCurrencyCode"),
        xml=xml,
        fate=int(steering.get("GIB", "1300")),
        reply=steering.get("ANSWER", ""),
    )
    if profile not in (*PROFILES, ARCHIVE):
        raise Unfit("ProfileID")
    if found.number[3:7] != str(found.issued.year):
        raise Unfit("ID")
    if next(root.iterfind(f"{_CAC}InvoiceLine"), None) is None:
        raise Unfit("InvoiceLine")
    return found


def _party(root: Any, role: str) -> str:
    for identity in root.iterfind(f"{_CAC}{role}/{_CAC}Party/{_CAC}PartyIdentification/{_CBC}ID"):
        number = (identity.text or "").strip()
        if (identity.get("schemeID"), len(number)) in (("VKN", 10), ("TCKN", 11)) and number.isdecimal():
            return number
    raise Unfit(role)


def _text(root: Any, path: str) -> str:
    return (root.findtext(path) or "").strip()


def _matching(form: re.Pattern[str], text: str, name: str) -> str:
    if not form.fullmatch(text):
        raise Unfit(name)
    return text


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unfit("IssueDate") from None
