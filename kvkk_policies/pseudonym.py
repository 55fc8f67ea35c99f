"""Keyed, tenant-scoped pseudonyms.

A bare hash of a phone number or an identity number is undone in seconds, because there are few of them; an HMAC under a
random key per tenant is not, and the same person has unrelated pseudonyms at two tenants.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Sequence

import numpy as np

_BLOCK = 64
_DIGEST_KEPT = 16
_TEXT_LENGTH = 26  # 128 bits in base32, without padding
_LEAST_KEY = 32
_ALPHABET = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_BULK = 32
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))

REMEMBERED_AT_MOST = 20_000
"""Values of one kind, about 200 bytes each."""


class KeyedHash:
    """HMAC-SHA-256 under one key, whose states are prepared once: `hmac.digest` spends most of its time on that."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK:
            raise ValueError("a key is no longer than a block of SHA-256")
        padded = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def digest(self, data: bytes) -> bytes:
        """32 bytes."""
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def __repr__(self) -> str:
        return "KeyedHash(***)"


class Pseudonymiser:
    """Turns canonical identifiers of one tenant into pseudonyms such as `phone_6x2m…` (kind, then 26 base32 letters).

    HMAC-SHA256(key, kind NUL canonical), the first 16 bytes. It remembers what it has made, since the same people come
    back page after page: use one a load, so that nobody's identifiers stay in memory for longer. Printing the object
    shows no key.
    """

    __slots__ = ("_hash", "_made")

    def __init__(self, key: bytes) -> None:
        if len(key) < _LEAST_KEY or len(key) > _BLOCK:
            raise ValueError("a pseudonym key has 32 to 64 bytes")
        if len(set(key)) == 1:
            raise ValueError("a pseudonym key is random: this one repeats a single byte")
        self._hash = KeyedHash(key)
        self._made: dict[str, dict[str, str]] = {}

    def one(self, kind: str, canonical: str) -> str:
        """The pseudonym of one canonical value."""
        digest = self._hash.digest(_message(kind.encode() + b"\0", canonical))
        return f"{kind}_{b32encode(digest[:_DIGEST_KEPT]).decode().lower()[:_TEXT_LENGTH]}"

    def many(self, kind: str, canonical: Sequence[str]) -> list[str]:
        """Pseudonyms of many canonical values, in their order. Callers pass distinct values."""
        made = self._made.setdefault(kind, {})
        new = [value for value in canonical if value not in made]
        if len(made) + len(new) > REMEMBERED_AT_MOST:
            made.clear()
            new = list(canonical)
        made.update(zip(new, self._new(kind, new), strict=True))
        return [made[value] for value in canonical]

    def _new(self, kind: str, canonical: Sequence[str]) -> list[str]:
        if len(canonical) < _BULK:
            return [self.one(kind, value) for value in canonical]
        prefix = kind.encode() + b"\0"
        digest = self._hash.digest
        return _texts(kind, [digest(_message(prefix, value)) for value in canonical])

    def __repr__(self) -> str:
        return "Pseudonymiser(***)"


def _message(prefix: bytes, value: str) -> bytes:
    return prefix + value.encode("utf-8", "surrogatepass")


def _texts(kind: str, digests: list[bytes]) -> list[str]:
    """`base64.b32encode` one by one costs more than the HMAC; five-byte groups at once cost a tenth of it."""
    kept = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, 32)[:, :_DIGEST_KEPT]
    padded = np.zeros((len(digests), 20), dtype=np.uint8)
    padded[:, :_DIGEST_KEPT] = kept
    groups = padded.reshape(-1, 5)
    bits = np.zeros(len(groups), dtype=np.uint64)
    for position in range(5):
        bits = (bits << np.uint64(8)) | groups[:, position].astype(np.uint64)
    letters = np.empty((len(groups), 8), dtype=np.uint8)
    for position in range(8):
        letters[:, position] = _ALPHABET[((bits >> np.uint64(35 - 5 * position)) & np.uint64(31)).astype(np.intp)]
    joined = letters.tobytes().decode("ascii")
    prefix = f"{kind}_"
    return [prefix + joined[start : start + _TEXT_LENGTH] for start in range(0, len(joined), 32)]
