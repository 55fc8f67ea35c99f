"""Secrets that we give out: refresh tokens, one-time tokens, API keys. Random, of one form, stored as hashes.

The form is `<kind>_<tenant id>_<43 letters>_<6 of a checksum>`: the tenant is read from it before any table is asked,
secret scanners recognise it, and what was mistyped or cut off is told from what was never given out without asking.
The checksum is no proof of anything.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["hub", "hubr", "hubt"]
"""An API key, a refresh token, a one-time token."""

_RANDOM_BYTES = 32
_FORM = re.compile(r"(hubr|hubt|hub)_(t[a-z2-7]{11})_([A-Za-z0-9]{43})_([A-Za-z0-9]{6})")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHOWN = 8


@dataclass(frozen=True)
class Opaque:
    """One of them. `text` is shown once; `repr` hides it."""

    kind: Kind
    tenant_id: str
    text: str = field(repr=False)

    @property
    def hash(self) -> bytes:
        """What is stored: SHA-256, for nobody guesses 256 random bits. 32 bytes."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def prefix(self) -> str:
        """The beginning, by which a person tells keys apart."""
        return self.text[: len(self.kind) + len(self.tenant_id) + 2 + _SHOWN]


def new(kind: Kind, tenant_id: str) -> Opaque:
    """A new one of the tenant's."""
    body = f"{kind}_{tenant_id}_{_in_letters(int.from_bytes(secrets.token_bytes(_RANDOM_BYTES)), 43)}"
    return Opaque(kind, tenant_id, f"{body}_{_checksum(body)}")


def read(text: str) -> Opaque | None:
    """What a text is, None for one that nobody here has given out."""
    found = _FORM.fullmatch(text)
    if found is None or _checksum(text.rpartition("_")[0]) != found[4]:
        return None
    kinds: dict[str, Kind] = {"hub": "hub", "hubr": "hubr", "hubt": "hubt"}
    return Opaque(kinds[found[1]], found[2], text)


def _checksum(body: str) -> str:
    return _in_letters(zlib.crc32(body.encode()), 6)


def _in_letters(number: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
