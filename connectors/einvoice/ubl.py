"""The few lines of an invoice that delivery itself must know: who it is, from whom, to whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.failure import ProviderFailure
from connectors.xml import Element, child, local, parse, text_at

EARCHIVE_PROFILE = "EARSIVFATURA"


@dataclass(frozen=True)
class Head:
    """What stands at the top of an invoice. Its `repr` shows nobody."""

    ettn: str
    number: str
    profile: str
    issued: str
    """`YYYY-MM-DD` as written."""
    supplier: str = field(repr=False)
    """VKN or TCKN."""
    customer: str = field(repr=False)
    customer_name: str = field(repr=False)


def read_head(ubl: bytes) -> Head:
    """The head of a UBL-TR invoice. Raises `ProviderFailure` request_refused for anything else."""
    try:
        root = parse(ubl)
    except ProviderFailure:
        root = None
    if root is None or local(root) != "Invoice":
        raise ProviderFailure("permanent", "request_refused", field="xml_base64")
    customer = _party(root, "AccountingCustomerParty")
    return Head(
        ettn=text_at(root, "UUID").lower(),
        number=text_at(root, "ID"),
        profile=text_at(root, "ProfileID"),
        issued=text_at(root, "IssueDate"),
        supplier=_number(_party(root, "AccountingSupplierParty")),
        customer=_number(customer),
        customer_name=_name(customer),
    )


def _party(root: Element, role: str) -> Element | None:
    return child(child(root, role), "Party")


def _number(party: Element | None) -> str:
    for each in () if party is None else party:
        identity = child(each, "ID") if local(each) == "PartyIdentification" else None
        if identity is not None and identity.attrib.get("schemeID") in ("VKN", "TCKN"):
            return (identity.text or "").strip()
    return ""


def _name(party: Element | None) -> str:
    title = text_at(party, "PartyName", "Name")
    person = child(party, "Person")
    return title or f"{text_at(person, 'FirstName')} {text_at(person, 'FamilyName')}".strip()
