"""Who may stand on an invoice, and under which number and name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hub.einvoice import identity
from hub.einvoice.invoice.pairs import CHARGING, Profile
from hub.validation import Problem

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice
    from hub.einvoice.invoice.party import Buyer, Party

_TO_CUSTOMS: frozenset[Profile] = frozenset({"IHRACAT", "YOLCUBERABERFATURA", "OZELFATURA", "KAMU"})
_PLATE = re.compile(r"[A-Z0-9_-]{1,50}")
_SHIPMENT = re.compile(r"(SE|ES)-\d{7}")


def problems(invoice: Invoice) -> Iterator[Problem]:
    """What is wrong with supplier, customer, buyer and representative."""
    yield from _party("supplier", invoice.supplier)
    yield from _party("customer", invoice.customer)
    yield from _fillers(invoice)
    yield from _customer(invoice)
    if invoice.profile == "IDIS" and not any(
        one.scheme == "SEVKIYATNO" and _SHIPMENT.fullmatch(one.value) for one in invoice.supplier.identifiers
    ):
        yield Problem("supplier.identifiers", "einvoice_without_shipment_number")
    if invoice.profile == "IHRACAT" and invoice.supplier.tax_office is None:
        yield Problem("supplier.tax_office", "field_missing")
    yield from _buyer(invoice)


def _party(field: str, party: Party) -> Iterator[Problem]:
    if party.scheme == "VKN" and party.name is None:
        yield Problem(f"{field}.name", "field_missing")
    if party.scheme == "TCKN":
        if party.first_name is None:
            yield Problem(f"{field}.first_name", "field_missing")
        if party.family_name is None:
            yield Problem(f"{field}.family_name", "field_missing")
    for index, identifier in enumerate(party.identifiers):
        if identifier.scheme in {"VKN", "TCKN"}:
            yield Problem(
                f"{field}.identifiers[{index}].scheme", "einvoice_identity_twice", {"field": f"{field}.identity"}
            )


def _fillers(invoice: Invoice) -> Iterator[Problem]:
    if identity.is_filler(invoice.supplier.identity):
        yield Problem("supplier.identity", "field_tax_number_checksum")
    if identity.is_filler(invoice.customer.identity) and invoice.profile != "EARSIVFATURA":
        # Somebody without a number is in no list of registered users, so no e-Fatura reaches them.
        yield Problem("customer.identity", "einvoice_filler_number")


def _customer(invoice: Invoice) -> Iterator[Problem]:
    customer = invoice.customer
    if customer.identity == identity.CUSTOMS and invoice.profile not in _TO_CUSTOMS:
        yield Problem("profile", "einvoice_customs_profile", {"profiles": ", ".join(sorted(_TO_CUSTOMS))})
    if invoice.type == "TEKNOLOJIDESTEK" and customer.scheme != "TCKN":
        yield Problem("customer.identity", "einvoice_person_only")
    if invoice.type == "TEKNOLOJIDESTEK" and customer.identifiers:
        # The rule asks each of the customer's numbers whether it is a TCKN.
        yield Problem(
            "customer.identifiers", "einvoice_out_of_place", {"profile": invoice.profile, "type": invoice.type}
        )
    if invoice.type in CHARGING:
        plates = [one.value for one in customer.identifiers if one.scheme == "PLAKA"]
        if len(plates) != 1 or not _PLATE.fullmatch(plates[0]):
            yield Problem("customer.identifiers", "einvoice_without_plate")


def _buyer(invoice: Invoice) -> Iterator[Problem]:
    buyer = invoice.buyer
    if invoice.profile in {"IHRACAT", "YOLCUBERABERFATURA"} and buyer is None:
        yield Problem("buyer", "field_missing")
    if invoice.profile == "YOLCUBERABERFATURA" and invoice.representative is None:
        yield Problem("representative", "field_missing")
    if buyer is None:
        return
    needed = _needed_of_buyer(invoice.profile, buyer)
    yield from (Problem(f"buyer.{name}", "field_missing") for name in needed if getattr(buyer, name) is None)
    if buyer.passport is not None and (buyer.first_name is None or buyer.family_name is None):
        yield Problem("buyer.passport", "einvoice_passport_without_name")


def _needed_of_buyer(profile: Profile, buyer: Buyer) -> tuple[str, ...]:
    if profile == "IHRACAT":
        return ("name",)
    if profile == "YOLCUBERABERFATURA":
        return ("first_name", "family_name", "nationality", "passport")
    if buyer.identity is None:
        return () if profile == "OZELFATURA" and buyer.passport is not None else ("identity",)
    return ("name",) if identity.kind_of(buyer.identity) == "VKN" else ("first_name", "family_name")
