"""HTML of strangers made harmless: what is known to be harmless stays, all else goes.

Pages are opened with a double click, from disk, where a script could read and send what it likes. The policy in the
page forbids that once more, for browsers that see something here that we do not.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from hub.einvoice.xml import Element

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"

_html: Any = import_module("lxml.html")
_ELEMENTS = (
    "html head title style body div span p br hr table thead tbody tfoot tr td th colgroup col caption h1 "
    "h2 h3 h4 h5 h6 ul ol li dl dt dd b strong i em u s small sup sub font center img pre blockquote "
    "fieldset legend label"
)
_ATTRIBUTES = (
    "style class id align valign width height border cellpadding cellspacing colspan rowspan bgcolor "
    "color face size alt title nowrap lang dir src"
)
_WITH_CONTENT = (
    "script noscript iframe frame frameset object embed applet template svg math audio video canvas "
    "select textarea noembed noframes xmp plaintext"
)
"""Elements whose content goes with them; of others the text stays."""
_KNOWN, _ALLOWED, _DROPPED = (frozenset(words.split()) for words in (_ELEMENTS, _ATTRIBUTES, _WITH_CONTENT))


def inert(content: bytes) -> bytes:
    """The page with only known elements and attributes, pictures from inside it alone, and the policy on top."""
    root = _html.document_fromstring(content, parser=_html.HTMLParser(encoding="utf-8", huge_tree=False))
    for element in list(root.iter()):
        _clean(element)
    head = root.find("head")
    if head is None:
        head = _html.Element("head")
        root.insert(0, head)
    head.insert(0, _html.Element("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}))
    head.insert(0, _html.Element("meta", {"charset": "utf-8"}))
    return _html.tostring(root, encoding="utf-8", doctype="<!DOCTYPE html>")


def _clean(element: Element) -> None:
    tag = element.tag
    if not isinstance(tag, str) or tag in _DROPPED:
        element.drop_tree()
        return
    if tag not in _KNOWN:
        element.drop_tag()
        return
    for name, value in list(element.attrib.items()):
        if name not in _ALLOWED or (name == "src" and not _is_picture(value)):
            del element.attrib[name]


def _is_picture(address: str) -> bool:
    return address.strip().lower().startswith(("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/bmp"))
