"""Who sells, who buys, and who stands between them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from hub.einvoice import identity
from hub.einvoice.invoice.fields import Country, Part, PartyScheme, ShortText, Text


def _identity(number: str) -> str:
    if identity.kind_of(number) is None:
        raise PydanticCustomError("field_tax_number_length", "")
    if not (identity.checksum_fits(number) or identity.is_filler(number)):
        raise PydanticCustomError("field_tax_number_checksum", "")
    return number


IdentityNumber = Annotated[str, AfterValidator(_identity)]
"""VKN or TCKN with right check digits, or one of the two customary fillers."""


class Address(Part):
    """Where somebody is. District (ilçe) and city (il) are obligatory in UBL-TR, abroad too."""

    district: ShortText
    city: ShortText
    country: ShortText = "Türkiye"
    country_code: Country | None = None
    street: Text | None = None
    building_name: ShortText | None = None
    building_number: ShortText | None = None
    room: ShortText | None = None
    postal_zone: ShortText | None = None
    region: ShortText | None = None


class Identifier(Part):
    """A further number of a party, such as MERSISNO, ABONENO, PLAKA."""

    scheme: PartyScheme
    value: ShortText


class Party(Part):
    """Supplier or customer. A VKN goes with `name`, a TCKN with `first_name` and `family_name`."""

    identity: IdentityNumber
    name: Text | None = None
    first_name: ShortText | None = None
    family_name: ShortText | None = None
    address: Address
    tax_office: ShortText | None = None
    identifiers: tuple[Identifier, ...] = ()
    website: ShortText | None = None
    telephone: ShortText | None = None
    fax: ShortText | None = None
    email: ShortText | None = None

    @property
    def scheme(self) -> identity.IdentityKind:
        """VKN or TCKN."""
        return identity.kind_of(self.identity) or "VKN"


class Passport(Part):
    """The document a passenger shows at the border."""

    number: ShortText
    issue_date: date


class Buyer(Part):
    """The real buyer behind customs (IHRACAT, YOLCUBERABERFATURA) or behind a paying institution."""

    name: Text | None = None
    registration_number: ShortText | None = None
    first_name: ShortText | None = None
    family_name: ShortText | None = None
    nationality: Country | None = None
    passport: Passport | None = None
    identity: IdentityNumber | None = None
    address: Address


class Representative(Part):
    """The refund house (aracı kurum) of a passenger invoice and the mailbox that its answers come from."""

    identity: IdentityNumber
    alias: Annotated[str, Field(pattern=r"^urn:mail:\S+@\S+$")]
    name: Text | None = None
    address: Address
