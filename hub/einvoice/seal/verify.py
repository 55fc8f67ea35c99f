"""Whether a signature holds, for documents of any maker; alone or in an envelope.

Everything that a signature covers, and everything beside it that a reader would believe (the certificate's name, the
key, the Ids), is compared with what is signed: a byte changed anywhere is found. What cannot be told without the
network, trust and revocation, is not told.

In an envelope `URI=""` would mean the whole envelope, and the envelope's prefixes would leak into every canonical form.
So each document is copied out first, as a document of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from hub.einvoice.finding import Finding
from hub.einvoice.names import enclosed, kind_of, path_of
from hub.einvoice.seal.algorithms import canonical, is_sha1
from hub.einvoice.seal.certificates import identity_of
from hub.einvoice.seal.claims import Claims, claims_of, unbacked
from hub.einvoice.seal.keys import public_key, value_holds
from hub.einvoice.seal.places import identities, signing_party
from hub.einvoice.seal.reading import Parts, Unreadable, parts_of
from hub.einvoice.seal.references import broken_references
from hub.einvoice.xml import Element, etree, parse
from hub.errors import HubError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True)
class Verification:
    """What is known of one document's signature: it `holds` where no finding is an error."""

    path: str
    findings: tuple[Finding, ...]
    certificate: Certificate | None = None
    signed_at: datetime | None = None

    @property
    def holds(self) -> bool:
        """No error."""
        return all(finding.severity != "error" for finding in self.findings)


def verify(document: bytes) -> list[Verification]:
    """One verification a document: several for an envelope. HubError as `parse` and `kind_of`, `envelope_empty`."""
    root = parse(document)
    if kind_of(root) != "envelope":
        return [verify_root(root)]
    inside = enclosed(root)
    if not inside:
        raise HubError("envelope_empty")
    return [_moved(verify_root(_alone(element)), path_of(element)) for element in inside]


def verify_root(root: Element) -> Verification:
    """The verification of the document whose root this is; nothing else may stand around it."""
    path = path_of(root)
    try:
        parts = parts_of(root)
        claims = claims_of(parts)
    except Unreadable as unreadable:
        return Verification(path, (unreadable.finding,))
    findings = [*_weak(parts, claims), *broken_references(root, parts), *_value(parts, claims)]
    findings += [*unbacked(parts, claims), *_time(parts, claims), *_beside(root, parts, claims)]
    return Verification(path, tuple(findings), claims.certificate, claims.signed_at)


def _weak(parts: Parts, claims: Claims) -> Iterator[Finding]:
    if any(is_sha1(algorithm) for algorithm in (*parts.algorithms, claims.digest_algorithm)):
        yield _error("signature_sha1", parts.signature)


def _value(parts: Parts, claims: Claims) -> Iterator[Finding]:
    try:
        key = public_key(claims.certificate)
    except HubError:
        yield _error("signature_key_unknown", parts.signature)
        return
    content = canonical(parts.signed_info, parts.canonicalisation)
    if content is None:
        yield _error("signature_algorithm_unknown", parts.signed_info)
        return
    holds = value_holds(key, parts.value, content, parts.method)
    if holds is None and not is_sha1(parts.method):
        yield _error("signature_algorithm_unknown", parts.signed_info)
    if holds is False:
        yield _error("signature_value_wrong", parts.signed_info)


def _time(parts: Parts, claims: Claims) -> Iterator[Finding]:
    certificate = claims.certificate
    if not certificate.not_valid_before_utc <= claims.signed_at <= certificate.not_valid_after_utc:
        yield _error("signature_certificate_out_of_time", parts.signature)


def _beside(root: Element, parts: Parts, claims: Claims) -> Iterator[Finding]:
    """What does not break the signature, and should be known."""
    named = identity_of(claims.certificate)
    party = signing_party(root)
    known = identities(party) if party is not None else []
    if named is None or not known:
        yield Finding("signature_identity_unread", path_of(root), "warning")
    elif named not in known:
        yield Finding("signature_identity_differs", path_of(root), "warning")
    comments = len(list(root.getroottree().xpath("//comment()")))
    if comments:
        yield Finding("signature_comments", path_of(root), "warning", {"count": str(comments)})
    if parts.unsigned is not None:
        yield Finding("signature_unsigned_properties", path_of(parts.unsigned), "warning")


def _alone(element: Element) -> Element:
    copied = deepcopy(element)
    copied.tail = None
    return etree.ElementTree(copied).getroot()


def _moved(verification: Verification, path: str) -> Verification:
    """Paths as they are in the envelope."""
    here = verification.path
    findings = tuple(replace(finding, path=path + finding.path.removeprefix(here)) for finding in verification.findings)
    return replace(verification, path=path, findings=findings)


def _error(code: str, element: Element) -> Finding:
    return Finding(code, path_of(element), "error")
