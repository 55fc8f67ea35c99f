"""Keys of seals and what they sign: RSA, as GİB's skeleton has it, and the curves of newer seals.

Kamu SM issues seals (mali mühür) on P-384 since July 2025 (its announcement of 14 July 2025), beside RSA-2048 before
and again during the change-over: some receivers could not verify the new ones yet.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hub.errors import HubError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.hazmat.primitives.hashes import HashAlgorithm
    from cryptography.x509 import Certificate

    PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey
    PrivateKey: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
CURVES = {"secp256r1": "1.2.840.10045.3.1.7", "secp384r1": "1.3.132.0.34", "secp521r1": "1.3.132.0.35"}
"""Known curves and their object identifiers."""
SHORTEST_RSA = 2048
"""Bits. Kamu SM's seals have that many; shorter keys can be broken, so what they sign proves nothing."""


@dataclass(frozen=True)
class Method:
    """A way to sign, by its name in XML; which hash it takes, and whether it is for curves."""

    algorithm: str
    hashing: str
    elliptic: bool


_METHODS = {
    method.algorithm: method
    for hashing in ("sha256", "sha384", "sha512")
    for method in (
        Method(f"{_MORE}rsa-{hashing}", hashing, elliptic=False),
        Method(f"{_MORE}ecdsa-{hashing}", hashing, elliptic=True),
    )
}


def public_key(certificate: Certificate) -> PublicKey:
    """The certificate's key. HubError `seal_key_unknown`, `seal_certificate_unreadable`."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise HubError("seal_certificate_unreadable") from None
    return require_known(key)


def require_known(key: object) -> PublicKey:
    """The key, if it is RSA of at least 2048 bits or on a known curve. HubError `seal_key_unknown`."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if isinstance(key, RSAPublicKey) and key.key_size >= SHORTEST_RSA:
        return key
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in CURVES:
        return key
    raise HubError("seal_key_unknown")


def method_for(key: PublicKey) -> Method:
    """How a key signs here: RSA with SHA-256, a curve with the hash of its size."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if isinstance(key, RSAPublicKey):
        return _METHODS[f"{_MORE}rsa-sha256"]
    hashing = {"secp256r1": "sha256", "secp384r1": "sha384", "secp521r1": "sha512"}[key.curve.name]
    return _METHODS[f"{_MORE}ecdsa-{hashing}"]


def signature_value(key: PrivateKey, content: bytes) -> bytes:
    """What a key in memory signs, as `ds:SignatureValue` has it: for curves both numbers, one after the other."""
    from cryptography.hazmat.primitives.asymmetric import ec, padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    hashing = _hash(method_for(key.public_key()).hashing)
    if isinstance(key, RSAPrivateKey):
        return key.sign(content, padding.PKCS1v15(), hashing)
    size = _number_bytes(key.key_size)
    numbers = decode_dss_signature(key.sign(content, ec.ECDSA(hashing)))
    return b"".join(number.to_bytes(size, "big") for number in numbers)


def value_holds(key: PublicKey, value: bytes, content: bytes, algorithm: str) -> bool | None:
    """Whether a value is the key's over the content; None for a method that is not known or not for such a key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    method = _METHODS.get(algorithm)
    if method is None or method.elliptic == isinstance(key, RSAPublicKey):
        return None
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(value, content, padding.PKCS1v15(), _hash(method.hashing))
            return True
        size = _number_bytes(key.key_size)
        if len(value) != 2 * size:
            return False
        halves = (int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big"))
        key.verify(encode_dss_signature(*halves), content, ec.ECDSA(_hash(method.hashing)))
    except InvalidSignature:
        return False
    return True


def hashed(content: bytes, method: Method) -> bytes:
    """The content's hash, for tokens that sign nothing else."""
    return hashlib.new(method.hashing, content).digest()


def point(key: EllipticCurvePublicKey) -> bytes:
    """The key on its curve, uncompressed (X9.62)."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _number_bytes(bits: int) -> int:
    return (bits + 7) // 8


def _hash(name: str) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    return {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}[name]()
