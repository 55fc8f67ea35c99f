"""All finders, and the cheap sign without which each cannot find anything.

A sign is an RE2 pattern that Arrow applies to a whole column. It may let a clean text through (a finder then looks at
it); it must never stop a text in which a finder would find something: a property test holds them to that. Names have no
such pattern; `name_signs` looks at words instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kvkk_policies.detect.accounts import find_card, find_iban
from kvkk_policies.detect.address_parts import ADDRESS_SIGN
from kvkk_policies.detect.addresses import find_address
from kvkk_policies.detect.coordinates import find_coordinates
from kvkk_policies.detect.dates import find_birth_date
from kvkk_policies.detect.documents import DOCUMENT_WORDS, DOCUMENTS, find_document
from kvkk_policies.detect.emails import find_email
from kvkk_policies.detect.identity import find_identity
from kvkk_policies.detect.network import find_ip, find_mac
from kvkk_policies.detect.persons import find_person
from kvkk_policies.detect.phones import find_phone
from kvkk_policies.detect.plates import find_plate
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.separators import JOINTS, SPACES
from kvkk_policies.detect.span import Span
from kvkk_policies.detect.spoken import SPOKEN_SIGN
from kvkk_policies.turkish import unfolded

_GAP = f"[{JOINTS}*()/-]{{0,8}}"
_PHONE = rf"[0-9](?:{_GAP}[0-9]){{9}}|\+[1-9](?:{_GAP}[0-9]){{7}}|{SPOKEN_SIGN}"
_INSIDE = f"[{JOINTS}/-]{{0,3}}"
_TEN = f"[0-9](?:{_INSIDE}[0-9]){{9}}"
_IBAN = (
    f"[tT][rR]{_INSIDE}[0-9]|[0-9](?:{_INSIDE}[0-9]){{23}}"
    f"|[A-Za-z]{{2}}[0-9]{{2}}[{SPACES}]?[0-9A-Za-z]{{4}}[{SPACES}]?[0-9A-Za-z]{{4}}"
)
_CARD = f"[0-9](?:{_INSIDE}[0-9]){{12}}"
_SHORT_GAP = f"[{JOINTS}-]{{0,2}}"
_PLATE = f"[0-9]{{2}}{_SHORT_GAP}[A-Za-zıİ]{{1,3}}{_SHORT_GAP}[0-9]{{2}}"
_OCTETS = r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]"
_MAC = (
    "[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]"
    rf"|[0-9A-Fa-f]{{4}}\.[0-9A-Fa-f]{{4}}\.[0-9A-Fa-f]{{4}}|{unfolded('mac')}"
)
_BIRTH = (
    f"{unfolded('dog')}|[bB][iIİ][rR][tT][hH]|[bB][oO][rR][nN]|[dD][oO][bB]"
    f"|[dD][.{SPACES}]{{0,2}}[tT](?:[^a-zA-Z]|$|[aA][rR]|[rR][hH])|[dD][.]?{unfolded('lu')}|[dD][.][{SPACES}]?[0-9]"
)
_DEGREES = r"[234][0-9][.,][0-9]{4}|[0-9] ?°"
_DOCUMENT = rf"(?:^|[^a-zA-Z])(?:{'|'.join(unfolded(word) for word in DOCUMENT_WORDS)})"


@dataclass(frozen=True)
class Finder:
    """A recognizer's rules as a plain function, with the labels it gives and the RE2 sign that it depends on."""

    name: str
    labels: tuple[str, ...]
    find: Callable[[Prepared], Iterator[Span]]
    sign: str | None
    """None: `name_signs.texts_with_name_signs` decides."""


FINDERS: tuple[Finder, ...] = (
    Finder("identity", ("TR_TCKN", "TR_TCKN_SUSPECT", "TR_VKN", "TR_VKN_SUSPECT"), find_identity, _TEN),
    Finder("iban", ("TR_IBAN", "TR_IBAN_SUSPECT"), find_iban, _IBAN),
    Finder("card", ("CREDIT_CARD", "CREDIT_CARD_SUSPECT"), find_card, _CARD),
    Finder("phone", ("TR_PHONE",), find_phone, _PHONE),
    Finder(
        "document", (*dict.fromkeys(document.label for document in DOCUMENTS), "IMEI_SUSPECT"), find_document, _DOCUMENT
    ),
    Finder("email", ("EMAIL",), find_email, "@"),
    Finder("plate", ("TR_PLATE",), find_plate, _PLATE),
    Finder("birth_date", ("BIRTH_DATE",), find_birth_date, _BIRTH),
    Finder("ip", ("IP_ADDRESS",), find_ip, _OCTETS),
    Finder("mac", ("MAC_ADDRESS",), find_mac, _MAC),
    Finder("coordinates", ("GEO",), find_coordinates, _DEGREES),
    Finder("address", ("TR_ADDRESS",), find_address, ADDRESS_SIGN),
    Finder("person", ("PERSON",), find_person, None),
)
