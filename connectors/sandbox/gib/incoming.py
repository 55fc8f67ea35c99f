"""Invoices that others sent to a company: some a week, from registered taxpayers, basic and commercial ones in turn."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from connectors.istanbul import day_of, start_of
from connectors.sandbox.chance import rng
from connectors.sandbox.gib import taxpayers

if TYPE_CHECKING:
    from connectors.sandbox.world import World

EVERY_DAYS = 3
_SENDERS = 8
_FIRST_SENT_NOW = 500_000_000
"""Numbers of those that are sent at the word of a test begin here."""


@dataclass(frozen=True)
class Incoming:
    """An invoice received."""

    ettn: str
    number: str
    profile: str
    type: str
    received: datetime
    sender: str
    sender_title: str
    receiver: str
    amount: int
    """Whole lira before tax."""

    @property
    def answerable(self) -> bool:
        """Whether its profile knows answers."""
        return self.profile == "TICARIFATURA"


def incoming_of(world: World, company: str) -> list[Incoming]:
    """What a company has received by now, oldest first."""
    found: list[Incoming] = []
    days = (day_of(world.clock.now()) - world.first_day).days
    for index, passed in enumerate(range(0, days + 1, EVERY_DAYS)):
        chance = rng(world.seed, company, "incoming", index)
        received = start_of(world.first_day + timedelta(days=passed)) + timedelta(
            hours=9, minutes=chance.randint(0, 500)
        )
        if received > world.clock.now():
            break
        kind = "several" if chance.random() < 0.2 else "one"
        sender = taxpayers.someone(world.seed, kind, chance.randrange(_SENDERS))
        title = taxpayers.user(world.seed, sender)
        found.append(
            Incoming(
                ettn=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                number=f"ALS{received.year}{index + 1:09d}",
                profile="TICARIFATURA" if index % 2 else "TEMELFATURA",
                type="SATIS",
                received=received,
                sender=sender,
                sender_title="" if title is None else title.title,
                receiver=world.company(company).vkn,
                amount=chance.randint(100, 9000),
            )
        )
    return found


def sent_now(world: World, company: str, index: int) -> Incoming:
    """A commercial invoice that arrives this moment, beside those that a company's past is made of."""
    chance, now = rng(world.seed, company, "sent now", index), world.clock.now()
    sender = taxpayers.someone(world.seed, "one", chance.randrange(_SENDERS))
    title = taxpayers.user(world.seed, sender)
    return Incoming(
        ettn=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        number=f"ALS{now.year}{_FIRST_SENT_NOW + index:09d}",
        profile="TICARIFATURA",
        type="SATIS",
        received=now,
        sender=sender,
        sender_title="" if title is None else title.title,
        receiver=world.company(company).vkn,
        amount=chance.randint(100, 9000),
    )


def as_xml(invoice: Incoming) -> bytes:
    """The document, as small as an invoice can be."""
    amount, tax = invoice.amount, invoice.amount * 20 / 100
    money = 'currencyID="TRY"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
        ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
        ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
        "<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>TR1.2</cbc:CustomizationID>"
        f"<cbc:ProfileID>{invoice.profile}</cbc:ProfileID><cbc:ID>{invoice.number}</cbc:ID>"
        f"<cbc:CopyIndicator>false</cbc:CopyIndicator><cbc:UUID>{invoice.ettn}</cbc:UUID>"
        f"<cbc:IssueDate>{day_of(invoice.received)}</cbc:IssueDate>"
        f"<cbc:InvoiceTypeCode>{invoice.type}</cbc:InvoiceTypeCode>"
        "<cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode><cbc:LineCountNumeric>1</cbc:LineCountNumeric>"
        + _party("AccountingSupplierParty", invoice.sender, invoice.sender_title)
        + _party("AccountingCustomerParty", invoice.receiver, "")
        + f"<cac:TaxTotal><cbc:TaxAmount {money}>{tax:.2f}</cbc:TaxAmount></cac:TaxTotal><cac:LegalMonetaryTotal>"
        f"<cbc:LineExtensionAmount {money}>{amount}.00</cbc:LineExtensionAmount>"
        f"<cbc:TaxExclusiveAmount {money}>{amount}.00</cbc:TaxExclusiveAmount>"
        f"<cbc:TaxInclusiveAmount {money}>{amount + tax:.2f}</cbc:TaxInclusiveAmount>"
        f"<cbc:PayableAmount {money}>{amount + tax:.2f}</cbc:PayableAmount></cac:LegalMonetaryTotal>"
        '<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity>'
        f"<cbc:LineExtensionAmount {money}>{amount}.00</cbc:LineExtensionAmount>"
        f"<cac:Item><cbc:Name>Hizmet</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount {money}>{amount}.00"
        "</cbc:PriceAmount></cac:Price></cac:InvoiceLine></Invoice>"
    ).encode()


def _party(role: str, number: str, title: str) -> str:
    scheme = "VKN" if len(number) == 10 else "TCKN"
    name = f"<cac:PartyName><cbc:Name>{escape(title)}</cbc:Name></cac:PartyName>" if title else ""
    return (
        f'<cac:{role}><cac:Party><cac:PartyIdentification><cbc:ID schemeID="{scheme}">{number}</cbc:ID>'
        f"</cac:PartyIdentification>{name}</cac:Party></cac:{role}>"
    )
