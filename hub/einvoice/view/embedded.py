"""The stylesheet that an invoice carries, run where it can do nothing: a process of its own, without files or network.

XSLT can read files, fetch addresses, write files and never end. libxslt is told to refuse the first three, the process
is not able to open anything any more when it starts, and time, memory and output are bounded.
"""

from __future__ import annotations

import base64
import binascii
import subprocess
import sys
from datetime import timedelta

from hub.einvoice.names import NAMESPACES
from hub.einvoice.xml import Element, etree
from hub.errors import HubError

MAX_PAGE_BYTES = 10 * 1024 * 1024
"""Ten times the largest page that GİB's samples make."""
PATIENCE = timedelta(seconds=30)
"""Wall clock; the process limits its own CPU time to less."""

_CARRIED = etree.XPath(
    "cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject", namespaces=NAMESPACES
)


def embedded_stylesheet(invoice: Element) -> bytes:
    """The first attachment that is a stylesheet, by its name or its kind. HubError `view_no_stylesheet`."""
    for carried in _CARRIED(invoice):
        kind = _kind_of(carried)
        if kind == "XSLT" or str(carried.get("filename") or "").lower().endswith((".xslt", ".xsl")):
            try:
                return base64.b64decode("".join((carried.text or "").split()), validate=True)
            except (binascii.Error, ValueError):
                continue
    raise HubError("view_no_stylesheet")


def transformed(stylesheet: bytes, document: bytes) -> bytes:
    """What the stylesheet makes of the document. HubError `view_stylesheet_failed`, `view_too_large`."""
    framed = len(stylesheet).to_bytes(8, "big") + stylesheet + document
    try:
        done = subprocess.run(
            [sys.executable, "-m", "hub.einvoice.view.shut_in"],
            input=framed,
            capture_output=True,
            timeout=PATIENCE.total_seconds(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise HubError("view_stylesheet_failed") from None
    if done.returncode or not done.stdout.strip():
        raise HubError("view_stylesheet_failed")
    if len(done.stdout) > MAX_PAGE_BYTES:
        raise HubError("view_too_large", limit=MAX_PAGE_BYTES // (1024 * 1024))
    return done.stdout


def _kind_of(carried: Element) -> str:
    reference = carried.getparent().getparent()
    return str(reference.xpath("normalize-space(cbc:DocumentType)", namespaces=NAMESPACES)).upper()
