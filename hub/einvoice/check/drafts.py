"""Drafts of other makers, which lack the place for a signature: what else is wrong with them.

A schema stops at the first element that is not where it should be, and in a draft that is the very first one. So such a
draft is looked at a second time, with something in the places where signing will put what is missing.
"""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy

from hub.einvoice.names import EXT
from hub.einvoice.seal.places import make_room, name_signature, reference_of
from hub.einvoice.xml import Element, etree
from hub.errors import HubError

_PLACE = "{urn:kopru:place}signature"
"""Any element of another namespace will do for the schema; a signature without its parts will not."""


def lacks_place(root: Element) -> bool:
    """Whether a document has no `ext:UBLExtensions`."""
    return root.find(f"{{{EXT}}}UBLExtensions") is None


def with_place(root: Element) -> Element:
    """A copy of the document with what signing adds, so far as the document names who signs."""
    copied = etree.ElementTree(deepcopy(root)).getroot()
    reference = reference_of(copied)
    etree.SubElement(make_room(copied), _PLACE)
    with suppress(HubError):
        name_signature(copied, reference)
    return copied
