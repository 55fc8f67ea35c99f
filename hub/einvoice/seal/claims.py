"""What a signature says of its maker, and whether its signed part says the same.

`ds:KeyInfo` is outside of what is signed: whoever passes a document on could put another certificate there. The digest
of the right one is in the signed properties, so everything in `ds:KeyInfo` is measured by that.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hub.einvoice.finding import Finding
from hub.einvoice.names import DS, DSIG11, NAMESPACES, XADES, path_of
from hub.einvoice.seal.algorithms import digest, from_base64, is_sha1
from hub.einvoice.seal.certificates import read_certificates
from hub.einvoice.seal.distinguished import names_the_same
from hub.einvoice.seal.keys import CURVES, point, public_key
from hub.einvoice.seal.reading import Parts, Unreadable, algorithm_of, children, elements
from hub.einvoice.xml import Element, etree
from hub.errors import HubError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import Certificate

_TURKEY = ZoneInfo("Europe/Istanbul")
_ONE_CERTIFICATE = etree.XPath(
    "xades:SignedSignatureProperties/xades:SigningCertificate/xades:Cert[1]", namespaces=NAMESPACES
)
_IN_KEY_INFO = {f"{{{DS}}}KeyValue", f"{{{DS}}}X509Data"}
_IN_X509 = {"X509IssuerSerial", "X509SubjectName", "X509Certificate"}


@dataclass(frozen=True)
class Claims:
    """The signing certificate, its digest and issuer as they were signed, the time the signer claims."""

    certificate: Certificate
    digest_algorithm: str
    digest: bytes | None
    issuer: str | None
    serial: str | None
    signed_at: datetime


def claims_of(parts: Parts) -> Claims:
    """Raises `Unreadable`: `signature_certificate_unread`, `signature_time_unread`, `signature_shape`."""
    signed = _ONE_CERTIFICATE(parts.properties)
    if not signed:
        raise Unreadable("signature_certificate_unsigned", parts.properties)
    digested, issuer_serial = children(signed[0], "CertDigest", "IssuerSerial", namespace=XADES)
    return Claims(
        certificate=_certificate(parts),
        digest_algorithm=algorithm_of(digested, "DigestMethod"),
        digest=from_base64(digested.findtext(f"{{{DS}}}DigestValue")),
        issuer=issuer_serial.findtext(f"{{{DS}}}X509IssuerName"),
        serial=issuer_serial.findtext(f"{{{DS}}}X509SerialNumber"),
        signed_at=_time(parts.properties),
    )


def unbacked(parts: Parts, claims: Claims) -> Iterator[Finding]:
    """Findings for what stands beside the signed part and does not agree with it."""
    from cryptography.hazmat.primitives.serialization import Encoding

    computed = digest(claims.certificate.public_bytes(Encoding.DER), claims.digest_algorithm)
    if computed is None:
        if not is_sha1(claims.digest_algorithm):
            yield Finding("signature_algorithm_unknown", path_of(parts.properties), "error")
    elif claims.digest is None or not hmac.compare_digest(computed, claims.digest):
        yield Finding("signature_certificate_differs", path_of(parts.key_info), "error")
    serial = str(claims.certificate.serial_number)
    if (claims.serial or "").strip() != serial or not names_the_same(claims.issuer, claims.certificate.issuer):
        yield Finding("signature_issuer_differs", path_of(parts.properties), "error")
    for name in parts.key_info.iter(f"{{{DS}}}X509SubjectName"):
        if not names_the_same(name.text, claims.certificate.subject):
            yield Finding("signature_subject_differs", path_of(name), "error")
    for value in parts.key_info.iterfind(f"{{{DS}}}KeyValue"):
        if not _is_key_of(value, claims.certificate):
            yield Finding("signature_key_differs", path_of(value), "error")


def _certificate(parts: Parts) -> Certificate:
    """The first certificate: the signer's own comes before those that certify it."""
    found = elements(parts.key_info)
    if any(element.tag not in _IN_KEY_INFO for element in found):
        raise Unreadable("signature_shape", parts.key_info)
    held = [child for element in found if element.tag == f"{{{DS}}}X509Data" for child in elements(element)]
    if any(child.tag.rpartition("}")[2] not in _IN_X509 for child in held):
        raise Unreadable("signature_shape", parts.key_info)
    contents = [from_base64(child.text) for child in held if child.tag == f"{{{DS}}}X509Certificate"]
    if not contents or None in contents:
        raise Unreadable("signature_certificate_unread", parts.key_info)
    try:
        return next(read_certificates(content)[0] for content in contents if content is not None)
    except HubError:
        raise Unreadable("signature_certificate_unread", parts.key_info) from None


def _is_key_of(value: Element, certificate: Certificate) -> bool:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        key = public_key(certificate)
        return _is_rsa(value, key) if isinstance(key, RSAPublicKey) else _is_on_curve(value, key)
    except (Unreadable, HubError):
        return False


def _is_rsa(value: Element, key: RSAPublicKey) -> bool:
    (rsa,) = children(value, "RSAKeyValue")
    written = [from_base64(each.text) for each in children(rsa, "Modulus", "Exponent")]
    numbers = key.public_numbers()
    return [int.from_bytes(each or b"", "big") for each in written] == [numbers.n, numbers.e]


def _is_on_curve(value: Element, key: EllipticCurvePublicKey) -> bool:
    (elliptic,) = children(value, "ECKeyValue", namespace=DSIG11)
    curve, written = children(elliptic, "NamedCurve", "PublicKey", namespace=DSIG11)
    return curve.get("URI") == f"urn:oid:{CURVES[key.curve.name]}" and from_base64(written.text) == point(key)


def _time(properties: Element) -> datetime:
    text = properties.findtext(f"{{{XADES}}}SignedSignatureProperties/{{{XADES}}}SigningTime") or ""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Unreadable("signature_time_unread", properties) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=_TURKEY)
