"""The signature's own XML, in the order and with the fields of GİB's skeleton (Ek-3, Nesne Yapısı).

Texts of the certificate are the only ones that come from outside; they are escaped. The digest of the document goes in
at once, the other two values are filled in where they have been computed, with the element in its place.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from hub.einvoice.names import DS, DSIG11, XADES
from hub.einvoice.seal.algorithms import ENVELOPED, INCLUSIVE_C14N, SHA256, SIGNED_PROPERTIES, to_base64
from hub.einvoice.seal.distinguished import written
from hub.einvoice.seal.keys import CURVES, method_for, point, public_key
from hub.einvoice.seal.places import properties_of

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import Certificate

    from hub.einvoice.seal.keys import PublicKey

ROLE = "Tedarikçi"
"""Supplier: what issuers claim in practice."""
_TURKEY = ZoneInfo("Europe/Istanbul")


@dataclass(frozen=True)
class _Sealed:
    """What every signature of one certificate has in common, as XML."""

    method: str
    key_info: str
    signing_certificate: str


def signature_xml(*, reference: str, digest: bytes, certificate: Certificate, moment: datetime) -> str:
    """`ds:Signature` with empty `ds:DigestValue` for the properties and an empty `ds:SignatureValue`."""
    sealed = _sealed(certificate)
    time = moment.astimezone(_TURKEY).isoformat(timespec="seconds")
    return (
        f'<ds:Signature xmlns:ds="{DS}" xmlns:xades="{XADES}" Id="{reference}">'
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{INCLUSIVE_C14N}"/>'
        f'<ds:SignatureMethod Algorithm="{sealed.method}"/>'
        f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{ENVELOPED}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>{to_base64(digest)}</ds:DigestValue></ds:Reference>'
        f'<ds:Reference URI="#{properties_of(reference)}" Type="{SIGNED_PROPERTIES}">'
        f'<ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>'
        f"<ds:SignatureValue/>{sealed.key_info}"
        f'<ds:Object><xades:QualifyingProperties Target="#{reference}">'
        f'<xades:SignedProperties Id="{properties_of(reference)}"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{time}</xades:SigningTime>{sealed.signing_certificate}"
        f"<xades:SignerRole><xades:ClaimedRoles><xades:ClaimedRole>{ROLE}</xades:ClaimedRole></xades:ClaimedRoles>"
        f"</xades:SignerRole></xades:SignedSignatureProperties></xades:SignedProperties>"
        f"</xades:QualifyingProperties></ds:Object></ds:Signature>"
    )


@lru_cache(maxsize=64)
def _sealed(certificate: Certificate) -> _Sealed:
    from cryptography.hazmat.primitives.serialization import Encoding

    key = public_key(certificate)
    content = certificate.public_bytes(Encoding.DER)
    return _Sealed(
        method=method_for(key).algorithm,
        key_info=(
            f"<ds:KeyInfo><ds:KeyValue>{_key_value(key)}</ds:KeyValue>"
            f"<ds:X509Data><ds:X509SubjectName>{escape(written(certificate.subject))}</ds:X509SubjectName>"
            f"<ds:X509Certificate>{to_base64(content)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        ),
        signing_certificate=(
            f'<xades:SigningCertificate><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="{SHA256}"/>'
            f"<ds:DigestValue>{to_base64(hashlib.sha256(content).digest())}</ds:DigestValue></xades:CertDigest>"
            f"<xades:IssuerSerial><ds:X509IssuerName>{escape(written(certificate.issuer))}</ds:X509IssuerName>"
            f"<ds:X509SerialNumber>{certificate.serial_number}</ds:X509SerialNumber></xades:IssuerSerial>"
            f"</xades:Cert></xades:SigningCertificate>"
        ),
    )


def _key_value(key: PublicKey) -> str:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        modulus, exponent = _number(numbers.n), _number(numbers.e)
        return (
            f"<ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus><ds:Exponent>{exponent}</ds:Exponent></ds:RSAKeyValue>"
        )
    return (
        f'<dsig11:ECKeyValue xmlns:dsig11="{DSIG11}"><dsig11:NamedCurve URI="urn:oid:{CURVES[key.curve.name]}"/>'
        f"<dsig11:PublicKey>{to_base64(point(key))}</dsig11:PublicKey></dsig11:ECKeyValue>"
    )


def _number(number: int) -> str:
    """`ds:CryptoBinary`: big-endian, without leading zeros."""
    return to_base64(number.to_bytes((number.bit_length() + 7) // 8, "big"))
