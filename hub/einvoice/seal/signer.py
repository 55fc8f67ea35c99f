"""Who signs: a key with its certificate. A key in a file here, one on a token in `hub.einvoice.seal.token`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from hub.einvoice.seal.certificates import chain_of, read_certificates
from hub.einvoice.seal.keys import require_known, signature_value
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.x509 import Certificate

    from hub.einvoice.seal.keys import PrivateKey


class Signer(Protocol):
    """A seal that signs, one content at a time or many."""

    @property
    def certificate(self) -> Certificate:
        """The certificate of the key that signs."""
        ...

    def sign(self, content: bytes) -> bytes:
        """The value for `ds:SignatureValue`, by the method that `keys.method_for` names for the certificate's key."""
        ...


class KeySigner:
    """Signs with a key in this process's memory."""

    def __init__(self, key: PrivateKey, certificates: Sequence[Certificate]) -> None:
        """`certificates` holds the key's own and, where given, those that certify it; HubError as `chain_of`."""
        self._key = key
        self.chain = chain_of(key.public_key(), certificates)

    def __repr__(self) -> str:
        """Says nothing of the key."""
        return "KeySigner(...)"

    @property
    def certificate(self) -> Certificate:
        """The certificate of the key."""
        return self.chain[0]

    def sign(self, content: bytes) -> bytes:
        """The value for `ds:SignatureValue`."""
        return signature_value(self._key, content)


def key_signer(*, key: bytes, certificates: bytes, password: bytes | None = None) -> KeySigner:
    """A signer from the bytes of a key file (PEM or DER) and of a certificate file.

    Raises HubError `seal_key_unreadable`, `seal_key_password_missing`, `seal_key_password_wrong`, `seal_key_unknown`,
    and what `read_certificates` and `chain_of` raise.
    """
    private = _private_key(key, password)
    require_known(private.public_key())
    return KeySigner(private, read_certificates(certificates))


def _private_key(content: bytes, password: bytes | None) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

    load = load_pem_private_key if b"-----BEGIN" in content else load_der_private_key
    code = "seal_key_password_wrong" if password else "seal_key_unreadable"
    try:
        return load(content, password)
    except TypeError:
        # cryptography's way to say that a password is needed, or that one was given for a key that has none.
        if password is None:
            code = "seal_key_password_missing"
        else:
            return _private_key(content, None)
    except (ValueError, UnsupportedAlgorithm):
        pass
    raise HubError(code)  # outside the handlers: their texts are OpenSSL's
