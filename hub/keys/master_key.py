"""The master key: one secret outside every database, under which all tenant keys are wrapped."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import HubError
from hub.keys.envelope import KEY_BYTES, seal, unseal

_MINIMUM_DISTINCT_BYTES = 12
"""Random 32 bytes hold about 30 distinct values; fewer than 12 means somebody typed the key."""


class MasterKey:
    """Wraps and unwraps tenant keys. Cannot print itself."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise HubError("master_key_length", expected=KEY_BYTES, found=len(raw))
        if len(set(raw)) < _MINIMUM_DISTINCT_BYTES:
            raise HubError("master_key_default")
        self._wrapping = AESGCM(_derive(raw, b"kopru/wrap/1"))
        self.fingerprint = hmac.new(_derive(raw, b"kopru/fingerprint/1"), b"master", hashlib.sha256).hexdigest()[:16]
        """Names the key without revealing it: stored beside the wrapped keys, so a wrong key is found at start."""

    def wrap(self, identity: str, key: bytes) -> bytes:
        """The key sealed for `identity` (tenant, generation, purpose)."""
        return seal(self._wrapping, identity, key)

    def unwrap(self, identity: str, wrapped: bytes) -> bytes:
        """The key; HubError `ciphertext_invalid` under another master key or identity."""
        return unseal(self._wrapping, identity, wrapped)

    def __repr__(self) -> str:
        return f"MasterKey({self.fingerprint})"


def _derive(raw: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(raw)


def parse_master_key(text: str) -> MasterKey:
    """A key from its base64 text; HubError names what is wrong, never the text."""
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise HubError("master_key_not_base64") from None
    return MasterKey(raw)


def read_master_key(path: Path) -> MasterKey:
    """The key in a file that only its owner may read."""
    try:
        mode = path.stat().st_mode & 0o077
        text = path.read_text()
    except FileNotFoundError:
        raise HubError("master_key_missing", path=str(path)) from None
    if mode:
        raise HubError("master_key_readable_by_others", path=str(path))
    return parse_master_key(text)


def new_master_text() -> str:
    """A new random key as its file holds it."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n"


def create_master_key(path: Path) -> MasterKey:
    """Write a new random key with mode 0600. An existing file is never replaced: FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(new_master_text())
        file.flush()
        os.fsync(file.fileno())
    return read_master_key(path)
