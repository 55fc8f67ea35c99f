"""The name in a certificate as texts give it: every maker of signatures spells, spaces and orders it in its own way.

`ds:X509SubjectName` lies outside what is signed, so it has to be compared with the certificate, and a comparison that
knows one spelling only would call good documents bad.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Name

_WORDS = {
    "CN": "2.5.4.3",
    "SURNAME": "2.5.4.4",
    "SN": "2.5.4.4",
    "SERIALNUMBER": "2.5.4.5",
    "C": "2.5.4.6",
    "L": "2.5.4.7",
    "S": "2.5.4.8",
    "ST": "2.5.4.8",
    "STREET": "2.5.4.9",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "T": "2.5.4.12",
    "TITLE": "2.5.4.12",
    "GIVENNAME": "2.5.4.42",
    "G": "2.5.4.42",
    "GN": "2.5.4.42",
    "ORGANIZATIONIDENTIFIER": "2.5.4.97",
    "E": "1.2.840.113549.1.9.1",
    "EMAILADDRESS": "1.2.840.113549.1.9.1",
    "UID": "0.9.2342.19200300.100.1.1",
    "DC": "0.9.2342.19200300.100.1.25",
}
"""Upper case, as RFC 4514, Java, OpenSSL and Windows write them."""
_WRITTEN = {
    "2.5.4.4": "surname",
    "2.5.4.5": "serialNumber",
    "2.5.4.12": "title",
    "2.5.4.42": "givenName",
    "1.2.840.113549.1.9.1": "emailAddress",
}
"""What the RFC leaves as numbers and would then want in hexadecimal digits. OpenSSL minds capitals, Java does not."""
_PARTS = re.compile(r'\s*([A-Za-z0-9.]+)\s*=\s*("(?:[^"\\]|\\.)*"|(?:[^,;+"\\]|\\.)*)\s*(?:[,;+]|\Z)', re.DOTALL)
_ESCAPED = re.compile(rb"\\(?:([0-9A-Fa-f]{2})|(.))", re.DOTALL)


def written(name: Name) -> str:
    """The name as RFC 4514 writes it, last part first."""
    from cryptography.x509 import ObjectIdentifier

    return name.rfc4514_string({ObjectIdentifier(oid): word for oid, word in _WRITTEN.items()})


def names_the_same(text: str | None, name: Name) -> bool:
    """Whether a text names what the certificate does, whatever order and spelling it chose."""
    if text is None:
        return False
    if text == written(name):
        return True
    parts = _parts(text)
    own = [(attribute.oid.dotted_string, str(attribute.value)) for attribute in name]
    return parts is not None and sorted(parts) == sorted(own)


def _parts(text: str) -> list[tuple[str, str]] | None:
    parts: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        found = _PARTS.match(text, at)
        if found is None:
            return None
        word = found[1].upper().removeprefix("OID.")
        value = _value(found[2].strip())
        if value is None:
            return None
        parts.append((_WORDS.get(word, word), value))
        at = found.end()
    return parts


def _value(text: str) -> str | None:
    try:
        if text.startswith("#"):
            # DER: a tag, a length below 128, a text.
            content = bytes.fromhex(text[1:])
            return content[2:].decode() if len(content) == 2 + content[1] else None
        bare = text[1:-1] if text.startswith('"') else text
        return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]) if found[1] else found[2], bare.encode()).decode()
    except (ValueError, IndexError):
        return None
