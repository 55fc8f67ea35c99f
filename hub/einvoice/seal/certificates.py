"""Seal certificates: read from files, matched with a key, judged for a moment and a taxpayer.

Whether Kamu SM issued one, and whether it was revoked, cannot be told without the network: that stays with the reader.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from hub.einvoice.seal.keys import public_key
from hub.errors import HubError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from hub.einvoice.seal.keys import PublicKey

# Turkish companies have names longer than the 64 letters that X.520 allows; their certificates are read all the same.
warnings.filterwarnings("ignore", message="Attribute's length must be", category=UserWarning)

_IDENTITY = re.compile(r"(?:[A-Z]{2,5}[-: ]?)?(\d{10,11})")
"""A tax or identity number, also after a prefix such as `VKN`, `TCKN-` or `PNOTR-` (ETSI EN 319 412-1)."""


@lru_cache(maxsize=128)
def read_certificates(content: bytes) -> tuple[Certificate, ...]:
    """The certificates of a PEM file, or the one of a DER file. HubError `seal_certificate_unreadable`.

    Remembered, since an issuer's documents all carry the same one.
    """
    from cryptography import x509

    pem = b"-----BEGIN" in content
    try:
        read = x509.load_pem_x509_certificates(content) if pem else [x509.load_der_x509_certificate(content)]
        for certificate in read:
            _require_readable(certificate)
    except (ValueError, x509.InvalidVersion):
        raise HubError("seal_certificate_unreadable") from None
    return tuple(read)


def chain_of(key: PublicKey, certificates: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """The key's certificate first, then those that certify it, as far as they are given.

    Raises HubError `seal_key_mismatch` where no certificate is the key's, `seal_chain_broken` where one of the others
    certifies nothing.
    """
    own = [each for each in certificates if _is_of(each, key)]
    if not own:
        raise HubError("seal_key_mismatch")
    chain = [own[0]]
    rest = [each for each in certificates if each not in own]
    while rest:
        issuer = next((each for each in rest if _certifies(each, chain[-1])), None)
        if issuer is None:
            raise HubError("seal_chain_broken")
        chain.append(issuer)
        rest.remove(issuer)
    return tuple(chain)


def require_valid(certificate: Certificate, *, at: datetime) -> None:
    """Raises HubError `seal_certificate_expired` or `seal_certificate_not_yet_valid` for the moment."""
    if at > certificate.not_valid_after_utc:
        raise HubError("seal_certificate_expired", day=certificate.not_valid_after_utc.date().isoformat())
    if at < certificate.not_valid_before_utc:
        raise HubError("seal_certificate_not_yet_valid", day=certificate.not_valid_before_utc.date().isoformat())


def identity_of(certificate: Certificate) -> str | None:
    """The VKN or TCKN in the subject's serial number; None where it cannot be read."""
    from cryptography.x509.oid import NameOID

    for attribute in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER):
        found = _IDENTITY.fullmatch(str(attribute.value).strip())
        if found:
            return found[1]
    return None


def _require_readable(certificate: Certificate) -> None:
    """ValueError for what would only be found out later: cryptography reads each part when it is asked for."""
    _ = certificate.subject, certificate.issuer
    if certificate.serial_number <= 0:
        raise ValueError("RFC 5280 has positive numbers only")
    _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc


def _is_of(certificate: Certificate, key: PublicKey) -> bool:
    try:
        return public_key(certificate) == key
    except HubError:
        return False


def _certifies(issuer: Certificate, certificate: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
