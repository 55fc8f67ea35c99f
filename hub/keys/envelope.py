"""AES-256-GCM envelopes: every ciphertext is bound to what it belongs to, so a transplanted one does not open."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import HubError

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"


def seal(key: AESGCM, identity: str, plaintext: bytes) -> bytes:
    """Version byte, nonce, ciphertext and tag. `identity` is the associated data: table, tenant and row."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + key.encrypt(nonce, plaintext, identity.encode())


def unseal(key: AESGCM, identity: str, envelope: bytes) -> bytes:
    """The plaintext; HubError `ciphertext_invalid` if key, identity or content do not fit."""
    if envelope[:1] != _VERSION or len(envelope) < 1 + _NONCE_BYTES + 16:
        raise HubError("ciphertext_invalid")
    nonce = envelope[1 : 1 + _NONCE_BYTES]
    try:
        return key.decrypt(nonce, envelope[1 + _NONCE_BYTES :], identity.encode())
    except InvalidTag:
        raise HubError("ciphertext_invalid") from None
