"""Reading an envelope: who sent whom what, and the documents as bytes on which signatures can be checked."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from connectors.istanbul import ISTANBUL
from hub.einvoice.envelope.model import ELEMENT_TYPES, ENVELOPE_TYPES, MOST_GROUPS, Address, Enclosed, Envelope
from hub.einvoice.envelope.spans import Span, document_spans
from hub.einvoice.names import NAMESPACES, SBDH
from hub.einvoice.xml import Element, etree, parse
from hub.errors import HubError

_ROOT = f"{{{SBDH}}}StandardBusinessDocument"
_HEADER = etree.XPath("sh:StandardBusinessDocumentHeader", namespaces=NAMESPACES)
_GROUPS = etree.XPath("ef:Package/Elements", namespaces=NAMESPACES)
_CONTACT = etree.XPath(
    "string(sh:ContactInformation[sh:ContactTypeIdentifier = $kind]/sh:Contact)", namespaces=NAMESPACES
)
_NAME = re.compile(rb"<[^\s/>]+")


def read(content: bytes) -> Envelope:
    """The envelope in a file, of today's shape or of one of GİB's earlier ones.

    Raises HubError as `parse` and `document_spans` do, and `envelope_root_unknown`, `envelope_incomplete` (part),
    `envelope_carries_wrong`, `envelope_too_many_groups`, `envelope_count_differs`.
    """
    root = parse(content)
    if root.tag != _ROOT:
        raise HubError("envelope_root_unknown")
    header = next(iter(_HEADER(root)), None)
    if header is None:
        raise HubError("envelope_incomplete", part="StandardBusinessDocumentHeader")
    spans = document_spans(content)
    _require_counts(_GROUPS(root), spans)
    kind = _text(header, "DocumentIdentification/Type")
    if kind not in ENVELOPE_TYPES:
        raise HubError("envelope_incomplete", part="Type")
    return Envelope(
        id=_required(header, "DocumentIdentification/InstanceIdentifier"),
        type=kind,
        sender=_address(header, "Sender"),
        receiver=_address(header, "Receiver"),
        created=_moment(_required(header, "DocumentIdentification/CreationDateAndTime")),
        documents=tuple(_cut(content, span) for span in spans),
    )


def _require_counts(groups: list[Element], spans: list[Span]) -> None:
    if len(groups) > MOST_GROUPS:
        raise HubError("envelope_too_many_groups", limit=MOST_GROUPS)
    for index, group in enumerate(groups):
        inside = [span for span in spans if span.group == index]
        if (group.findtext("ElementCount") or "").strip() != str(len(inside)):
            raise HubError("envelope_count_differs")
        meant = (group.findtext("ElementType") or "").strip()
        for span in inside:
            if ELEMENT_TYPES.get(span.name) != meant:
                raise HubError("envelope_carries_wrong", type="", found=ELEMENT_TYPES.get(span.name, ""))


def _cut(content: bytes, span: Span) -> Enclosed:
    cut = content[span.start : span.end]
    leaning = _leaning(cut, span.inherited)
    if leaning:
        place = _NAME.match(cut)
        at = place.end() if place is not None else 0
        declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in leaning.items())
        cut = cut[:at] + declared.encode() + cut[at:]
    return Enclosed(ELEMENT_TYPES[span.name], cut, whole=not leaning)


def _leaning(cut: bytes, inherited: dict[str, str]) -> dict[str, str]:
    """Prefixes that a document uses, does not declare, and finds declared around it."""
    root_tag = cut[: cut.index(b">") + 1]
    found: dict[str, str] = {}
    for prefix, uri in inherited.items():
        name = prefix.encode()
        declared = re.search(rb"\sxmlns:" + re.escape(name) + rb"\s*=", root_tag)
        used = re.search(rb"[<\s/]" + re.escape(name) + rb":", cut)
        if used and not declared:
            found[prefix] = uri
    return found


def _address(header: Element, role: str) -> Address:
    party = header.find(f"{{{SBDH}}}{role}")
    if party is None:
        raise HubError("envelope_incomplete", part=role)
    number = str(_CONTACT(party, kind="VKN_TCKN")).strip()
    return Address(_text(party, "Identifier"), number, str(_CONTACT(party, kind="UNVAN")).strip())


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise HubError("envelope_incomplete", part="CreationDateAndTime") from None
    return (found.replace(tzinfo=ISTANBUL) if found.tzinfo is None else found).astimezone(UTC)


def _required(header: Element, path: str) -> str:
    text = _text(header, path)
    if not text:
        raise HubError("envelope_incomplete", part=path.rpartition("/")[2])
    return text


def _text(element: Element, path: str) -> str:
    steps = "/".join(f"{{{SBDH}}}{step}" for step in path.split("/"))
    return (element.findtext(steps) or "").strip()
