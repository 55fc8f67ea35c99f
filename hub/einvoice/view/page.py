"""The page of an invoice: by our own stylesheet, or by the one that the invoice carries.

Ours is what is used unless the other is asked for: a stylesheet inside a document is a program of whoever sent it.
GİB's general stylesheets are not used either, since they come without a licence.
"""

from __future__ import annotations

from pathlib import Path

from hub.einvoice.names import kind_of
from hub.einvoice.view.embedded import embedded_stylesheet, transformed
from hub.einvoice.view.inert import POLICY, inert
from hub.einvoice.view.qr import qr_content, qr_picture
from hub.einvoice.xml import etree, parse
from hub.errors import HubError

_STYLESHEET = Path(__file__).with_name("invoice.xslt")


def page(document: bytes, *, embedded: bool = False) -> bytes:
    """HTML, UTF-8, without scripts, links or anything from elsewhere.

    `embedded` runs the document's own stylesheet, shut in, and strips what it made. Raises HubError as `parse` and
    `kind_of` do, `view_kind` for what is no invoice, `view_no_stylesheet`, `view_stylesheet_failed`, `view_too_large`.
    """
    root = parse(document)
    kind = kind_of(root)
    if kind not in {"invoice", "archive-invoice"}:
        raise HubError("view_kind", kind=kind)
    if embedded:
        return inert(transformed(embedded_stylesheet(root), document))
    transform = etree.XSLT(etree.parse(str(_STYLESHEET)), access_control=etree.XSLTAccessControl.DENY_ALL)
    content = qr_content(root)
    texts = {"qr-content": content, "qr-picture": qr_picture(content), "policy": POLICY}
    return bytes(transform(root, **{name: etree.XSLT.strparam(text) for name, text in texts.items()}))
