"""Writing an envelope: the header as text, the documents as the bytes that were signed."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from connectors.istanbul import ISTANBUL
from hub.einvoice.envelope.model import Address, Enclosed, Envelope
from hub.einvoice.envelope.rules import element_type, require_sendable
from hub.einvoice.envelope.spans import root_span
from hub.einvoice.names import PACKAGE, SBDH
from hub.einvoice.xml import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

_START = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<sh:StandardBusinessDocument xmlns:sh="{SBDH}" xmlns:ef="{PACKAGE}"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    f' xsi:schemaLocation="{SBDH} PackageProxy_1_2.xsd"><sh:StandardBusinessDocumentHeader>'
    "<sh:HeaderVersion>1.0</sh:HeaderVersion>"
)
_END = b"</ef:Package></sh:StandardBusinessDocument>"


def enclosed(document: bytes) -> Enclosed:
    """A document ready for an envelope: its root element's bytes, without declaration and comments around it.

    Raises HubError as `parse` and `root_span` do, and `envelope_carries_wrong` for what no envelope carries.
    """
    type_of = element_type(parse(document))
    span = root_span(document)
    return Enclosed(type_of, document[span.start : span.end])  # pyright: ignore[reportArgumentType]


def write(envelope: Envelope) -> bytes:
    """The envelope's XML. Raises HubError as `require_sendable` does: what GİB would refuse is not written."""
    require_sendable(envelope)
    created = envelope.created.astimezone(ISTANBUL).strftime("%Y-%m-%dT%H:%M:%S")
    header = (
        f"{_START}{_party('Sender', envelope.sender)}{_party('Receiver', envelope.receiver)}"
        "<sh:DocumentIdentification><sh:Standard>UBL-TR</sh:Standard><sh:TypeVersion>1.2</sh:TypeVersion>"
        f"<sh:InstanceIdentifier>{envelope.id}</sh:InstanceIdentifier><sh:Type>{envelope.type}</sh:Type>"
        f"<sh:MultipleType>false</sh:MultipleType><sh:CreationDateAndTime>{created}</sh:CreationDateAndTime>"
        "</sh:DocumentIdentification></sh:StandardBusinessDocumentHeader><ef:Package>"
    )
    ordered = sorted(envelope.documents, key=lambda document: document.type)
    groups = (list(group) for _type, group in groupby(ordered, key=lambda document: document.type))
    return header.encode() + b"".join(map(_group, groups)) + _END


def _group(documents: Iterable[Enclosed]) -> bytes:
    documents = list(documents)
    head = (
        f"<Elements><ElementType>{documents[0].type}</ElementType><ElementCount>{len(documents)}</ElementCount>"
        "<ElementList>"
    )
    return head.encode() + b"".join(document.content for document in documents) + b"</ElementList></Elements>"


def _party(role: str, address: Address) -> str:
    title = _contact(address.title, "UNVAN") if address.title else ""
    return (
        f"<sh:{role}><sh:Identifier>{escape(address.alias)}</sh:Identifier>"
        f"{_contact(address.number, 'VKN_TCKN')}{title}</sh:{role}>"
    )


def _contact(value: str, kind: str) -> str:
    return (
        f"<sh:ContactInformation><sh:Contact>{escape(value)}</sh:Contact>"
        f"<sh:ContactTypeIdentifier>{kind}</sh:ContactTypeIdentifier></sh:ContactInformation>"
    )
