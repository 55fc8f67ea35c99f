"""A seal for drafts: the rules ask for a signature, and no draft may spend the tenant's own on being looked at.

Made anew in every process, so that nothing signed with it means anything.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from hub.einvoice.seal.sign import sign
from hub.einvoice.seal.signer import KeySigner

if TYPE_CHECKING:
    from hub.einvoice.seal.signer import Signer


def sealed(draft: bytes) -> bytes:
    """The draft with a signature of nobody's."""
    return sign(draft, _nobody(), now=datetime.now(UTC))


@cache
def _nobody() -> Signer:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Taslak")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return KeySigner(key, [certificate])
