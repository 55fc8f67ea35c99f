"""AES-256-GCM envelopes: every ciphertext is bound to what it belongs to, so a transplanted one does not open."""

from __future__ import annotations

import os
import threading

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import HubError

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"
_DRAWN_AT_ONCE = 256
"""Nonces: one system call each cost more than the encryption."""


class _Nonces(threading.local):
    """Random nonces drawn ahead, each given out once. A thread has its own, and so has a forked process."""

    def __init__(self) -> None:
        self.drawn: list[bytes] = []

    def next(self) -> bytes:
        """Twelve bytes from the system's generator."""
        if not self.drawn:
            random = os.urandom(_NONCE_BYTES * _DRAWN_AT_ONCE)
            self.drawn = [random[at : at + _NONCE_BYTES] for at in range(0, len(random), _NONCE_BYTES)]
        return self.drawn.pop()


_nonces = _Nonces()


def _forget_nonces() -> None:
    _nonces.drawn = []


# A child that shared its parent's nonces would encrypt with the same ones under the same key.
os.register_at_fork(after_in_child=_forget_nonces)


def seal(key: AESGCM, identity: str, plaintext: bytes) -> bytes:
    """Version byte, nonce, ciphertext and tag. `identity` is the associated data: table, tenant and row."""
    nonce = _nonces.next()
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
