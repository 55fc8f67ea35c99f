"""What a signature says it covers, and whether that is still what it was when it was signed."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Any

from hub.einvoice.finding import Finding
from hub.einvoice.names import DS, path_of
from hub.einvoice.seal.algorithms import ENVELOPED, INCLUSIVE_C14N, canonical, digest, from_base64, is_sha1
from hub.einvoice.seal.reading import Parts, Unreadable, algorithm_of
from hub.einvoice.xml import Element, etree

_IDS = etree.XPath("//@Id | //@ID | //@id")


def broken_references(root: Element, parts: Parts) -> Iterator[Finding]:
    """Findings: exactly one reference to the document, one to the signed properties, each with its digest."""
    references = parts.signed_info.findall(f"{{{DS}}}Reference")
    whole = [reference for reference in references if reference.get("URI") == ""]
    signed_properties = f"#{parts.properties.get('Id')}"
    if len(whole) != 1 or [each.get("URI") for each in references].count(signed_properties) != 1:
        yield Finding("signature_references", path_of(parts.signed_info), "error")
        return
    for reference in references:
        code = _broken(root, parts, reference)
        if code:
            yield Finding(code, path_of(reference), "error")


def _broken(root: Element, parts: Parts, reference: Element) -> str | None:
    transforms = [each.get("Algorithm") for each in reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")]
    uri = reference.get("URI")
    if uri == "":
        if transforms != [ENVELOPED]:
            return "signature_transforms"
        return _differs(reference, _without_signature(root, parts.signature), "signature_document_changed")
    if len(transforms) > 1:
        return "signature_transforms"
    targets: list[Any] = [each.getparent() for each in _IDS(root) if uri and uri == f"#{each}"]
    if len(targets) != 1 or parts.signature not in targets[0].iterancestors():
        # Elsewhere, or under an Id that two elements share: what is verified and what is read could differ.
        return "signature_references"
    content = canonical(targets[0], str(transforms[0]) if transforms else INCLUSIVE_C14N)
    return _differs(reference, content, "signature_properties_changed")


def _differs(reference: Element, content: bytes | None, code: str) -> str | None:
    try:
        algorithm = algorithm_of(reference, "DigestMethod")
    except Unreadable:
        return "signature_shape"
    written = from_base64(reference.findtext(f"{{{DS}}}DigestValue"))
    computed = digest(content, algorithm) if content is not None else None
    if computed is None:
        return None if is_sha1(algorithm) else "signature_algorithm_unknown"
    return None if written is not None and hmac.compare_digest(written, computed) else code


def _without_signature(root: Element, signature: Element) -> bytes | None:
    """The canonical form of the document as the enveloped-signature transform leaves it: text around it stays."""
    place = signature.getparent()
    at = place.index(signature)
    kept, kept_text = signature.tail, place.text
    before = signature.getprevious()
    kept_before = None if before is None else before.tail
    place.remove(signature)
    try:
        if kept and before is not None:
            before.tail = (kept_before or "") + kept
        elif kept:
            place.text = (kept_text or "") + kept
        return canonical(root.getroottree())
    finally:
        place.text = kept_text
        if before is not None:
            before.tail = kept_before
        place.insert(at, signature)
        signature.tail = kept
