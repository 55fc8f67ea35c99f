"""Supplier, customer, buyer and representative, in the order of GİB's restricted PartyType."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.einvoice.identity import FOREIGNER, kind_of
from hub.einvoice.ubl.xml import group, leaf, moment
from hub.einvoice.xml import Element

if TYPE_CHECKING:
    from hub.einvoice.invoice.pairs import Profile
    from hub.einvoice.invoice.party import Address, Buyer, Party, Representative

_PARTY_TYPES: dict[str, str] = {"IHRACAT": "EXPORT", "YOLCUBERABERFATURA": "TAXFREE"}


def add_party(parent: Element, name: str, party: Party) -> None:
    """AccountingSupplierParty or AccountingCustomerParty."""
    element = group(group(parent, name), "Party")
    leaf(element, "WebsiteURI", party.website)
    _identified(element, party.scheme, party.identity)
    for identifier in party.identifiers:
        _identified(element, identifier.scheme, identifier.value)
    _named(element, party.name)
    add_address(element, "PostalAddress", party.address)
    if party.tax_office is not None:
        leaf(group(group(element, "PartyTaxScheme"), "TaxScheme"), "Name", party.tax_office)
    if party.telephone or party.fax or party.email:
        contact = group(element, "Contact")
        leaf(contact, "Telephone", party.telephone)
        leaf(contact, "Telefax", party.fax)
        leaf(contact, "ElectronicMail", party.email)
    _person(element, party.first_name, party.family_name)


def add_buyer(parent: Element, buyer: Buyer, profile: Profile) -> None:
    """BuyerCustomerParty: whom the goods go to when the customer of the document is customs or an institution."""
    element = group(group(parent, "BuyerCustomerParty"), "Party")
    if profile in _PARTY_TYPES:
        _identified(element, "PARTYTYPE", _PARTY_TYPES[profile])
    elif buyer.identity is not None:
        _identified(element, kind_of(buyer.identity) or "VKN", buyer.identity)
    else:
        _identified(element, "PASAPORTNO", buyer.passport.number if buyer.passport else FOREIGNER)
    _named(element, buyer.name)
    add_address(element, "PostalAddress", buyer.address)
    if buyer.name is not None:
        legal = group(element, "PartyLegalEntity")
        leaf(legal, "RegistrationName", buyer.name)
        leaf(legal, "CompanyID", buyer.registration_number)
    person = _person(element, buyer.first_name, buyer.family_name)
    if person is not None:
        leaf(person, "NationalityID", buyer.nationality)
        if buyer.passport is not None:
            passport = group(person, "IdentityDocumentReference")
            leaf(passport, "ID", buyer.passport.number)
            leaf(passport, "IssueDate", moment(buyer.passport.issue_date))


def add_representative(parent: Element, representative: Representative) -> None:
    """TaxRepresentativeParty of a passenger invoice."""
    element = group(parent, "TaxRepresentativeParty")
    _identified(element, "ARACIKURUMVKN", representative.identity)
    _identified(element, "ARACIKURUMETIKET", representative.alias)
    _named(element, representative.name)
    add_address(element, "PostalAddress", representative.address)


def add_address(parent: Element, name: str, address: Address) -> None:
    """An AddressType under the name it has there."""
    element = group(parent, name)
    leaf(element, "Room", address.room)
    leaf(element, "StreetName", address.street)
    leaf(element, "BuildingName", address.building_name)
    leaf(element, "BuildingNumber", address.building_number)
    leaf(element, "CitySubdivisionName", address.district)
    leaf(element, "CityName", address.city)
    leaf(element, "PostalZone", address.postal_zone)
    leaf(element, "Region", address.region)
    country = group(element, "Country")
    leaf(country, "IdentificationCode", address.country_code)
    leaf(country, "Name", address.country)


def _identified(parent: Element, scheme: str, value: str) -> None:
    leaf(group(parent, "PartyIdentification"), "ID", value, schemeID=scheme)


def _named(parent: Element, name: str | None) -> None:
    if name is not None:
        leaf(group(parent, "PartyName"), "Name", name)


def _person(parent: Element, first_name: str | None, family_name: str | None) -> Element | None:
    if first_name is None or family_name is None:
        return None
    element = group(parent, "Person")
    leaf(element, "FirstName", first_name)
    leaf(element, "FamilyName", family_name)
    return element
