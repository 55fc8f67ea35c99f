"""What an envelope is: who sends whom which documents. Source: GİB, Ek-1 Zarf Şema Yapısı v1.5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

EnvelopeType = Literal["SENDERENVELOPE", "POSTBOXENVELOPE", "SYSTEMENVELOPE", "USERENVELOPE"]
ElementType = Literal[
    "INVOICE",
    "DESPATCHADVICE",
    "CREDITNOTE",
    "APPLICATIONRESPONSE",
    "RECEIPTADVICE",
    "PROCESSUSERACCOUNT",
    "CANCELUSERACCOUNT",
]
ENVELOPE_TYPES: tuple[EnvelopeType, ...] = get_args(EnvelopeType)

CARRIES: Mapping[EnvelopeType, tuple[ElementType, ...]] = {
    "SENDERENVELOPE": ("INVOICE", "DESPATCHADVICE", "CREDITNOTE"),
    "POSTBOXENVELOPE": ("APPLICATIONRESPONSE", "RECEIPTADVICE"),
    "SYSTEMENVELOPE": ("APPLICATIONRESPONSE",),
    "USERENVELOPE": ("PROCESSUSERACCOUNT", "CANCELUSERACCOUNT"),
}
"""Which documents each kind of envelope may carry."""
ELEMENT_TYPES: Mapping[str, ElementType] = {
    "Invoice": "INVOICE",
    "DespatchAdvice": "DESPATCHADVICE",
    "CreditNote": "CREDITNOTE",
    "ApplicationResponse": "APPLICATIONRESPONSE",
    "ReceiptAdvice": "RECEIPTADVICE",
    "ProcessUserAccount": "PROCESSUSERACCOUNT",
    "CancelUserAccount": "CANCELUSERACCOUNT",
}
"""By the name of a document's root element."""

MOST_GROUPS = 10
MOST_DOCUMENTS = 1000
"""In one group; we keep to it for the whole envelope."""
MOST_INVOICES = 100

GIB_NUMBER = "3900383669"
GIB_ALIAS = "GIB"


@dataclass(frozen=True)
class Address:
    """A unit (GB) or mailbox (PK) of a taxpayer."""

    alias: str = field(repr=False)
    number: str = field(repr=False)
    """VKN or TCKN."""
    title: str = field(default="", repr=False)


@dataclass(frozen=True)
class Enclosed:
    """A document in an envelope, cut out as bytes."""

    type: ElementType
    content: bytes = field(repr=False)
    whole: bool = True
    """Whether the bytes are all of the document. One that leaned on the envelope for a prefix got its declaration added
    where it was cut; whether its signature stands that is for the verifier to say."""


@dataclass(frozen=True)
class Envelope:
    """An envelope. Its `repr` shows neither parties nor documents."""

    id: str
    """`InstanceIdentifier`, a GUID; the names of XML and zip are the same."""
    type: EnvelopeType
    sender: Address
    receiver: Address
    created: datetime
    """Aware; written in Istanbul's time without an offset."""
    documents: tuple[Enclosed, ...] = field(repr=False)
