"""Throwaway seals: keys, certificates and chains as Kamu SM would issue them, made in a moment and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
VKN = "1234567808"


@dataclass(frozen=True)
class Seal:
    """A key with its certificate."""

    key: RSAPrivateKey | EllipticCurvePrivateKey
    certificate: x509.Certificate

    def key_file(self, password: bytes | None = None) -> bytes:
        """The key as PEM, with a password or without."""
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    def certificate_file(self, *others: Seal) -> bytes:
        """The certificate as PEM, with others before it."""
        return b"".join(each.certificate.public_bytes(Encoding.PEM) for each in (*others, self))


def make_seal(
    *,
    name: str = "Deneme Satıcı A.Ş.",
    identity: str | None = VKN,
    issuer: Seal | None = None,
    start: datetime = NOW - timedelta(days=30),
    end: datetime = NOW + timedelta(days=300),
    curve: EllipticCurve | None = None,
) -> Seal:
    """A seal, self-signed unless another issues it; it may issue others. RSA-2048 unless a curve is given."""
    key = elliptic_key(curve) if curve else generate_private_key(65537, 2048)
    numbers = [x509.NameAttribute(NameOID.SERIAL_NUMBER, identity)] if identity else []
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "TR"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            *numbers,
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return Seal(key, certificate)
